"""What the registry's routes answer with."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.presentation.ids import public_id
from machine_learning.application.registry.ports import (
    AliasMove,
    EvaluationView,
    ModelView,
    ThresholdMove,
    TrainingRunView,
    VersionView,
)

ModelIdOut = Annotated[UUID, public_id("mdl")]
VersionIdOut = Annotated[UUID, public_id("mv")]
RunIdOut = Annotated[UUID, public_id("trn")]
EvaluationIdOut = Annotated[UUID, public_id("evl")]
DatasetVersionIdOut = Annotated[UUID, public_id("dsv")]
JobIdOut = Annotated[UUID, public_id("job")]


class View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class MakerOut(View):
    """Neither: the operator's console."""

    user_id: Annotated[UUID, public_id("usr")] | None
    key_id: Annotated[UUID, public_id("key")] | None


class LineageOut(BaseModel):
    training_run_id: RunIdOut
    dataset: str | None
    dataset_version_id: DatasetVersionIdOut | None
    code_version: str
    trained_by: MakerOut


class ModelVersionOut(BaseModel):
    """``summary``: algorithm's parameters, rows, threshold, as it was trained. ``alert_rate``: the one in force;
    ``previous_alert_rate``: what an undo of the threshold's last move goes back to. ``metrics``: on labels at the threshold
    in force, None without an evaluation."""

    id: VersionIdOut
    model: str
    number: int
    reference: str
    state: str
    aliases: list[str]
    algorithm: str
    summary: dict[str, Any]
    metrics: dict[str, Any] | None
    alert_rate: float
    previous_alert_rate: float | None
    lineage: LineageOut
    sha256: str
    size: int
    created_at: datetime

    @classmethod
    def of(cls, view: VersionView) -> Self:
        lineage = LineageOut(
            training_run_id=view.training_run_id,
            dataset=view.dataset,
            dataset_version_id=view.dataset_version_id,
            code_version=view.code_version,
            trained_by=MakerOut.model_validate(view),
        )
        values = {name: getattr(view, name) for name in cls.model_fields if hasattr(view, name)}
        return cls(**values, reference=f"{view.model}:{view.number}", lineage=lineage)


class VersionDetailOut(ModelVersionOut):
    """``decisions``: what the model makes of each column, and why."""

    decisions: list[dict[str, str]]


class ModelOut(BaseModel):
    """``versions``: the newest ten; all of them are a list of their own."""

    id: ModelIdOut
    slug: str
    name: str
    description: str
    aliases: dict[str, int]
    latest_number: int
    versions: list[ModelVersionOut]
    created_at: datetime

    @classmethod
    def of(cls, view: ModelView) -> Self:
        values = {name: getattr(view, name) for name in cls.model_fields.keys() - {"versions"}}
        return cls(**values, versions=[ModelVersionOut.of(version) for version in view.versions])


class TrainingRunOut(BaseModel):
    """``version`` is there once ``state`` is succeeded; ``error`` is a problem once it is failed."""

    id: RunIdOut
    kind: str
    state: str
    progress: float
    message: str
    error: dict[str, Any] | None
    model_id: ModelIdOut
    model: str
    version: int | None
    version_id: VersionIdOut | None
    dataset: str | None
    dataset_version_id: DatasetVersionIdOut | None
    configuration: dict[str, Any]
    job_id: JobIdOut
    started_by: MakerOut
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, view: TrainingRunView) -> Self:
        own = ("id", "kind", "model_id", "model", "version_id", "dataset", "dataset_version_id")
        return cls(
            **{name: getattr(view, name) for name in (*own, "configuration", "created_at")},
            **_job(view),
            version=view.number,
            started_by=MakerOut.model_validate(view),
        )


class EvaluationOut(BaseModel):
    """``document``: every measure with the ends of its 95 % interval, average precision first, at the threshold of
    ``model_alert_rate``; in ``curve`` how many anomalies and normal rows score at least each of up to 200 thresholds; in
    ``days`` over how many the rows lie, where they have a time; in
    ``segments`` the values of columns where it does worst; in ``explanation`` the mean absolute contribution of each column
    to the scores of up to 500 flagged rows."""

    id: EvaluationIdOut
    version_id: VersionIdOut
    state: str
    progress: float
    message: str
    error: dict[str, Any] | None
    dataset: str
    dataset_version_id: DatasetVersionIdOut
    label: str | None
    document: dict[str, Any] | None
    job_id: JobIdOut
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, view: EvaluationView) -> Self:
        own = ("id", "version_id", "dataset", "dataset_version_id", "label", "document", "created_at")
        return cls(**{name: getattr(view, name) for name in own}, **_job(view))


class AliasMoveOut(BaseModel):
    """``before`` and ``after`` are numbers of versions; None: the alias named none. ``note``: why, in words."""

    alias: str
    before: int | None
    after: int | None
    reason: str
    note: str
    moved_by: MakerOut
    at: datetime

    @classmethod
    def of(cls, move: AliasMove) -> Self:
        own = ("alias", "before", "after", "reason", "note", "at")
        return cls(**{name: getattr(move, name) for name in own}, moved_by=MakerOut.model_validate(move))


class ThresholdMoveOut(BaseModel):
    """``before`` and ``after`` are alert rates of the version of that number; ``reason`` is moved or undone, ``note``
    says why, in words."""

    number: int
    before: float
    after: float
    reason: str
    note: str
    moved_by: MakerOut
    at: datetime

    @classmethod
    def of(cls, move: ThresholdMove) -> Self:
        own = ("number", "before", "after", "reason", "note", "at")
        return cls(**{name: getattr(move, name) for name in own}, moved_by=MakerOut.model_validate(move))


def _job(view: TrainingRunView | EvaluationView) -> dict[str, Any]:
    job = view.job
    return {
        "job_id": job.id,
        "state": job.state,
        "progress": job.progress,
        "message": job.message,
        "error": job.error,
        "finished_at": job.finished_at,
    }
