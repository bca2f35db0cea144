"""A run's rows from some score on, and with some values: what analysts go through."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.runs.anomaly_rows import scored_rows
from anomaly_detection.application.runs.choose_threshold import present_rate
from anomaly_detection.application.runs.finished_runs import FinishedRuns
from anomaly_detection.application.runs.look_at_result import CountScores
from anomaly_detection.application.runs.ports import AnomalyFilter, AnomalyQueries, ResultColumns, ScoredRow
from anomaly_detection.application.runs.recut_result import RecutResult
from anomaly_detection.domain.explanations.choice import NoSuchValue, having
from anomaly_detection.domain.runs.cut import rarity_between
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.domain.severity import FLAGGED
from core.domain.page import InvalidCursor, Page
from data_platform.api import BATCH_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsWanted:
    """Rows that score at least ``score_gte`` and have, in each of the columns, one of its values: texts as
    ``domain.explanations.choice`` reads them."""

    score_gte: float
    having: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class FindRows:
    """``open`` opens a result file for reading single columns."""

    anomalies: AnomalyQueries
    finished: FinishedRuns
    count: CountScores
    open: Callable[[Path], ResultColumns]

    def __call__(
        self, run: Run, wanted: RowsWanted, *, sort: str, limit: int, cursor: str | None
    ) -> Page[ScoredRow]:
        """Each with its reason, and with the number of all such rows. Without values the highest scores end with the rows that
        are stored: all that are flagged, and at least 1,000. ``sort`` is score, row, or one of them with a minus.

        Raises InvalidCursor, NoSuchValue, ResultLost."""
        if wanted.having or (sort != "-score" and wanted.score_gte < FLAGGED):
            page = self._by_value(run, wanted, sort=sort, limit=limit, cursor=cursor)
        else:
            above = AnomalyFilter(score_gte=wanted.score_gte)
            page = self.anomalies.anomalies(run, above, sort=sort, limit=limit, cursor=cursor)
            page = replace(page, total=self.count.of(run).at_least(wanted.score_gte))
        return page.of(self._explained(run, page.items))

    def chosen(self, run: Run, wanted: RowsWanted) -> "ChosenRows":
        """All of them, as a table. Raises NoSuchValue, ResultLost."""
        return ChosenRows(self.finished.recut(run), self._mask(run, wanted)[0])

    def _by_value(
        self, run: Run, wanted: RowsWanted, *, sort: str, limit: int, cursor: str | None
    ) -> Page[ScoredRow]:
        first = _place(cursor)
        mask, rarities = self._mask(run, wanted)
        numbers = np.flatnonzero(mask)
        if sort.endswith("score"):
            numbers = numbers[np.argsort(rarities[numbers], kind="stable")]
        if sort in ("score", "-row"):
            numbers = numbers[::-1]
        shown = numbers[first : first + limit].tolist()
        stored = {row.row: row for row in self.anomalies.these(run, shown)}
        stored |= self.these(run, [row for row in shown if row not in stored])
        following = str(first + limit) if len(numbers) > first + limit else None
        return Page(tuple(stored[row] for row in shown), following, len(numbers))

    def _mask(self, run: Run, wanted: RowsWanted) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which rows of the file are meant, and the tail probabilities of all."""
        result = self.open(self.finished.path(run))
        rarities = result.shares()
        upto = rarity_between(present_rate(run), lowest=wanted.score_gte, highest=None).upto or 0.0
        mask = rarities <= upto
        for column, texts in wanted.having.items():
            if column not in result.columns:
                raise NoSuchValue(f"There is no column {column[:100]!r}.", fix="Take the filter away.")
            values = result.column(column)
            mask &= np.logical_or.reduce([having(values, text) for text in texts])
        return mask, rarities

    def _explained(self, run: Run, rows: Sequence[ScoredRow]) -> list[ScoredRow]:
        """A later threshold may have flagged rows without giving reasons."""
        found = self.these(run, [row.row for row in rows if not row.reason])
        return [replace(found[row.row], verdict=row.verdict) if row.row in found else row for row in rows]

    def these(self, run: Run, numbers: Sequence[int]) -> dict[int, ScoredRow]:
        """Those rows, flagged or not, each with its reason. Raises ResultLost."""
        if not numbers:
            return {}
        rate, cut_offs = present_rate(run), run.cut_offs
        verdicts = {row: verdict for row in numbers if (verdict := self.anomalies.verdict(run, row))}
        parts = self.finished.rows(run)(numbers, explain=numbers)
        return {
            row.row: row for part in parts for row in scored_rows(part, rate, cut_offs, verdicts=verdicts)
        }


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """A ``Table``: some rows of another one."""

    table: RecutResult
    mask: NDArray[np.bool_]
    name: str = "result"
    notes: tuple[str, ...] = ()

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        return self.table.schema

    def row_count(self) -> int | None:
        return int(self.mask.sum())

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        first = 0
        for frame in self.table.batches(columns=columns, rows=rows):
            yield frame.filter(pl.Series(self.mask[first : first + len(frame)]))
            first += len(frame)


def _place(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isdecimal() and len(cursor) < 16):
        raise InvalidCursor("It is of another list.", fix="Leave it out to start from the first page.")
    return int(cursor)
