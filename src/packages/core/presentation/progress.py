"""How far slow work has come, on standard error."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

SECONDS_BETWEEN_FRAMES = 0.1


@dataclass(frozen=True, slots=True)
class Pace:
    """When progress is worth showing: seconds until the bar on a terminal, between lines elsewhere."""

    until_bar: float = 1.0
    between_lines: float = 30.0


STEADY = Pace()


class ProgressWatch:
    """Shows one piece of work from a thread of its own, so that work which reports seldom is shown as well.

    ``total`` is None where nobody knows how much there is.
    """

    def __init__(self, label: str, total: int | None, unit: str, *, pace: Pace, colour: bool) -> None:
        self._label, self._total, self._unit, self._colour = label, total, unit, colour
        self._pace = pace
        self._done = 0
        self._started = time.monotonic()
        self._over = threading.Event()
        self.bar: Progress | None = None

    def advance(self, done: int) -> None:
        """So many more are done."""
        self._done += done

    @contextmanager
    def shown(self, *, as_bar: bool) -> Iterator[Callable[[int], None]]:
        """Shown while the block runs, if that takes long enough; gives ``advance``."""
        watch = threading.Thread(target=self._draw_bar if as_bar else self._print_lines, daemon=True)
        watch.start()
        try:
            yield self.advance
        finally:
            self._over.set()
            watch.join()

    def line(self) -> str:
        """``Scoring: 1,200,000 of 4,000,000 rows (30 %), 31 s``."""
        seconds = f"{time.monotonic() - self._started:,.0f} s"
        if self._total:
            share = f"({100 * self._done / self._total:.0f} %)"
            return f"{self._label}: {self._done:,} of {self._total:,} {self._unit} {share}, {seconds}"
        return (
            f"{self._label}: {self._done:,} {self._unit}, {seconds}"
            if self._done
            else f"{self._label}: {seconds}"
        )

    def _print_lines(self) -> None:
        while not self._over.wait(self._pace.between_lines):
            print(self.line(), file=sys.stderr, flush=True)  # noqa: T201 - standard error is what this is for

    def _draw_bar(self) -> None:
        if self._over.wait(self._pace.until_bar):
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, color_system="auto" if self._colour else None, highlight=False)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(self.line(), total=self._total)
            self.bar = bar
            while not self._over.wait(SECONDS_BETWEEN_FRAMES):
                bar.update(task, completed=self._done, description=self._counted())
            self.bar = None

    def _counted(self) -> str:
        of = f"of {self._total:,} " if self._total else ""
        return f"{self._label} {self._done:,} {of}{self._unit}" if self._done or of else self._label
