from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.domain.ids import TenantId, UserId
from core.infrastructure.database import Database, Purpose
from core.infrastructure.sql import of_tenant
from people_ops.domain.user import User
from people_ops.infrastructure.saved_views import saved_views
from people_ops.infrastructure.tables import memberships, sessions
from people_ops.infrastructure.ways_in_tables import (
    identities,
    invitations,
    password_resets,
    recovery_codes,
    second_factors,
)


@dataclass(frozen=True, slots=True)
class SqlPersonTraces:
    """``application.ports.PersonTraces``."""

    database: Database

    def last_email(self, user_id: UserId) -> str:
        with self.database.as_system(Purpose.OPERATOR) as session:
            user = session.get(User, user_id)
            return "" if user is None or _is_member(session, user_id) else user.email

    def erase(self, tenant_id: TenantId, user_id: UserId) -> None:
        with self.database.system_transaction(Purpose.OPERATOR) as session:
            user = session.get(User, user_id, with_for_update=True)
            if user is None:
                return
            stays = _is_member(session, user_id)
            for theirs in (
                delete(sessions).where(sessions.c.user_id == user_id),
                delete(saved_views).where(saved_views.c.user_id == user_id),
                delete(identities).where(identities.c.user_id == user_id),
                delete(invitations).where(invitations.c.email == user.email),
            ):
                session.execute(of_tenant(theirs, tenant_id) if stays else theirs)
            if not stays:
                _forget(session, user)


def _is_member(session: Session, user_id: UserId) -> bool:
    """Of any tenant."""
    found = select(func.count()).select_from(memberships).where(memberships.c.user_id == user_id)
    return bool(session.scalar(found))


def _forget(session: Session, user: User) -> None:
    """The row stays, since others refer to it."""
    for table in (recovery_codes, second_factors, password_resets):
        session.execute(delete(table).where(table.c.user_id == user.id))
    user.email, user.name = f"{user.id}@erased.invalid", ""
    user.password_hash, user.totp_seed = "", ""
