"""``application.ports.PeopleQueries``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, or_, select
from sqlalchemy.orm import Session

from core.domain.ids import PLATFORM, KeyId, TenantId, UserId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, sorts, total_of
from core.infrastructure.sql import of_tenant
from people_ops.application.ports import (
    EVERYTHING,
    KeyView,
    MemberView,
    PeopleFilter,
    RoleView,
    SessionView,
)
from people_ops.domain.api_key import no_such_key
from people_ops.domain.member import no_such_member
from people_ops.domain.permissions import PERMISSIONS, Role
from people_ops.domain.session import LONGEST
from people_ops.domain.user import Membership, User
from people_ops.infrastructure.tables import api_keys, memberships, roles, sessions, users

MEMBERS: dict[str, Order[MemberView]] = {
    "": Order("members", ((memberships.c.user_id, False),), lambda view: (view.id,)),
    **sorts(
        "members",
        {"email": users.c.email, "name": users.c.name, "created_at": memberships.c.created_at},
        memberships.c.user_id,
    ),
}
KEYS: dict[str, Order[KeyView]] = sorts(
    "keys", {name: api_keys.c[name] for name in ("name", "created_at", "expires_at")}, api_keys.c.id
)
KEY_COLUMNS = [api_keys.c[name] for name in KeyView.__slots__]
SESSION_COLUMNS = [sessions.c[name] for name in SessionView.__slots__]


@dataclass(frozen=True, slots=True)
class SqlPeople:
    database: Database
    clock: Callable[[], datetime]

    def member(self, tenant_id: TenantId, user_id: UserId) -> MemberView:
        one = of_tenant(select(Membership).where(memberships.c.user_id == user_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            for found in _with_users(session, session.scalars(one).all()):
                return found
        raise no_such_member()

    def member_of_email(self, tenant_id: TenantId, email: str) -> MemberView:
        theirs = select(users.c.id).where(users.c.email == email.strip().lower())
        with self.database.of_tenant(tenant_id) as session:
            user_id = session.scalar(theirs)
        if user_id is None:
            raise no_such_member()
        return self.member(tenant_id, user_id)

    def members(
        self,
        tenant_id: TenantId,
        wanted: PeopleFilter = EVERYTHING,
        *,
        sort: str = "",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[MemberView]:
        mine = of_tenant(select(Membership), tenant_id).join(users, users.c.id == memberships.c.user_id)
        statement, order = _members(mine, wanted), MEMBERS[sort]
        with self.database.of_tenant(tenant_id) as session:
            found = session.scalars(order.cut(statement, limit, cursor)).all()
            return order.page(_with_users(session, found), limit, total_of(session, statement, count))

    def keys(
        self,
        tenant_id: TenantId,
        wanted: PeopleFilter = EVERYTHING,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[KeyView]:
        statement, order = _keys(of_tenant(select(*KEY_COLUMNS), tenant_id), wanted, self.clock()), KEYS[sort]
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(order.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
        return order.page([KeyView(**row._asdict()) for row in rows], limit, total)

    def key(self, tenant_id: TenantId, key_id: KeyId) -> KeyView:
        with self.database.of_tenant(tenant_id) as session:
            one = of_tenant(select(*KEY_COLUMNS).where(api_keys.c.id == key_id), tenant_id)
            found = session.execute(one).first()
        if found is None:
            raise no_such_key()
        return KeyView(**found._asdict())

    def roles(self, tenant_id: TenantId) -> Sequence[RoleView]:
        built_in = [
            RoleView(None, role, sorted(PERMISSIONS[role]), 1)
            for role in Role
            if (role is Role.OPERATOR) == (tenant_id == PLATFORM)
        ]
        own = select(roles.c.id, roles.c.name, roles.c.permissions, roles.c.version).order_by(roles.c.name)
        with self.database.of_tenant(tenant_id) as session:
            return built_in + [RoleView(*row) for row in session.execute(of_tenant(own, tenant_id))]

    def sessions(self, tenant_id: TenantId, user_id: UserId) -> Sequence[SessionView]:
        now = self.clock()
        live = (
            sessions.c.user_id == user_id,
            sessions.c.revoked_at.is_(None),
            sessions.c.idle_at > now,
            sessions.c.created_at > now - LONGEST,
        )
        mine = select(*SESSION_COLUMNS).where(*live).order_by(sessions.c.created_at.desc()).limit(200)
        with self.database.of_tenant(tenant_id) as session:
            return [SessionView(*row) for row in session.execute(of_tenant(mine, tenant_id))]


def has(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    return func.lower(column).contains(part.lower(), autoescape=True)


def _members(statement: Select[Any], wanted: PeopleFilter) -> Select[Any]:
    is_out = or_(memberships.c.disabled_at.is_not(None), users.c.disabled_at.is_not(None))
    if wanted.search:
        statement = statement.where(or_(has(users.c.email, wanted.search), has(users.c.name, wanted.search)))
    if wanted.role:  # a JSON list of words without quotes in them
        statement = statement.where(
            cast(memberships.c.roles, String).contains(f'"{wanted.role}"', autoescape=True)
        )
    if wanted.state:
        statement = statement.where(is_out if wanted.state == "disabled" else ~is_out)
    return statement


def _keys(statement: Select[Any], wanted: PeopleFilter, now: datetime) -> Select[Any]:
    is_revoked, is_expired = api_keys.c.revoked_at.is_not(None), api_keys.c.expires_at <= now
    of_state = {
        "revoked": is_revoked,
        "expired": ~is_revoked & is_expired,
        "active": ~is_revoked & ~is_expired,
    }
    if wanted.search:
        statement = statement.where(has(api_keys.c.name, wanted.search))
    return statement.where(of_state[wanted.state]) if wanted.state else statement


def _with_users(session: Session, members: Sequence[Membership]) -> list[MemberView]:
    """In two steps: users belong to the installation, and no tenant filter narrows them."""
    theirs = select(User).where(users.c.id.in_([member.user_id for member in members]))
    by_id = {user.id: user for user in session.scalars(theirs)}
    return [_view(by_id[member.user_id], member) for member in members]


def _view(user: User, member: Membership) -> MemberView:
    return MemberView(
        id=user.id,
        email=user.email,
        name=user.name,
        roles=member.roles,
        disabled_at=member.disabled_at or user.disabled_at,
        created_at=member.created_at,
        last_login_at=user.last_login_at,
        second_factor=bool(user.totp_seed),
        version=member.version,
    )
