"""What is read of one tenant's models, newest first where it does not say otherwise. All raise NotFound for what is not there, and InvalidCursor."""

from dataclasses import dataclass
from typing import Protocol

from anomaly_detection.api import ModelDetectors, ServedModel
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from machine_learning.application.registry.ports import (
    AliasMove,
    EvaluationView,
    ModelView,
    ThresholdMove,
    TrainingRunView,
    VersionView,
)
from machine_learning.domain.cuts import Cuts
from machine_learning.domain.registry.ids import EvaluationId, ModelId, ModelVersionId, TrainingRunId


class ModelQueries(Protocol):
    def models(
        self,
        tenant_id: TenantId,
        *,
        sort: str,
        limit: int,
        cursor: str | None,
        search: str | None = None,
        count: Counting | None = None,
    ) -> Page[ModelView]:
        """``sort``: slug or created_at; with a minus in front, descending. ``search``: part of a name, in any case."""

    def model(self, tenant_id: TenantId, reference: str) -> ModelView: ...

    def versions(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[VersionView]: ...

    def version(self, tenant_id: TenantId, reference: str, number: int) -> VersionView: ...

    def alias_moves(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[AliasMove]: ...

    def threshold_moves(
        self,
        tenant_id: TenantId,
        reference: str,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[ThresholdMove]: ...


class RunQueries(Protocol):
    def runs(
        self,
        tenant_id: TenantId,
        *,
        model: str | None,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[TrainingRunView]:
        """Of one model where it is named, by id or slug."""

    def run(self, tenant_id: TenantId, run_id: TrainingRunId) -> TrainingRunView: ...


class EvaluationQueries(Protocol):
    def evaluations(
        self,
        tenant_id: TenantId,
        version_id: ModelVersionId,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[EvaluationView]: ...

    def evaluation(
        self, tenant_id: TenantId, version_id: ModelVersionId, evaluation_id: EvaluationId
    ) -> EvaluationView: ...

    def cuts(self, tenant_id: TenantId, evaluation_id: EvaluationId) -> Cuts:
        """Of one that is done."""


@dataclass(slots=True)
class CacheFigures:
    """Of loaded models, for metrics. ``misses`` counts loads."""

    hits: int = 0
    misses: int = 0
    models: int = 0
    size: int = 0  # bytes, about


@dataclass(frozen=True, slots=True)
class ModelPrecision:
    """Of a model's champion, on the labels it was last measured on; in [0, 1]."""

    model_id: ModelId
    algorithm: str
    precision: float


class ServingCache(ModelDetectors, Protocol):
    figures: CacheFigures

    def remembered(self, tenant_id: TenantId, reference: str) -> ServedModel | None:
        """As ``served``, where that was asked a moment ago and the model is loaded; does no I/O."""
