"""Few rows, scored with a model while the caller waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.model_detectors import ServedModel
from anomaly_detection.application.scoring.limits import DEEP, whole
from anomaly_detection.application.scoring.ports import CountScored, LoadedModels
from anomaly_detection.application.scoring.scored_rows import ScoredRows
from anomaly_detection.domain.algorithm import Algorithm, Cost
from anomaly_detection.domain.fitted_model import FittedModel, ThresholdChoice
from core.domain.actor import Actor
from data_platform.api import Table, frame_table

Rows = Sequence[Mapping[str, Any]]
MOST_AT_ONCE = 10  # rows


@dataclass(frozen=True, slots=True)
class ScoreRows:
    """With a model that was trained before. ``contamination`` moves its threshold; flagged rows are explained, if asked."""

    models: LoadedModels
    count: CountScored

    def __call__(
        self, actor: Actor, rows: Rows, reference: str, *, contamination: float | None, explain: bool
    ) -> ScoredRows:
        """``rows`` are mappings of JSON values, of which one that lacks a column has no value there.

        Raises NotFound and Conflict of the model, RateExceeded, SchemaMismatch, MissingRefused.
        """
        served = self.models.served(actor.tenant_id, reference)
        model = cut(served, contamination)
        raw = model.raw_scores_of(rows)
        if raw is None:
            found = scored(served, model, whole(frame_table(rows)), explain=explain)
        else:
            frames = partial(few, model, rows) if explain else None
            found = ScoredRows.of(model, raw, served=served, frames=frames)
        self.count(actor.tenant_id, len(rows))
        return found

    def at_once(
        self, actor: Actor, rows: Rows, reference: str, *, contamination: float | None, explain: bool
    ) -> ScoredRows | None:
        """As the call, where that takes a fraction of a millisecond and no I/O; None where it must be called."""
        served = self.models.remembered(actor.tenant_id, reference)
        if served is None or not is_quick(served.fitted.algorithm, len(rows)):
            return None
        model = cut(served, contamination)
        raw = model.raw_scores_of(rows)
        if raw is None:
            return None
        found = ScoredRows.of(model, raw, served=served, frames=None)
        if explain and len(found.flagged):  # reasons take milliseconds
            return None
        return found if self.count.at_once(actor.tenant_id, len(rows)) else None

    def table(
        self, actor: Actor, table: Table, reference: str, *, contamination: float | None, explain: bool
    ) -> ScoredRows:
        """As the call, for a table of few rows; raises TooManyRows as well."""
        served = self.models.served(actor.tenant_id, reference)
        frame = whole(table)
        found = scored(served, cut(served, contamination), frame, explain=explain)
        self.count(actor.tenant_id, len(frame))
        return found


def cut(served: ServedModel, contamination: float | None) -> FittedModel:
    """The model with the threshold asked for."""
    if contamination is None:
        return served.fitted
    return served.fitted.with_alert_rate(contamination, ThresholdChoice.CONTAMINATION)


def is_quick(entry: Algorithm, rows: int) -> bool:
    """Whether scoring so few rows keeps nobody waiting."""
    return rows <= MOST_AT_ONCE and entry.cost is Cost.LINEAR and entry.family != DEEP


def scored(served: ServedModel, model: FittedModel, frame: pl.DataFrame, *, explain: bool) -> ScoredRows:
    """Raises SchemaMismatch, MissingRefused."""
    frames = frame.__getitem__ if explain else None
    return ScoredRows.of(model, model.raw_scores(frame), served=served, frames=frames)


def few(model: FittedModel, rows: Rows, numbers: NDArray[np.intp]) -> pl.DataFrame:
    """Those rows, which have every column the model needs, as a frame of these columns."""
    chosen = [rows[i] for i in numbers]
    return whole(frame_table({name: [row[name] for row in chosen] for name in model.preprocessor.sources}))
