from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from anomaly_detection.application.model_detectors import ServedModel
from anomaly_detection.application.points.choose_model import model_values
from anomaly_detection.application.points.ports import PointQueries, PointsTransaction, SourceModel
from anomaly_detection.application.scoring.score_rows import ScoreRows
from anomaly_detection.application.scoring.sent_rows import GivenRows
from anomaly_detection.domain.ids import PointId
from anomaly_detection.domain.points.point import DEFAULT_SOURCE, Cell, NoModelForSource, Point
from core.domain.actor import Actor
from core.domain.errors import NotFound, Unavailable
from core.domain.ids import new_id


class PointNotKept(Unavailable):
    title = "The point was not stored"


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """Score a measurement with its source's model and keep it, once: the same again gives the stored point."""

    uow: PointsTransaction
    queries: PointQueries
    score: ScoreRows
    clock: Callable[[], datetime]

    def __call__(
        self, actor: Actor, cells: Mapping[str, Cell], *, source_id: str, at: datetime
    ) -> tuple[Point, bool]:
        """The point, and whether it is new.

        Raises PointDiffers, NoModelForSource, Conflict of the model, RateExceeded, SchemaMismatch.
        """
        stored = self.queries.at(actor.tenant_id, source_id, at)
        if stored is not None:
            stored.require_same(cells)
            return stored, False
        point = self._scored(actor, cells, source_id=source_id, at=at)
        with self.uow(actor) as uow:
            if uow.add_point(point):
                uow.commit()
                return point, True
        stored = self.queries.at(actor.tenant_id, source_id, at)
        if stored is None:  # it was stored in this very moment, and swept in the next
            raise PointNotKept("It was there and went.", fix="Send it again.")
        stored.require_same(cells)
        return stored, False

    def _scored(self, actor: Actor, cells: Mapping[str, Cell], *, source_id: str, at: datetime) -> Point:
        reference = self._reference(actor, source_id)
        found = self.score(actor, GivenRows([cells]), reference, contamination=None, explain=False)
        return Point(
            id=PointId(new_id()),
            source_id=source_id,
            at=at,
            cells=dict(cells),
            score=float(found.scores[0]),
            raw_score=float(found.raw[0]),
            is_anomaly=len(found.flagged) == 1,
            severity=int(found.ranks[0]),
            model_version_id=cast(ServedModel, found.served).version_id,  # not fitted on the row
            created_at=self.clock(),
        )

    def _reference(self, actor: Actor, source_id: str) -> str:
        for source in (source_id, DEFAULT_SOURCE):
            model = self.queries.model_of(actor.tenant_id, source)
            if model is not None and self._is_there(actor, model):
                return model.model_reference
        raise NoModelForSource(
            f"Neither {source_id[:80]!r} nor the tenant has one.",
            fix="Set it: PUT /api/v1/sources/{sourceId}/model, or PUT /api/v1/point-sources/default/model.",
        )

    def _is_there(self, actor: Actor, model: SourceModel) -> bool:
        """A model that was deleted is its source's no longer."""
        try:
            self.score.models.served(actor.tenant_id, model.model_reference)
        except NotFound:
            with self.uow(actor) as uow:
                if uow.model_of(model.source_id) == model:
                    uow.remove_model(model.source_id)
                    uow.audit("point_source.model_removed", before=model_values(model))
                    uow.commit()
            return False
        return True
