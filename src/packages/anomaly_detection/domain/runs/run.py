"""One scoring of one dataset version, by a detector's configuration or by a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from anomaly_detection.domain.ids import DetectorId, RunId
from core.domain.errors import Conflict, NotFound
from core.domain.ids import JobId, KeyId, TenantId, UserId


class RunNotFound(NotFound):
    title = "There is no such run"


class RunNotFinished(Conflict):
    title = "The run has no result yet"


@dataclass(eq=False, kw_only=True)
class Run:
    """``finished_at`` is set with the result, in one transaction; until then the job's state is the run's.

    ``alert_rate`` is the one in force, ``previous_alert_rate`` the one before the threshold was moved (for undo),
    ``fitted_alert_rate`` the model's own. ``summary`` holds what does not change: rows, drift, model notes, seconds.
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
    summary: Mapping[str, Any] | None = None
    created_at: datetime
    created_by: UserId | None = None
    created_with: KeyId | None = None
    finished_at: datetime | None = None
    version: int = 1
