"""What others see of the parts that the infrastructure provides."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.domain.actor import Actor
from core.domain.ids import TenantId


class SecurityEvents(Protocol):
    """Written outside any unit of work; see the class of the infrastructure for what goes where."""

    def __call__(
        self,
        actor: Actor,
        action: str,
        facts: Mapping[str, object] | None = None,
        *,
        object_id: UUID | None = None,
        email: str = "",
    ) -> None: ...


class CountScoredRows(Protocol):
    def __call__(self, tenant_id: TenantId, rows: int) -> None:
        """Raises RateExceeded, and then counts nothing."""

    def write_all(self) -> None:
        """Now and then, and before the process ends."""


class Retention(Protocol):
    def __call__(self, now: datetime) -> Mapping[str, int]:
        """How many rows per table were kept long enough, and are gone."""


class AuditHeads(Protocol):
    def log_heads(self) -> None:
        """Hourly."""
