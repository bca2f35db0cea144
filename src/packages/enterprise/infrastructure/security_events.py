"""Events that belong to no use case's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from core.application.audit import AuditEntry
from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId
from core.infrastructure.database import Database
from enterprise.infrastructure.audit_log import SqlAuditLog
from enterprise.infrastructure.tables import tenants


@dataclass(frozen=True, slots=True)
class RecordSecurityEvent:
    """A log-in, a lockout, a refused permission, use of a revoked key: in a transaction of its own.

    The actor's tenant is whose chain it goes to: PLATFORM where none is known, or it was deleted. ``email`` is what was typed by
    somebody we do not know; it is kept beside the chain, as the actor's address is, never in ``facts``.
    """

    database: Database
    log: SqlAuditLog

    def __call__(
        self,
        actor: Actor,
        action: str,
        facts: Mapping[str, object] | None = None,
        *,
        object_id: UUID | None = None,
        email: str = "",
    ) -> None:
        actor = actor if self._is_there(actor.tenant_id) else actor.within(PLATFORM)
        with self.database.of_tenant(actor.tenant_id, write=True) as session:
            self.log.record(session, actor, [AuditEntry(action, object_id, after=facts)], email)
            session.commit()

    def _is_there(self, tenant_id: TenantId) -> bool:
        with self.database.of_tenant(tenant_id) as session:
            return session.scalar(select(tenants.c.id).where(tenants.c.id == tenant_id)) is not None
