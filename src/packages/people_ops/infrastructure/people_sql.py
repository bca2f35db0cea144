"""Transactions of people: the system's at log-in, and a tenant's administrator's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session as SqlSession

from core.domain.ids import KeyId, TenantId, UserId
from core.infrastructure.database import Database, Purpose
from core.infrastructure.sql import SqlUnitOfWork, of_tenant
from people_ops.application.ports import Person
from people_ops.domain.api_key import ApiKey, no_such_key
from people_ops.domain.role import CustomRole, RoleId, RoleNotFound, check_roles, permissions_of
from people_ops.domain.session import Session, SessionId
from people_ops.domain.user import Membership, User
from people_ops.infrastructure.tables import (
    api_keys,
    memberships,
    refresh_tokens,
    roles,
    sessions,
    users,
)


class SqlLogInUnitOfWork(SqlUnitOfWork):
    """``application.ports.LogInUnitOfWork``."""

    def _opened(self) -> SqlSession:
        return self._storage.database.as_system(Purpose.LOG_IN, write=True)

    def user(self, user_id: UserId) -> User | None:
        return self.session.get(User, user_id)

    def membership(self, user_id: UserId) -> Membership | None:
        return self.one(select(Membership).where(memberships.c.user_id == user_id))

    def add_session(self, session: Session) -> None:
        self.add(session)
        self.session.flush()  # its tokens refer to it, which no mapper knows

    def session_of(self, session_id: SessionId) -> Session | None:
        return self.one(select(Session).where(sessions.c.id == session_id).with_for_update())

    def add_refresh_token(self, session: Session, token_hash: str) -> None:
        row = {"token_hash": token_hash, "session_id": session.id, "tenant_id": session.tenant_id}
        self.session.execute(insert(refresh_tokens).values(row))

    def use_refresh_token(self, token_hash: str) -> bool:
        fresh = refresh_tokens.c.token_hash == token_hash, refresh_tokens.c.used_at.is_(None)
        used = self.mine(update(refresh_tokens).where(*fresh)).values(used_at=self._storage.clock())
        return self.session.execute(used.returning(refresh_tokens.c.session_id)).first() is not None

    def end_impersonations(self, user_id: UserId) -> Sequence[SessionId]:
        theirs = sessions.c.user_id == user_id, sessions.c.impersonated, sessions.c.revoked_at.is_(None)
        now = self._storage.clock()
        live = self.mine(select(sessions.c.id).where(*theirs, sessions.c.idle_at > now).with_for_update())
        found = self.session.scalars(live).all()
        self.session.execute(self.mine(update(sessions).where(*theirs)).values(revoked_at=now))
        return [SessionId(each) for each in found]

    def end_sessions(self, user_id: UserId, *, but: SessionId | None = None) -> None:
        end_sessions(self.session, user_id, self._storage.clock(), but=but)


class SqlPeopleUnitOfWork(SqlUnitOfWork):
    """``application.ports.PeopleUnitOfWork``."""

    def delete(self, aggregate: Any) -> None:
        self.session.delete(aggregate)

    def key(self, key_id: KeyId) -> ApiKey:
        found = self.one(select(ApiKey).where(api_keys.c.id == key_id))
        if found is None:
            raise no_such_key()
        return found

    def lock_members(self) -> Sequence[Membership]:
        every = self.mine(select(Membership)).order_by(memberships.c.user_id).with_for_update()
        return self.session.scalars(every).all()

    def role(self, role_id: RoleId) -> CustomRole:
        found = self.one(select(CustomRole).where(roles.c.id == role_id))
        if found is None:
            raise RoleNotFound("There is none with that id.", fix="List the roles.")
        return found

    def own_roles(self) -> Mapping[str, Sequence[str]]:
        return own_roles(self.session, self.tenant_id)

    def end_sessions(self, user_id: UserId) -> None:
        live = sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None)
        self.session.execute(
            self.mine(update(sessions).where(*live)).values(revoked_at=self._storage.clock())
        )


@dataclass(frozen=True, slots=True)
class SqlLogInLookups:
    """``application.ports.LogInLookups``; ``slugs`` names tenants."""

    database: Database
    slugs: Any

    def person(self, email: str) -> Person | None:
        if "\x00" in email or len(email) > 320:
            return None
        with self.database.as_system(Purpose.LOG_IN) as session:
            user = session.scalar(select(User).where(users.c.email == email))
            if user is None:
                return None
            live = memberships.c.user_id == user.id, memberships.c.disabled_at.is_(None)
            tenant_ids = session.scalars(select(memberships.c.tenant_id).where(*live)).all()
        return Person(user, {TenantId(each): self.slugs(TenantId(each)) for each in tenant_ids})

    def session_of_refresh_token(self, token_hash: str) -> Session | None:
        theirs = select(refresh_tokens.c.session_id).where(refresh_tokens.c.token_hash == token_hash)
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(select(Session).where(sessions.c.id == theirs.scalar_subquery()))


def own_roles(session: SqlSession, tenant_id: TenantId) -> Mapping[str, Sequence[str]]:
    found = session.execute(of_tenant(select(roles.c.name, roles.c.permissions), tenant_id))
    return {row.name: row.permissions for row in found}


def member_email(session: SqlSession, tenant_id: TenantId, user_id: UserId) -> str:
    """For the audit log: empty for who is no member of the tenant."""
    theirs = of_tenant(select(memberships.c.user_id).where(memberships.c.user_id == user_id), tenant_id)
    return session.scalar(select(users.c.email).where(users.c.id == theirs.scalar_subquery())) or ""


def member_names(
    session: SqlSession, tenant_id: TenantId, user_ids: Collection[UserId]
) -> Mapping[UserId, str]:
    """For the audit log: of members of the tenant that have one."""
    theirs = of_tenant(select(memberships.c.user_id).where(memberships.c.user_id.in_(user_ids)), tenant_id)
    named = users.c.id.in_(theirs.scalar_subquery()), users.c.name != ""
    return {row.id: row.name for row in session.execute(select(users.c.id, users.c.name).where(*named))}


def role_permissions(session: SqlSession, tenant_id: TenantId, names: Sequence[str]) -> frozenset[str]:
    """Of all of them together. Raises NoSuchRole."""
    own = own_roles(session, tenant_id)
    check_roles(tenant_id, names, own)
    return permissions_of(tenant_id, names, own)


def end_sessions(
    session: SqlSession, user_id: UserId, now: datetime, *, but: SessionId | None = None
) -> None:
    """Of a user, in every tenant."""
    ended = update(sessions).where(sessions.c.user_id == user_id, sessions.c.revoked_at.is_(None))
    if but is not None:
        ended = ended.where(sessions.c.id != but)
    session.execute(ended.values(revoked_at=now))
