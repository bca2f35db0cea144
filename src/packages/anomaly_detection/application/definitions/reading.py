"""Detectors as runs and scores need them."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from anomaly_detection.domain.fitted_model import DetectorConfiguration
from anomaly_detection.domain.ids import DetectorId
from core.domain.ids import TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDetector:
    id: DetectorId
    slug: str
    name: str
    configuration: DetectorConfiguration
    dataset_id: UUID | None


class DetectorReader(Protocol):
    def detector(self, tenant_id: TenantId, reference: str) -> NamedDetector:
        """The detector of that id (``det_...``) or slug. Raises DetectorNotFound."""
