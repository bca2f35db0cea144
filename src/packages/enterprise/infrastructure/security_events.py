"""Events that belong to no use case's transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from uuid import UUID

from sqlalchemy import select

from core.application.audit import AuditEntry
from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId
from core.infrastructure.database import Database
from enterprise.infrastructure.audit_log import SqlAuditLog
from enterprise.infrastructure.tables import tenants

MOST_PER_MINUTE = 30  # alike, per process; more than lockouts let one address try
MINUTE_S = 60.0
MOST_REMEMBERED = 10_000
Kind = tuple[TenantId, str, str]


@dataclass(slots=True)
class Recent:
    """Since when how many alike were written, and how many were not."""

    since: float
    written: int = 0
    not_written: int = 0


@dataclass(frozen=True, slots=True)
class RecordSecurityEvent:
    """A log-in, a lockout, a refused permission, use of a revoked key: in a transaction of its own.

    The actor's tenant is whose chain it goes to: PLATFORM where none is known, or it was deleted. ``email`` is what was typed by
    somebody we do not know; it is kept beside the chain, as the actor's address is, never in ``facts``. Of a flood from one
    address ``MOST_PER_MINUTE`` are written, and the next one after it says how many were not.
    """

    database: Database
    log: SqlAuditLog
    seconds: Callable[[], float]
    _recent: dict[Kind, Recent] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(
        self,
        actor: Actor,
        action: str,
        facts: Mapping[str, object] | None = None,
        *,
        object_id: UUID | None = None,
        email: str = "",
    ) -> None:
        not_written = self._counted((actor.tenant_id, action, actor.address))
        if not_written is None:
            return
        if not_written:
            facts = dict(facts or {}) | {"not_written": not_written}
        actor = actor if self._is_there(actor.tenant_id) else actor.within(PLATFORM)
        with self.database.of_tenant(actor.tenant_id, write=True) as session:
            self.log.record(session, actor, [AuditEntry(action, object_id, after=facts)], email)
            session.commit()

    def _counted(self, kind: Kind) -> int | None:
        """How many alike were not written since the last that was; None: this one is not written either."""
        now = self.seconds()
        with self._lock:
            if kind not in self._recent and len(self._recent) >= MOST_REMEMBERED:
                self._recent.clear()
            recent = self._recent.setdefault(kind, Recent(now))
            if now - recent.since >= MINUTE_S:
                recent.since, recent.written = now, 0
            if recent.written >= MOST_PER_MINUTE:
                recent.not_written += 1
                return None
            missed, recent.not_written = recent.not_written, 0
            recent.written += 1
            return missed

    def _is_there(self, tenant_id: TenantId) -> bool:
        with self.database.of_tenant(tenant_id) as session:
            return session.scalar(select(tenants.c.id).where(tenants.c.id == tenant_id)) is not None
