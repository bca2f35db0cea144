"""Where a version cuts rows into flagged and not. Each move is kept, with who made it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from anomaly_detection.api import checked_rate
from core.domain.actor import Actor
from machine_learning.application.registry.ports import RegistryTransaction, ThresholdMove
from machine_learning.domain.cuts import Cuts
from machine_learning.domain.recut import metrics_at
from machine_learning.domain.registry.version import ModelVersion


@dataclass(frozen=True, slots=True)
class MoveThreshold:
    """What the version scores from now on is cut at another alert rate; runs that are done keep theirs. The file stays as
    it is, and so does the rate that was in force, for an undo."""

    uow: RegistryTransaction
    clock: Callable[[], datetime]

    def __call__(
        self,
        actor: Actor,
        reference: str,
        *,
        number: int,
        alert_rate: float | None,
        read: int | None,
        note: str = "",
    ) -> ModelVersion:
        """``alert_rate``: None goes back to the one before, which can be undone in turn. ``read``: the change of the version
        that the caller saw. ``note``: why.

        Raises ModelNotFound, VersionNotFound, NotServable, InvalidThreshold, NoFormerThreshold, Stale.
        """
        with self.uow(actor) as uow:
            model = uow.model(reference)
            version = uow.version(model, number)
            version.require_version(read)
            before = version.alert_rate
            after = version.former_alert_rate if alert_rate is None else checked_rate(alert_rate)
            if after == before:
                return version
            version.move_threshold(after)
            measured = uow.latest_evaluation(version)
            if measured is not None and measured.document is not None and measured.cuts is not None:
                version.metrics = metrics_at(measured.document, Cuts.unpacked(measured.cuts), after)
            uow.record_move(
                ThresholdMove(
                    model_id=model.id,
                    number=number,
                    before=before,
                    after=after,
                    reason="undone" if alert_rate is None else "moved",
                    note=note,
                    user_id=actor.user_id,
                    key_id=actor.key_id,
                    at=self.clock(),
                )
            )
            named = {"model": model.slug, "number": number}
            uow.audit(
                "model_version.threshold_moved",
                version.id,
                before={"alert_rate": before},
                after={"alert_rate": after} | named,
            )
            uow.commit()
        return version
