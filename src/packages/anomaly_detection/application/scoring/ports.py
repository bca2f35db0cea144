"""What scoring at once needs besides models: the ways that do no I/O, for the event loop."""

from typing import Protocol

from anomaly_detection.application.model_detectors import ModelDetectors, ServedModel
from core.domain.ids import TenantId


class LoadedModels(ModelDetectors, Protocol):
    def remembered(self, tenant_id: TenantId, reference: str) -> ServedModel | None:
        """As ``served``, where that was asked a moment ago and the model is loaded; does no I/O."""


class CountScored(Protocol):
    def __call__(self, tenant_id: TenantId, rows: int) -> None:
        """Raises RateExceeded, and then counts nothing."""

    def at_once(self, tenant_id: TenantId, rows: int) -> bool:
        """Count where that needs no I/O and is within the limit; else False, and nothing is counted."""
