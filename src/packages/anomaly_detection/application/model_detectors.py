"""Models as this context needs them; machine_learning has them."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from anomaly_detection.domain.fitted_model import FittedModel
from core.domain.ids import TenantId


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A version of a registered model, loaded. ``reference`` is its full name, ``pumps:3``."""

    version_id: UUID
    reference: str
    fitted: FittedModel


class ModelDetectors(Protocol):
    def served(self, tenant_id: TenantId, reference: str) -> ServedModel:
        """The version that ``pumps`` (its champion, else its newest), ``pumps@challenger``, ``pumps:3``, ``mdl_...`` or
        ``mv_...`` means; kept loaded, so a second call is fast. Raises NotFound, and Conflict for one in quarantine."""

    def slug(self, tenant_id: TenantId, reference: str) -> str:
        """Of the model of that id or slug. Raises NotFound."""

    def aliases(self, tenant_id: TenantId, version_id: UUID) -> tuple[str, ...]:
        """Those the version has now; none where it is gone."""
