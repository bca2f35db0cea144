"""The smallest change of a row that the model does not flag. Whatever is given was scored by the model."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.explanations.candidates import (
    Variants,
    steps_between,
    typical_value,
    usual_values,
)
from anomaly_detection.domain.detector import Matrix
from anomaly_detection.domain.explanations.counterfactual import Bound, Change, Counterfactual
from anomaly_detection.domain.explanations.neighbours import Space
from anomaly_detection.domain.fitted_model import FittedModel
from anomaly_detection.domain.severity import FLAGGED

MOST_COLUMNS = 20  # tried alone
TOGETHER = 6  # of which up to three are tried together
MOST_TOGETHER = 3
MOST_CHECKED = 5  # of the changes of several columns: scored alone, the smallest first


@dataclass(frozen=True, slots=True)
class Tried:
    """Variants of a row, with the model's scores and how far each lies from the row."""

    frame: pl.DataFrame
    scores: NDArray[np.float64]
    distances: NDArray[np.float64]

    @property
    def is_usual(self) -> NDArray[np.bool_]:
        return self.scores < FLAGGED


@dataclass(frozen=True, slots=True)
class FindCounterfactual:
    """For one row of ``model``'s; ``usual`` are rows that are not flagged, ``near`` those of them that resemble it."""

    model: FittedModel
    space: Space
    row: pl.DataFrame
    at: Matrix  # where the row is
    usual: pl.DataFrame
    near: pl.DataFrame

    def __call__(self, odd: Sequence[str], others: Sequence[str]) -> Counterfactual | None:
        """A change of one of the ``odd`` columns, else of one of the others, else of two or three together; of the table,
        each list with what contributes most first.

        None where the row is not flagged, scored alone, and where none of these helps.
        """
        if not len(self.usual) or self.model.scores(self.row)[0] < FLAGGED:
            return None
        tried: dict[str, Tried] = {}
        for columns in (odd[:MOST_COLUMNS], others[: MOST_COLUMNS - len(odd[:MOST_COLUMNS])]):
            alone = {column: self._alone(column) for column in columns}
            found = self._nearest(each for column in alone for each in self._changed(column, alone[column]))
            if found is not None:
                return found
            tried |= alone
        best = sorted(tried, key=lambda column: float(tried[column].scores.min(initial=1.0)))
        return self._nearest(self._together(best[:TOGETHER]))

    def _nearest(self, found: Iterable[Counterfactual]) -> Counterfactual | None:
        nearest_first = sorted(found, key=lambda each: each.distance)
        return next((each for each in nearest_first if self._holds(each)), None)

    def _holds(self, found: Counterfactual) -> bool:
        """Scored alone, too: sums of a row differ in their last digits from those within a batch."""
        changed = self.row.with_columns(
            pl.Series(change.column, [change.after], dtype=self.row.schema[change.column])
            for change in found.changes
        )
        return bool(self.model.scores(changed)[0] < FLAGGED)

    def _tried(self, frame: pl.DataFrame) -> Tried:
        if not len(frame):
            return Tried(frame, np.empty(0), np.empty(0))
        prepared = self.model.prepared(frame)
        scores = self.model.calibration.calibrated(self.model.detector.score(prepared))
        moved = self.space.placed(prepared) - self.at
        return Tried(frame, scores, np.sqrt((moved**2).sum(axis=1)))

    def _alone(self, column: str) -> Tried:
        values = usual_values(self.usual[column], self.near[column])
        return self._tried(Variants(self.row).of_column(column, values))

    def _changed(self, column: str, tried: Tried) -> Iterator[Counterfactual]:
        """The smallest change of the column; none where no value helps."""
        if not tried.is_usual.any():
            return
        before, median = self.row[column][0], typical_value(self.usual[column])[0]
        if tried.frame[column].dtype.is_numeric() and _is_number(before) and before != median:
            bounded = self._bounded(column, tried, before=before, median=median)
            if bounded is not None:
                yield bounded
                return
        best = int(np.where(tried.is_usual, tried.distances, np.inf).argmin())
        yield self._counterfactual((column,), tried, best)

    def _bounded(self, column: str, tried: Tried, *, before: Any, median: Any) -> Counterfactual | None:
        """The value nearest to the row's own from which on to the median none flags it."""
        values = tried.frame[column].to_numpy()
        low, high = min(before, median), max(before, median)
        towards = np.flatnonzero((values >= low) & (values <= high) & (values != before))
        from_median = towards[np.argsort(np.abs(values[towards] - median), kind="stable")]
        reached = _leading(tried.is_usual[from_median])
        if reached == 0:
            return None
        best, bound = int(from_median[reached - 1]), Bound.AT_MOST if before > median else Bound.AT_LEAST
        beyond = values[from_median[reached]] if reached < len(from_median) else before
        steps = steps_between(float(values[best]), float(beyond), tried.frame[column].dtype)
        finer = self._tried(Variants(self.row).of_column(column, steps))
        further = _leading(finer.is_usual)
        if further:
            return self._counterfactual((column,), finer, further - 1, bound=bound)
        return self._counterfactual((column,), tried, best, bound=bound)

    def _together(self, columns: Sequence[str]) -> list[Counterfactual]:
        """As few columns as help, with the values that a near row has, or the typical ones."""
        typical = pl.DataFrame([typical_value(self.usual[column]).alias(column) for column in columns])
        donors, variants = pl.concat([self.near.select(columns), typical]), Variants(self.row)
        for count in range(2, min(MOST_TOGETHER, len(columns)) + 1):
            chosen = list(combinations(columns, count))
            tried = self._tried(pl.concat([variants.of_columns(each, donors) for each in chosen]))
            helping = np.flatnonzero(tried.is_usual)
            if len(helping):
                best = helping[np.argsort(tried.distances[helping], kind="stable")[:MOST_CHECKED]]
                return [self._counterfactual(chosen[i // len(donors)], tried, int(i)) for i in best]
        return []

    def _counterfactual(
        self, columns: Sequence[str], tried: Tried, index: int, *, bound: Bound = Bound.EXACTLY
    ) -> Counterfactual:
        changes = tuple(
            Change(column, self.row[column][0], tried.frame[column][index], bound) for column in columns
        )
        return Counterfactual(changes, float(tried.scores[index]), float(tried.distances[index]))


def _leading(flags: NDArray[np.bool_]) -> int:
    """How many of the first ones are true."""
    return len(flags) if flags.all() else int(np.argmin(flags))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and value == value and abs(value) != float("inf")
