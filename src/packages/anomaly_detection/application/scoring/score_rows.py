"""Few rows, scored with a model while the caller waits."""

from dataclasses import dataclass

import polars as pl

from anomaly_detection.application.model_detectors import ServedModel
from anomaly_detection.application.ports import TenantCutOffs
from anomaly_detection.application.scoring.limits import DEEP, whole
from anomaly_detection.application.scoring.ports import CountScored, LoadedModels
from anomaly_detection.application.scoring.prepared_rows import PreparedRows
from anomaly_detection.application.scoring.scored_rows import ScoredRows
from anomaly_detection.application.scoring.sent_rows import SentRows
from anomaly_detection.domain.algorithm import Algorithm, Cost
from anomaly_detection.domain.fitted_model import FittedModel, ThresholdChoice
from anomaly_detection.domain.severity import SeverityCutOffs
from core.domain.actor import Actor
from data_platform.api import Table, frame_table

MOST_AT_ONCE = 10  # rows


@dataclass(frozen=True, slots=True)
class ScoreRows:
    """With a model that was trained before. ``contamination`` moves its threshold; flagged rows are explained, if asked."""

    models: LoadedModels
    count: CountScored
    cut_offs: TenantCutOffs

    def __call__(
        self, actor: Actor, rows: SentRows, reference: str, *, contamination: float | None, explain: bool
    ) -> ScoredRows:
        """Raises NotFound and Conflict of the model, RateExceeded, SchemaMismatch, MissingRefused, and what is wrong with
        the rows."""
        served = self.models.served(actor.tenant_id, reference)
        model = cut(served, contamination)
        prepared = PreparedRows.of(model, rows)
        if isinstance(prepared, PreparedRows):
            found = prepared.scored(served, model, explain=explain)
        else:
            found = scored(served, model, whole(frame_table(prepared)), explain=explain)
        self.count(actor.tenant_id, len(found.raw))
        return found.cut_at(SeverityCutOffs(*self.cut_offs(actor.tenant_id)))

    def at_once(
        self, actor: Actor, rows: SentRows, reference: str, *, contamination: float | None, explain: bool
    ) -> ScoredRows | None:
        """As the call, where that takes a fraction of a millisecond and no I/O; None where it must be called."""
        served = self.models.remembered(actor.tenant_id, reference)
        cuts = self.cut_offs.at_once(actor.tenant_id)
        if served is None or cuts is None:
            return None
        model = cut(served, contamination)
        prepared = PreparedRows.of(model, rows)
        if not isinstance(prepared, PreparedRows) or not is_quick(model.algorithm, len(prepared.features)):
            return None
        found = prepared.scored(served, model, explain=False)
        if explain and len(found.flagged):  # reasons take milliseconds
            return None
        counted = self.count.at_once(actor.tenant_id, len(found.raw))
        return found.cut_at(SeverityCutOffs(*cuts)) if counted else None

    def table(
        self, actor: Actor, table: Table, reference: str, *, contamination: float | None, explain: bool
    ) -> ScoredRows:
        """As the call, for a table of few rows; raises TooManyRows as well."""
        served = self.models.served(actor.tenant_id, reference)
        frame = whole(table)
        found = scored(served, cut(served, contamination), frame, explain=explain)
        self.count(actor.tenant_id, len(frame))
        return found.cut_at(SeverityCutOffs(*self.cut_offs(actor.tenant_id)))


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
