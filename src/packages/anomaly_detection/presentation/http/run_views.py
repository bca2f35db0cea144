"""What the routes of runs answer with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from anomaly_detection.application.runs.ports import RunView, ScoredRow
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.domain.severity import FLAGGED, Severity
from anomaly_detection.presentation.http.label_views import PrecisionOut
from core.presentation.ids import public_id

RunIdOut = Annotated[UUID, public_id("run")]


class ScoredDatasetOut(BaseModel):
    id: Annotated[UUID, public_id("ds")]
    slug: str
    version_id: Annotated[UUID, public_id("dsv")]
    version: int


class ScoringModelOut(BaseModel):
    version_id: Annotated[UUID, public_id("mv")]
    reference: str


class ThresholdOut(BaseModel):
    """Rows as rare as ``alert_rate`` are flagged: a score of 0.8, or ``raw_score`` on the algorithm's own scale.

    ``previous_alert_rate`` is what DELETE of the threshold goes back to, ``fitted_alert_rate`` the model's own.
    """

    score: float = FLAGGED
    raw_score: float | None
    alert_rate: float
    previous_alert_rate: float | None
    fitted_alert_rate: float | None


class RunOut(BaseModel):
    """There is a result once ``state`` is succeeded; ``error`` is a problem once it is failed.

    ``drift``: columns that moved since the model was trained, with their population stability index.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "run_01J8ZC5QX4T3M6W9K2R7N0B1DG",
                    "state": "succeeded",
                    "progress": 1.0,
                    "algorithm": "isolation_forest",
                    "rows": 12000,
                    "anomalies": 121,
                    "by_severity": {"none": 11000, "low": 879, "medium": 88, "high": 21, "critical": 12},
                }
            ]
        }
    )
    id: RunIdOut
    state: str
    progress: float
    message: str
    error: dict[str, Any] | None
    job_id: Annotated[UUID, public_id("job")]
    dataset: ScoredDatasetOut
    detector_id: Annotated[UUID, public_id("det")] | None
    model: ScoringModelOut | None
    algorithm: str
    configuration: dict[str, Any]
    rows: int | None
    anomalies: int | None
    by_severity: dict[str, int] | None = Field(
        description="All rows: medium and above are flagged, none and low are not."
    )
    threshold: ThresholdOut | None
    label_precision: PrecisionOut | None
    drift: dict[str, float] | None
    fitted: dict[str, Any] | None
    notes: list[str]
    seconds: float | None
    created_at: datetime
    finished_at: datetime | None
    user_id: Annotated[UUID, public_id("usr")] | None
    key_id: Annotated[UUID, public_id("key")] | None

    @classmethod
    def of(cls, view: RunView, precision: Precision | None = None) -> Self:
        """``precision``: none where no flagged row has a label."""
        own = ("id", "state", "progress", "message", "error", "job_id", "detector_id", "algorithm", "rows")
        summary: Mapping[str, Any] = view.summary or {}
        return cls(
            **{name: getattr(view, name) for name in (*own, "anomalies", "created_at", "finished_at")},
            dataset=ScoredDatasetOut(
                id=view.dataset_id,
                slug=view.dataset_slug,
                version_id=view.dataset_version_id,
                version=view.dataset_number,
            ),
            model=_model(view),
            configuration={_named(name): value for name, value in view.configuration.items()},
            by_severity=_in_order(view.by_severity),
            threshold=_threshold(view),
            label_precision=None if precision is None else PrecisionOut.of(precision),
            drift=summary.get("drift"),
            fitted=summary.get("model"),
            notes=summary.get("notes", []),
            seconds=summary.get("seconds"),
            user_id=view.created_by,
            key_id=view.created_with,
        )


class RowOut(BaseModel):
    """``values`` are the dataset's, ``contributions`` what columns add to the raw score, the largest first.

    ``reason`` is null for a row that a later threshold flagged and nobody has looked at: ask for the row itself.
    """

    row: int
    row_id: str
    score: float
    raw_score: float
    tail_probability: float
    is_anomaly: bool
    severity: Severity
    reason: str | None
    contributions: dict[str, float]
    values: dict[str, Any]
    verdict: str | None

    @classmethod
    def of(cls, row: ScoredRow) -> Self:
        own = ("row", "row_id", "score", "raw_score", "tail_probability", "is_anomaly", "severity", "verdict")
        return cls(
            **{name: getattr(row, name) for name in own},
            reason=row.reason or None,
            contributions=dict(row.contributions),
            values=dict(row.cells),
        )


def _model(view: RunView) -> ScoringModelOut | None:
    if view.model_version_id is None:
        return None
    return ScoringModelOut(version_id=view.model_version_id, reference=view.model_reference)


def _threshold(view: RunView) -> ThresholdOut | None:
    if view.alert_rate is None:
        return None
    return ThresholdOut(
        raw_score=view.threshold,
        alert_rate=view.alert_rate,
        previous_alert_rate=view.previous_alert_rate,
        fitted_alert_rate=view.fitted_alert_rate,
    )


def _named(name: str) -> str:
    """As bodies call it."""
    return "params" if name == "parameters" else name


def _in_order(by_severity: Mapping[str, int] | None) -> dict[str, int] | None:
    """PostgreSQL keeps no order of keys."""
    return None if by_severity is None else {each.value: by_severity[each.value] for each in Severity}
