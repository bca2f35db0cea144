"""Transactions of the ways in: a tenant's administrator's, and the system's for people who belong to no tenant yet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.domain.actor import Actor
from core.domain.ids import TenantId, UserId
from core.infrastructure.database import Database, Purpose
from core.infrastructure.sql import Duplicate, SqlUnitOfWork, Storage, is_duplicate
from people_ops.domain.invitation import Invitation, InvitationId, NoSuchInvitation
from people_ops.domain.password_reset import PasswordReset
from people_ops.domain.single_sign_on import SingleSignOn
from people_ops.domain.user import Membership, User
from people_ops.infrastructure.people_sql import own_roles
from people_ops.infrastructure.tables import memberships, users
from people_ops.infrastructure.ways_in_tables import (
    identities,
    invitations,
    password_resets,
    recovery_codes,
    second_factors,
    single_sign_on,
)

RolePermissions = Callable[[Session, TenantId, Sequence[str]], frozenset[str]]
"""Of a tenant's roles, its own ones too, all together. Raises NoSuchRole."""
EndSessions = Callable[[Session, UserId], None]
"""Of a user, in every tenant, with the session's transaction."""


@contextmanager
def clashes_told() -> Iterator[None]:
    """Somebody may have stored the same person, identity or seed since we looked."""
    try:
        yield
    except IntegrityError as error:
        if not is_duplicate(error):
            raise
        raise Duplicate("Someone else stored the same thing just now.", fix="Try again.") from error


class SqlTenantWaysIn(SqlUnitOfWork):
    """``application.ways_in.TenantWaysIn``"""

    def __init__(self, storage: Storage, actor: Actor, role_permissions: RolePermissions) -> None:
        super().__init__(storage, actor)
        self._role_permissions = role_permissions

    def permissions_of(self, roles: Sequence[str]) -> frozenset[str]:
        return self._role_permissions(self.session, self.tenant_id, roles)

    def invitation(self, invitation_id: InvitationId) -> Invitation:
        found = self.one(select(Invitation).where(invitations.c.id == invitation_id))
        if found is None:
            raise NoSuchInvitation("There is none with that id.", fix="List the invitations.")
        return found

    def open_invitation_for(self, email: str) -> Invitation | None:
        return self.one(select(Invitation).where(invitations.c.email == email, *self._open()).limit(1))

    def count_open_invitations(self) -> int:
        counted = select(func.count()).select_from(invitations).where(*self._open())
        return self.session.scalar(self.mine(counted)) or 0

    def is_member(self, email: str) -> bool:
        theirs = select(users.c.id).where(users.c.email == email).scalar_subquery()
        found = select(memberships.c.user_id).where(memberships.c.user_id == theirs)
        return self.session.scalar(self.mine(found)) is not None

    def single_sign_on(self) -> SingleSignOn | None:
        return self.one(select(SingleSignOn))

    def delete_single_sign_on(self) -> bool:
        gone = self.session.execute(self.mine(delete(single_sign_on)).returning(single_sign_on.c.tenant_id))
        return gone.first() is not None

    def _open(self) -> tuple[ColumnElement[bool], ...]:
        now = self._storage.clock()
        return (
            invitations.c.accepted_at.is_(None),
            invitations.c.revoked_at.is_(None),
            invitations.c.expires_at > now,
        )


class SqlSystemWaysIn(SqlUnitOfWork):
    """``application.ways_in.SystemWaysIn`` and ``application.second_factor.SecondFactorUnitOfWork``: past row level
    security, since a person belongs to no tenant; audit, quota and jobs are the actor's tenant's."""

    def __init__(self, storage: Storage, actor: Actor, end_sessions: EndSessions) -> None:
        super().__init__(storage, actor)
        self._end_sessions = end_sessions

    def end_sessions(self, user_id: UserId) -> None:
        self._end_sessions(self.session, user_id)

    def _opened(self) -> Session:
        return self._storage.database.as_system(Purpose.LOG_IN, write=True)

    def user(self, user_id: UserId) -> User | None:
        return self.session.get(User, user_id)

    def user_of_email(self, email: str) -> User | None:
        return self.session.scalar(select(User).where(users.c.email == email))

    def membership(self, user_id: UserId) -> Membership | None:
        return self.one(select(Membership).where(memberships.c.user_id == user_id))

    def own_roles(self) -> Mapping[str, Sequence[str]]:
        return own_roles(self.session, self.tenant_id)

    def count_tenants(self, user_id: UserId) -> int:
        theirs = select(func.count()).select_from(memberships).where(memberships.c.user_id == user_id)
        return self.session.scalar(theirs) or 0

    def invitation_of_token(self, token_hash: str) -> Invitation | None:
        return self.one(select(Invitation).where(invitations.c.token_hash == token_hash).with_for_update())

    def reset_of_token(self, token_hash: str) -> PasswordReset | None:
        found = select(PasswordReset).where(password_resets.c.token_hash == token_hash)
        return self.session.scalar(found.with_for_update())

    def withdraw_resets(self, user_id: UserId) -> None:
        self.session.execute(delete(password_resets).where(password_resets.c.user_id == user_id))

    def single_sign_on(self) -> SingleSignOn | None:
        return self.one(select(SingleSignOn))

    def identity(self, issuer: str, subject: str) -> UserId | None:
        known = identities.c.issuer == issuer, identities.c.subject == subject
        return self.session.scalar(self.mine(select(identities.c.user_id).where(*known)))

    def add_identity(self, issuer: str, subject: str, user_id: UserId) -> None:
        row = {"tenant_id": self.tenant_id, "issuer": issuer, "subject": subject, "user_id": user_id}
        with clashes_told():
            self.session.execute(insert(identities).values(**row, created_at=self._storage.clock()))

    def add_row(self, row: User | Membership | PasswordReset) -> None:
        self.session.add(row)
        with clashes_told():
            self.session.flush()  # memberships and resets refer to users, which no mapper knows

    def pending_seed(self, user_id: UserId) -> str:
        found = select(second_factors.c.pending_seed).where(second_factors.c.user_id == user_id)
        return self.session.scalar(found) or ""

    def keep_pending_seed(self, user_id: UserId, seed: str) -> None:
        mine = second_factors.c.user_id == user_id
        changed = update(second_factors).where(mine).values(pending_seed=seed)
        if self.session.execute(changed.returning(second_factors.c.user_id)).first() is None:
            row = {"user_id": user_id, "pending_seed": seed, "last_counter": 0}
            with clashes_told():
                self.session.execute(insert(second_factors).values(row))

    def use_counter(self, user_id: UserId, counter: int) -> bool:
        newer = second_factors.c.user_id == user_id, second_factors.c.last_counter < counter
        used = update(second_factors).where(*newer).values(last_counter=counter)
        return self.session.execute(used.returning(second_factors.c.user_id)).first() is not None

    def use_recovery_code(self, user_id: UserId, code_hash: str) -> bool:
        mine = recovery_codes.c.user_id == user_id, recovery_codes.c.code_hash == code_hash
        used = delete(recovery_codes).where(*mine).returning(recovery_codes.c.user_id)
        return self.session.execute(used).first() is not None

    def replace_recovery_codes(self, user_id: UserId, hashes: Sequence[str]) -> None:
        self.session.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
        for code_hash in hashes:
            self.session.execute(insert(recovery_codes).values(user_id=user_id, code_hash=code_hash))


@dataclass(frozen=True, slots=True)
class SqlSystemLookups:
    database: Database

    def tenant_of_invitation(self, token_hash: str) -> TenantId | None:
        found = select(invitations.c.tenant_id).where(invitations.c.token_hash == token_hash)
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(found)

    def invitation(self, token_hash: str) -> Invitation | None:
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(select(Invitation).where(invitations.c.token_hash == token_hash))

    def reset(self, token_hash: str) -> PasswordReset | None:
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(select(PasswordReset).where(password_resets.c.token_hash == token_hash))

    def has_password(self, email: str) -> bool:
        theirs = select(users.c.id).where(users.c.email == email, users.c.password_hash != "")
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(theirs) is not None

    def password_hash(self, user_id: UserId) -> str:
        with self.database.as_system(Purpose.LOG_IN) as session:
            return session.scalar(select(users.c.password_hash).where(users.c.id == user_id)) or ""
