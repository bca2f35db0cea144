"""A named configuration: what to detect with, kept to be used again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from anomaly_detection.domain.ids import DetectorId
from core.domain.errors import Conflict, NotFound
from core.domain.ids import KeyId, TenantId, UserId


class DetectorNotFound(NotFound):
    title = "There is no such detector"


class DetectorNameTaken(Conflict):
    title = "A detector of that name exists"


@dataclass(eq=False, kw_only=True)
class DetectorDefinition:
    """``configuration`` is a ``DetectorConfiguration`` as JSON values; ``dataset_id`` is where it usually runs."""

    id: DetectorId
    tenant_id: TenantId
    slug: str
    name: str
    description: str = ""
    configuration: Mapping[str, Any] = field(default_factory=dict)
    dataset_id: UUID | None = None
    created_at: datetime
    created_by: UserId | None = None
    created_with: KeyId | None = None
    version: int = 1
