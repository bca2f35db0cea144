"""What definitions of detectors need from outside, and how they are shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from anomaly_detection.domain.definitions.detector_definition import DetectorDefinition
from anomaly_detection.domain.ids import DetectorId, RunId
from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import KeyId, TenantId, UserId
from core.domain.page import Counting, Page


class DefinitionsUnitOfWork(UnitOfWork, Protocol):
    def detector(self, reference: str) -> DetectorDefinition:
        """By id (``det_...``) or slug, locked until the end. Raises DetectorNotFound."""

    def is_taken(self, slug: str) -> bool: ...

    def require_run(self, detector: DetectorDefinition, run_id: RunId) -> None:
        """That it is one of the detector's, with a result; locked until the end. Raises RunNotFound, NotItsRun,
        RunNotFinished."""

    def add(self, aggregate: DetectorDefinition) -> None: ...

    def delete(self, aggregate: DetectorDefinition) -> None: ...


DefinitionsTransaction = Callable[[Actor], DefinitionsUnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorView:
    """``configuration`` is as in ``DetectorDefinition``."""

    id: DetectorId
    slug: str
    name: str
    description: str
    configuration: Mapping[str, Any]
    dataset_id: UUID | None
    baseline_run_id: RunId | None
    created_at: datetime
    created_by: UserId | None
    created_with: KeyId | None
    version: int


class DetectorQueries(Protocol):
    def get(self, tenant_id: TenantId, reference: str) -> DetectorView:
        """Raises DetectorNotFound."""

    def named(self, tenant_id: TenantId, ids: Collection[DetectorId]) -> Mapping[UUID, DetectorView]:
        """Those of them that still exist."""

    def page(
        self, tenant_id: TenantId, *, sort: str, limit: int, cursor: str | None, count: Counting | None = None
    ) -> Page[DetectorView]:
        """``sort`` is created_at, name, or one of them with a minus. Raises InvalidCursor."""
