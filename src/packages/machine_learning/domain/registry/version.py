"""A version of a model: one trained file, what it was made of, and whether it may be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.domain.errors import Conflict, NotFound, Stale
from core.domain.ids import KeyId, TenantId, UserId
from machine_learning.domain.registry.ids import ModelId, ModelVersionId, TrainingRunId

if (
    TYPE_CHECKING
):  # NumPy and Polars come with it, and every command that opens the database imports this module
    from data_platform.api import DatasetVersionId


class VersionNotFound(NotFound):
    title = "The model has no such version"


class NotServable(Conflict):
    title = "This version of the model cannot be used"


class NotQuarantined(Conflict):
    title = "The version is not in quarantine"


class VersionState(StrEnum):
    READY = "ready"
    QUARANTINED = "quarantined"  # imported, and nobody has accepted it
    ARCHIVED = "archived"


@dataclass(eq=False, kw_only=True)
class ModelVersion:
    """``summary`` says what the fitted model is, ``decisions`` what was made of each column, ``metrics`` how it did on
    labels the last time it was evaluated. ``sha256`` is that of its file: no other content is ever loaded for it.

    ``moved_alert_rate`` is the one in force where the threshold was moved, ``previous_alert_rate`` the one before (for
    undo); the file keeps the one it was trained with.
    """

    id: ModelVersionId
    tenant_id: TenantId
    model_id: ModelId
    number: int
    state: VersionState
    training_run_id: TrainingRunId
    dataset_version_id: "DatasetVersionId | None"  # None: imported
    algorithm: str
    summary: Mapping[str, Any]
    decisions: list[Mapping[str, str]]
    metrics: Mapping[str, Any] | None = None
    moved_alert_rate: float | None = None
    previous_alert_rate: float | None = None
    code_version: str
    sha256: str
    size: int  # bytes
    user_id: UserId | None
    key_id: KeyId | None
    created_at: datetime
    version: int = 1

    @property
    def file(self) -> str:
        """The name it is kept under; never reused, so it always holds what ``sha256`` says."""
        return f"{self.id.hex}.model"

    def require_version(self, version: int | None) -> None:
        """None: whatever it is. Raises Stale."""
        if version is not None and version != self.version:
            raise Stale(
                f"Version {self.number} is at change {self.version}, not {version}.",
                fix="Read it again, then repeat.",
            )

    def require_servable(self) -> None:
        """Raises NotServable."""
        if self.state is VersionState.READY:
            return
        fix = "Take it out of the archive first."
        if self.state is VersionState.QUARANTINED:
            fix = "An administrator of the tenant must accept it first."
        raise NotServable(f"Version {self.number} is {self.state.value}.", fix=fix, state=self.state.value)

    @property
    def alert_rate(self) -> float:
        """In force."""
        return rate_in_force(self.summary, self.moved_alert_rate)

    @property
    def former_alert_rate(self) -> float:
        """What an undo goes back to. Raises NoFormerThreshold."""
        if self.previous_alert_rate is None:
            from anomaly_detection.api import NoFormerThreshold

            raise NoFormerThreshold("There is nothing to undo.", fix="Move the version's threshold first.")
        return self.previous_alert_rate

    def move_threshold(self, alert_rate: float) -> None:
        """The rate that was in force is kept. Raises NotServable."""
        self.require_servable()
        self.previous_alert_rate, self.moved_alert_rate = self.alert_rate, alert_rate

    def accept(self) -> None:
        """Out of quarantine. Raises NotQuarantined."""
        if self.state is not VersionState.QUARANTINED:
            raise NotQuarantined(
                f"Version {self.number} is {self.state.value}.", fix="Nothing is to be done."
            )
        self.state = VersionState.READY

    def archive(self, *, archived: bool) -> None:
        """Raises NotServable for a version in quarantine, which only acceptance releases."""
        if self.state is VersionState.QUARANTINED:
            self.require_servable()
        self.state = VersionState.ARCHIVED if archived else VersionState.READY


def rate_in_force(summary: Mapping[str, Any], moved: float | None) -> float:
    """``moved``: None where the threshold is the one of the training."""
    return float(summary["alert_rate"]) if moved is None else moved
