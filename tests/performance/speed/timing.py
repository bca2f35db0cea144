"""Timing two things fairly: turn by turn in one process, medians, ratios."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

REPEATS = 5
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what was done, and the median seconds of ours and of the peer (None: has none)."""

    what: str
    peer: str
    ours: float
    theirs: float | None
    target: float | None  # the ratio asked for
    remark: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.theirs is None else self.theirs / self.ours


def side_by_side(
    what: str,
    *,
    ours: Callable[[], object],
    peer: str,
    theirs: Callable[[], object],
    target: float | None,
    repeats: int = REPEATS,
    clock: Clock = time.process_time,
) -> Row:
    """Medians of ``repeats`` runs each, in turns, after one unmeasured run of ours (which compiles).

    Processor time, which other people's load does not lengthen; ``perf_counter`` where several threads work.
    """
    ours()
    mine, others = [], []
    for _ in range(repeats):
        mine.append(seconds(ours, clock))
        others.append(seconds(theirs, clock))
    return Row(what, peer, statistics.median(mine), statistics.median(others), target)


def seconds(work: Callable[[], object], clock: Clock = time.perf_counter) -> float:
    start = clock()
    work()
    return clock() - start


def per_call(work: Callable[[], object], calls: int) -> Callable[[], object]:
    """``work`` so often that a clock can see it; divide the seconds by ``calls``."""

    def many() -> None:
        for _ in range(calls):
            work()

    return many


def table(rows: list[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| what | peer | ours | peer's | times faster | target | remark |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        theirs = "-" if row.theirs is None else duration(row.theirs)
        ratio = "-" if row.ratio is None else f"{row.ratio:.1f}"
        target = "-" if row.target is None else f"{row.target:g}"
        lines.append(
            f"| {row.what} | {row.peer} | {duration(row.ours)} | {theirs} | {ratio} | {target} | {row.remark} |"
        )
    return "\n".join(lines)


def duration(value: float) -> str:
    if value < 1e-3:
        return f"{value * 1e6:.1f} us"
    return f"{value * 1e3:.1f} ms" if value < 1 else f"{value:.2f} s"
