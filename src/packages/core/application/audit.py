"""The audit log as transactions see it; enterprise keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from core.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done to which object. See ``UnitOfWork.audit``."""

    action: str
    object_id: UUID | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


class AuditLog(Protocol):
    def append(self, session: Any, actor: Actor, entries: Sequence[AuditEntry]) -> None:
        """Add to the chain of ``actor.tenant_id`` inside the session's transaction; the caller commits."""
