"""Everything that is not data: notes, warnings, errors and progress, on standard error."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.presentation.progress import STEADY, Pace, ProgressWatch
from core.presentation.terminal import in_colour, is_terminal, printable

RED, YELLOW, PLAIN = "\x1b[1;31m", "\x1b[33m", "\x1b[0m"


class Console:
    """``quiet`` silences all but errors; ``colour`` False forbids colour, True leaves it to the terminal."""

    def __init__(self, *, quiet: bool = False, colour: bool = True, pace: Pace = STEADY) -> None:
        self._quiet, self._pace = quiet, pace
        self._colour = in_colour(sys.stderr, wanted=colour)
        self._watch: ProgressWatch | None = None

    def note(self, text: str) -> None:
        """What was decided or done, or what could be done next."""
        if not self._quiet:
            self._print(printable(text))

    def warning(self, text: str) -> None:
        """What may be wrong with the result."""
        if not self._quiet:
            self._print(self._labelled("warning:", YELLOW) + printable(text))

    def error(self, text: str) -> None:
        """Why there is no result; never silenced."""
        self._print(self._labelled("error:", RED) + printable(text))

    def text(self, text: str) -> None:
        """Lines of our own as they are, such as help; never silenced."""
        self._print(text)

    @contextmanager
    def progress(
        self, label: str, *, total: int | None = None, unit: str = "rows"
    ) -> Iterator[Callable[[int], None]]:
        """Give a function that takes how many more are done; work inside work is not shown again.

        A bar on a terminal once a second has passed, elsewhere a line every 30 seconds.
        """
        if self._quiet or self._watch or sys.stderr is None:
            yield lambda done: None
            return
        self._watch = ProgressWatch(label, total, unit, pace=self._pace, colour=self._colour)
        try:
            with self._watch.shown(as_bar=is_terminal(sys.stderr)) as advance:
                yield advance
        finally:
            self._watch = None

    def _labelled(self, label: str, colour: str) -> str:
        return f"{colour}{label}{PLAIN} " if self._colour else f"{label} "

    def _print(self, line: str) -> None:
        bar = self._watch.bar if self._watch else None
        if bar is not None:
            from rich.text import Text

            bar.console.print(Text.from_ansi(line), soft_wrap=True)
        elif sys.stderr is not None:
            try:
                print(line, file=sys.stderr, flush=True)  # noqa: T201 - standard error is what this is for
            except OSError:  # nobody listens any more; the exit code still tells
                sys.stderr = None  # as Python does where it comes closed
