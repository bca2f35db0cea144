"""Which model scores the points of a source."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anomaly_detection.application.model_detectors import ModelDetectors
from anomaly_detection.application.points.ports import PointsTransaction, SourceModel
from anomaly_detection.domain.points.point import SourceHasNoModel
from core.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class SetSourceModel:
    uow: PointsTransaction
    models: ModelDetectors
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, source_id: str, *, model: str) -> SourceModel:
        """``model`` is kept as it is named: ``pumps`` goes on to mean its champion. Raises NotFound and Conflict of the
        model."""
        self.models.served(actor.tenant_id, model)
        chosen = SourceModel(source_id, model, self.clock())
        with self.uow(actor) as uow:
            before = uow.model_of(source_id)
            uow.set_model(chosen)
            uow.audit(
                "point_source.model_set",
                before=None if before is None else model_values(before),
                after=model_values(chosen),
            )
            uow.commit()
        return chosen


@dataclass(frozen=True, slots=True)
class RemoveSourceModel:
    """Its points are scored with the default from then on."""

    uow: PointsTransaction

    def __call__(self, actor: Actor, source_id: str) -> None:
        """Raises SourceHasNoModel."""
        with self.uow(actor) as uow:
            before = uow.model_of(source_id)
            if before is None:
                raise no_model_of(source_id)
            uow.remove_model(source_id)
            uow.audit("point_source.model_removed", before=model_values(before))
            uow.commit()


def no_model_of(source_id: str) -> SourceHasNoModel:
    return SourceHasNoModel(
        f"{source_id[:80] or 'The tenant'} has none.", fix="Set it: PUT the same address."
    )


def model_values(model: SourceModel) -> dict[str, object]:
    return {"source_id": model.source_id or "default", "model": model.model_reference}
