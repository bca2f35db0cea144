"""How a model does on parts of the labelled rows: those with one value of a column."""

from collections.abc import Sequence
from dataclasses import InitVar, dataclass, field

import numpy as np
import polars as pl

from machine_learning.domain.evaluation import share
from machine_learning.domain.ranking import Labels

MOST_VALUES = 20  # of a column; one with more has too few rows of each
MOST_SEGMENTS = 10
LONGEST_VALUE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """The rows whose ``column`` holds ``value``; None: nothing. ``found`` anomalies are among the ``flagged`` rows."""

    column: str
    value: str | None
    rows: int
    anomalies: int
    flagged: int
    found: int

    @property
    def precision(self) -> float | None:
        """None where nothing is flagged."""
        return self.found / self.flagged if self.flagged else None

    @property
    def recall(self) -> float | None:
        """None where there is nothing to find."""
        return self.found / self.anomalies if self.anomalies else None

    @property
    def f1(self) -> float:
        return share(2 * self.found, self.flagged + self.anomalies)


@dataclass(slots=True)
class SegmentCounts:
    """Of the given columns, in as many batches as it takes."""

    columns: InitVar[Sequence[str]]
    counts: dict[str, dict[str | None, list[int]]] = field(init=False)

    def __post_init__(self, columns: Sequence[str]) -> None:
        self.counts = {column: {} for column in columns}

    def add(self, frame: pl.DataFrame, *, flagged: Labels, labels: Labels) -> None:
        """A flag and the truth for each row of the frame."""
        outcomes = {
            "rows": np.ones_like(labels),
            "anomalies": labels,
            "flagged": flagged,
            "found": labels & flagged,
        }
        for column in [name for name in self.counts if name in frame.columns]:
            values = pl.DataFrame({"value": frame[column].cast(pl.String, strict=False)})
            sums = values.with_columns(**outcomes).group_by("value").sum()
            counts = self.counts[column]
            for value, *found in sums.head(MOST_VALUES + 1).iter_rows():
                counts[value] = [a + b for a, b in zip(counts.get(value, [0] * 4), found, strict=True)]
            if len(counts) > MOST_VALUES:
                del self.counts[column]

    def worst(self) -> tuple[Segment, ...]:
        """Up to ten, the lowest F1 first and of equals the one with more anomalies and alarms; a part without either tells
        nothing, nor does a column of one value."""
        segments = [
            Segment(
                column=column,
                value=None if value is None else value[:LONGEST_VALUE],
                rows=rows,
                anomalies=anomalies,
                flagged=flagged,
                found=found,
            )
            for column, counts in self.counts.items()
            if len(counts) > 1
            for value, (rows, anomalies, flagged, found) in counts.items()
            if anomalies or flagged
        ]
        segments.sort(key=lambda one: (one.f1, -one.anomalies - one.flagged, one.column, one.value or ""))
        return tuple(segments[:MOST_SEGMENTS])
