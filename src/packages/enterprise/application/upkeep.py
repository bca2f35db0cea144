"""What others see of the parts that the infrastructure provides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.domain.actor import Actor
from core.domain.ids import TenantId


@dataclass(frozen=True, slots=True)
class TenantFigures:
    """``audit_entries``: written so far, those that are closed and gone among them."""

    by_state: Mapping[str, int]
    audit_entries: int


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

    def at_once(self, tenant_id: TenantId, rows: int) -> bool:
        """Count where that needs no I/O and is within the limit; else False, and nothing is counted."""

    def write_all(self) -> None:
        """Now and then, and before the process ends."""


class Retention(Protocol):
    def __call__(self, now: datetime) -> Mapping[str, int]:
        """How many rows per table were kept long enough, and are gone."""


class AuditHeads(Protocol):
    def log_heads(self) -> None:
        """Hourly."""
