"""One scoring of one dataset version, by a detector's configuration or by a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from anomaly_detection.domain.ids import DetectorId, RunId
from core.domain.errors import Conflict, NotFound, Stale
from core.domain.ids import JobId, KeyId, TenantId, UserId

if TYPE_CHECKING:  # both import NumPy, and every command that opens the database imports this module
    from anomaly_detection.domain.runs.cut import Cut
    from anomaly_detection.domain.severity import SeverityCutOffs


class RunNotFound(NotFound):
    title = "There is no such run"


class RunNotFinished(Conflict):
    title = "The run has no result yet"


class NoFormerThreshold(Conflict):
    title = "The threshold was not moved"


def no_run() -> RunNotFound:
    return RunNotFound("No run has that id.", fix="Look for it in the list of runs.")


def not_finished() -> RunNotFinished:
    return RunNotFinished(
        "Its job has not succeeded.", fix="Wait until the run's state is succeeded, or see its error."
    )


@dataclass(eq=False, kw_only=True)
class Run:
    """``finished_at`` is set with the result, in one transaction; until then the job's state is the run's.

    ``alert_rate`` is the one in force, ``previous_alert_rate`` the one before the threshold was moved (for undo),
    ``fitted_alert_rate`` the model's own; ``threshold`` is the lowest raw score flagged at the one in force. ``summary``
    holds what does not change: drift, the model, seconds, the severity cut-offs, and the name of its files.
    """

    id: RunId
    tenant_id: TenantId
    job_id: JobId | None = None
    detector_id: DetectorId | None = None
    model_version_id: UUID | None = None
    model_reference: str = ""  # pumps:3; empty: fitted on the rows themselves
    configuration: Mapping[str, Any] = field(default_factory=dict)
    dataset_id: UUID
    dataset_version_id: UUID
    dataset_slug: str
    dataset_number: int
    algorithm: str
    rows: int | None = None
    by_severity: Mapping[str, int] | None = None
    alert_rate: float | None = None
    previous_alert_rate: float | None = None
    fitted_alert_rate: float | None = None
    threshold: float | None = None
    summary: Mapping[str, Any] | None = None
    created_at: datetime
    created_by: UserId | None = None
    created_with: KeyId | None = None
    finished_at: datetime | None = None
    version: int = 1

    @property
    def file(self) -> str:
        """The name of the result and of the model, which differ in their endings. Raises RunNotFinished."""
        if self.summary is None:
            raise not_finished()
        return str(self.summary["file"])

    @property
    def cut_offs(self) -> "SeverityCutOffs":
        """Those the tenant had when it was scored: what counts as critical does not change afterwards."""
        from anomaly_detection.domain.severity import SeverityCutOffs

        return SeverityCutOffs(*(self.summary or {}).get("cut_offs", ()))

    def require_version(self, version: int | None) -> None:
        """Raises Stale."""
        if version is not None and version != self.version:
            raise Stale(f"It is at version {self.version} now.", fix="Read it again, then repeat.")

    def finish(self, cut: "Cut", *, summary: Mapping[str, Any], at: datetime) -> None:
        """The result is there; ``cut`` is the model's own."""
        self.fitted_alert_rate = cut.alert_rate
        self._apply(cut)
        self.rows = sum(cut.by_severity.values())
        self.summary, self.finished_at = summary, at

    def move_threshold(self, cut: "Cut") -> None:
        """The rate that was in force is kept. Raises RunNotFinished."""
        if self.alert_rate is None:
            raise not_finished()
        self.previous_alert_rate = self.alert_rate
        self._apply(cut)

    def former_alert_rate(self) -> float:
        """What an undo goes back to. Raises NoFormerThreshold."""
        if self.previous_alert_rate is None:
            raise NoFormerThreshold("There is nothing to undo.", fix="Move the threshold first.")
        return self.previous_alert_rate

    def _apply(self, cut: "Cut") -> None:
        self.alert_rate, self.threshold = cut.alert_rate, cut.threshold
        self.by_severity = {severity.value: n for severity, n in cut.by_severity.items()}
