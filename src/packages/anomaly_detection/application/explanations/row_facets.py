"""Which values are over-represented among a run's flagged rows."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.explanations.ports import OpenResult, ResultRows
from anomaly_detection.application.kept import Kept
from anomaly_detection.application.runs.reading import FinishedRun, RunReader
from anomaly_detection.domain.explanations.lift import Facet, facets, highest_lift
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.cut import rarity_between
from anomaly_detection.domain.severity import FLAGGED
from core.domain.errors import NotFound
from core.domain.ids import TenantId
from core.domain.suggestion import did_you_mean

MOST_COLUMNS = 40  # looked at where none is named, those of the model first
SHOWN_COLUMNS = 5
MOST_VALUES = 20


class NoSuchColumn(NotFound):
    title = "The run has no such column to count"


@dataclass(frozen=True, slots=True)
class ColumnFacets:
    column: str
    facets: tuple[Facet, ...]


@dataclass(frozen=True, slots=True)
class RunFacets:
    """``columns``: the one with the highest lift first."""

    rows: int
    flagged: int
    columns: tuple[ColumnFacets, ...]


@dataclass(frozen=True, slots=True)
class CountFacets:
    runs: RunReader
    open: OpenResult
    kept: Kept[RunFacets] = field(default_factory=lambda: Kept(64))

    def __call__(
        self, tenant_id: TenantId, run_id: RunId, *, column: str | None, score_gte: float = FLAGGED
    ) -> RunFacets:
        """Of the five columns with the highest lift, or of the one named; ``score_gte`` instead of the threshold says which
        rows are looked at. Raises RunNotFound, RunNotFinished, ResultLost, NoSuchColumn."""
        run = self.runs.finished(tenant_id, run_id)
        key = (run.result, run.alert_rate, column, score_gte)
        return self.kept.get(key, lambda: self._counted(run, column, score_gte))

    def _counted(self, run: FinishedRun, column: str | None, score_gte: float) -> RunFacets:
        result = self.open(run.result)
        countable = {name: dtype for name, dtype in result.columns.items() if _is_countable(dtype)}
        upto = rarity_between(run.alert_rate, lowest=score_gte, highest=None).upto or 0.0
        is_flagged = result.shares() <= upto
        n_flagged = int(is_flagged.sum())
        if column is not None:
            if column not in countable:
                raise NoSuchColumn(f"It is not {column[:100]!r}.", fix=did_you_mean(column, countable))
            found = [_facets_of(result, column, is_flagged)]
        else:
            sources = [name for name in run.model.preprocessor.sources if name in countable]
            names = list(dict.fromkeys([*sources, *countable]))[:MOST_COLUMNS]
            every = [_facets_of(result, name, is_flagged) for name in names if n_flagged]
            every.sort(key=lambda each: -highest_lift(each.facets, n_flagged))
            found = [each for each in every if highest_lift(each.facets, n_flagged) > 1][:SHOWN_COLUMNS]
        return RunFacets(run.rows, n_flagged, tuple(found))


def _facets_of(result: ResultRows, column: str, is_flagged: NDArray[np.bool_]) -> ColumnFacets:
    return ColumnFacets(column, facets(result.column(column), is_flagged, most=MOST_VALUES))


def _is_countable(dtype: Any) -> bool:
    return not (dtype.is_nested() or dtype in (pl.Binary, pl.Object, pl.Null))
