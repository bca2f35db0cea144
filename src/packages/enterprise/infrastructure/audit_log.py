"""Writing audit chains."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.application.audit import AuditEntry
from core.domain.actor import Actor
from core.domain.ids import TenantId, UserId
from core.infrastructure.sql import of_tenant
from enterprise.domain.audit_chain import GENESIS, ChainedEntry, Head, Seal, canonical
from enterprise.infrastructure.statements import insert_if_absent
from enterprise.infrastructure.tables import audit, heads, persons

COLUMNS = [field.name for field in fields(ChainedEntry)]
EmailOf = Callable[[Session, TenantId, UserId], str]
"""Of a member of the tenant, with the session's transaction; empty for anybody else."""


def nobodys_email(session: Session, tenant_id: TenantId, user_id: UserId) -> str:
    return ""


NamesOf = Callable[[Session, TenantId, Collection[UserId]], Mapping[UserId, str]]
"""Of members of the tenant that have one, likewise."""


def nobodys_names(
    session: Session, tenant_id: TenantId, user_ids: Collection[UserId]
) -> Mapping[UserId, str]:
    return {}


@dataclass(frozen=True, slots=True)
class SqlAuditLog:
    """``core.application.audit.AuditLog``. ``email_of`` names who acted, beside the chain as their address is."""

    seal: Seal
    clock: Callable[[], datetime]
    email_of: EmailOf = nobodys_email

    def append(self, session: Any, actor: Actor, entries: Sequence[AuditEntry]) -> None:
        self.record(session, actor, entries)

    def record(self, session: Session, actor: Actor, entries: Sequence[AuditEntry], email: str = "") -> None:
        """``email`` is what somebody typed whom we do not know."""
        if actor.user_id is not None and not email:
            email = self.email_of(session, actor.tenant_id, actor.user_id)
        head, rows, known = locked_head(session, actor.tenant_id), [], []
        for entry in entries:
            sealed = self._sealed(actor, entry, head)
            head = Head(sealed.number, sealed.hash)
            rows.append({name: getattr(sealed, name) for name in COLUMNS})
            if actor.address or email:
                person = {"address": actor.address[:64], "email": email[:320], "user_id": actor.user_id}
                known.append(person | {"tenant_id": actor.tenant_id, "number": sealed.number})
        session.execute(audit.insert(), rows)
        if known:
            session.execute(persons.insert(), known)
        moved = of_tenant(update(heads), actor.tenant_id).values(number=head.number, hash=head.hash)
        session.execute(moved)

    def _sealed(self, actor: Actor, entry: AuditEntry, head: Head) -> ChainedEntry:
        return self.seal.of(
            ChainedEntry(
                tenant_id=actor.tenant_id,
                number=head.number + 1,
                at=self.clock(),
                action=entry.action,
                object_id=entry.object_id,
                before=canonical(entry.before),
                after=canonical(entry.after),
                user_id=actor.user_id,
                key_id=actor.key_id,
                request_id=actor.request_id[:120],
                previous_hash=head.hash,
            )
        )


def locked_head(session: Session, tenant_id: TenantId) -> Head:
    """Nobody else appends until the transaction ends."""
    insert_if_absent(session, heads, {"tenant_id": tenant_id, "number": 0, "hash": GENESIS})
    found = of_tenant(select(heads.c.number, heads.c.hash), tenant_id).with_for_update()
    return Head(*session.execute(found).one())
