"""What the registry needs from outside, in its own words, and the views it shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import JobId, KeyId, UserId
from machine_learning.domain.registry.ids import EvaluationId, ModelId, ModelVersionId, TrainingRunId
from machine_learning.domain.registry.model import Model
from machine_learning.domain.registry.training import StoredEvaluation, TrainingRun
from machine_learning.domain.registry.version import ModelVersion


class RegistryUnitOfWork(UnitOfWork, Protocol):
    """Models and versions it gives are locked until the end: two changes of one model come one after the other. Ask for
    the model before its versions, and for a version before what belongs to it."""

    def model(self, reference: str) -> Model:
        """By id (``mdl_...``) or slug. Raises ModelNotFound."""

    def model_of(self, model_id: ModelId) -> Model:
        """Raises ModelNotFound."""

    def model_called(self, slug: str) -> Model | None: ...

    def version(self, model: Model, number: int) -> ModelVersion:
        """Raises VersionNotFound."""

    def version_of(self, version_id: ModelVersionId) -> ModelVersion:
        """Raises VersionNotFound."""

    def versions(self, model: Model) -> Sequence[ModelVersion]: ...

    def version_from(self, run_id: TrainingRunId) -> ModelVersion | None:
        """What the training run led to."""

    def run(self, run_id: TrainingRunId) -> TrainingRun:
        """Raises TrainingRunNotFound."""

    def evaluation(self, evaluation_id: EvaluationId) -> StoredEvaluation:
        """Raises EvaluationNotFound."""

    def add(self, aggregate: Model | ModelVersion | TrainingRun | StoredEvaluation) -> None:
        """It, and what it belongs to, is found from now on. Raises Duplicate."""

    def latest_evaluation(self, version: ModelVersion) -> StoredEvaluation | None:
        """The newest that is done."""

    def record_move(self, move: "AliasMove | ThresholdMove") -> None: ...

    def delete(self, aggregate: Model | ModelVersion) -> None:
        """With all that belongs to it."""


RegistryTransaction = Callable[[Actor], RegistryUnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasMove:
    """``before`` and ``after`` are numbers of versions; None: the alias named none."""

    model_id: ModelId
    alias: str
    before: int | None
    after: int | None
    reason: str  # first_version, promoted, rolled_back, removed
    note: str = ""  # why, in the words of who did it
    user_id: UserId | None = None
    key_id: KeyId | None = None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdMove:
    """``before`` and ``after`` are alert rates of the version of that number."""

    model_id: ModelId
    number: int
    before: float
    after: float
    reason: str  # moved, undone
    note: str = ""
    user_id: UserId | None
    key_id: KeyId | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionView:
    """``summary`` is of the training; ``alert_rate`` is the one in force, ``previous_alert_rate`` what an undo of the
    threshold's last move goes back to."""

    id: ModelVersionId
    model_id: ModelId
    model: str  # its slug
    number: int
    state: str
    aliases: tuple[str, ...]
    algorithm: str
    summary: Mapping[str, Any]
    decisions: Sequence[Mapping[str, str]]
    metrics: Mapping[str, Any] | None
    alert_rate: float
    previous_alert_rate: float | None
    training_run_id: TrainingRunId
    dataset: str | None
    dataset_version_id: UUID | None
    code_version: str
    sha256: str
    size: int
    user_id: UserId | None
    key_id: KeyId | None
    created_at: datetime
    version: int  # counts the changes of its row

    @property
    def trained_alert_rate(self) -> float:
        return float(self.summary["alert_rate"])

    @property
    def file(self) -> str:
        return f"{self.id.hex}.model"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelView:
    id: ModelId
    slug: str
    name: str
    description: str
    aliases: Mapping[str, int]
    former_champions: Sequence[int]  # the last one is the one before the present
    latest_number: int
    versions: tuple[VersionView, ...]  # the newest ones, newest first
    created_at: datetime
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """How far the work is."""

    id: JobId
    state: str
    progress: float
    message: str
    error: Mapping[str, Any] | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRunView:
    id: TrainingRunId
    kind: str
    model_id: ModelId
    model: str
    configuration: Mapping[str, Any]
    dataset: str | None
    dataset_version_id: UUID | None
    version_id: ModelVersionId | None
    number: int | None  # of the version it led to
    job: JobView
    user_id: UserId | None
    key_id: KeyId | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationView:
    id: EvaluationId
    version_id: ModelVersionId
    dataset: str
    dataset_version_id: UUID
    label: str | None
    document: Mapping[str, Any] | None
    job: JobView
    created_at: datetime
