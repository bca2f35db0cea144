"""What leads to versions and to figures about them: training runs, imports, evaluations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.domain.errors import NotFound
from core.domain.ids import JobId, KeyId, TenantId, UserId
from machine_learning.domain.registry.ids import (
    EvaluationId,
    ModelId,
    ModelVersionId,
    TrainingRunId,
)

if TYPE_CHECKING:  # Polars comes with it, and every command that opens the database imports this module
    from data_platform.api import DatasetVersionId


class TrainingRunNotFound(NotFound):
    title = "There is no such training run"


class EvaluationNotFound(NotFound):
    title = "There is no such evaluation"


class RunKind(StrEnum):
    TRAIN = "train"
    IMPORT = "import"


@dataclass(eq=False, kw_only=True)
class TrainingRun:
    """Leads to one version. Its state is that of its job; ``dataset`` is None for an import."""

    id: TrainingRunId
    tenant_id: TenantId
    model_id: ModelId
    kind: RunKind
    configuration: Mapping[str, Any]
    dataset: str | None  # as it was called
    dataset_version_id: "DatasetVersionId | None"
    job_id: JobId
    user_id: UserId | None
    key_id: KeyId | None
    created_at: datetime

    @property
    def upload(self) -> str:
        """The name an imported file is kept under until it is checked."""
        return f"{self.id.hex}.import"


@dataclass(eq=False, kw_only=True)
class StoredEvaluation:
    """A version measured on a labelled dataset; ``document`` holds the figures, and ``cuts`` those of other thresholds, both
    None until they are there."""

    id: EvaluationId
    tenant_id: TenantId
    version_id: ModelVersionId
    dataset: str
    dataset_version_id: "DatasetVersionId"
    label: str | None  # None: the column that looks like labels
    document: Mapping[str, Any] | None = None
    cuts: bytes | None = None  # packed ones of domain.cuts
    job_id: JobId
    user_id: UserId | None
    key_id: KeyId | None
    created_at: datetime
