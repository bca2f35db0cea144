"""``core.application.browsers.Browsers``: a session's cookie -> Visitor."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock

from sqlalchemy import select, update
from sqlalchemy.orm import Session as SqlSession

from core.application.authenticator import Credentials
from core.application.browsers import Place, Visitor
from core.domain.ids import PLATFORM, TenantId
from core.infrastructure.database import Database, Purpose
from people_ops.domain.permissions import READ, Role
from people_ops.domain.role import permissions_of
from people_ops.domain.session import BROWSER_IDLE, NOTED, Session, TokenNotValid, TokenRevoked
from people_ops.domain.user import Membership, User
from people_ops.infrastructure.authenticator import MOST_REMEMBERED, REMEMBERED_S
from people_ops.infrastructure.people_sql import own_roles
from people_ops.infrastructure.tables import memberships, sessions

START = "impersonation:start"


@dataclass(frozen=True, slots=True)
class SqlBrowsers:
    """``name_of`` gives a tenant's slug and name, ``seconds`` ages what is remembered."""

    database: Database
    name_of: Callable[[TenantId], tuple[str, str]]
    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    _known: dict[bytes, tuple[float, Visitor]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def remembered(self, token: str) -> Visitor | None:
        since, visitor = self._known.get(_digest(token), (float("-inf"), None))
        return visitor if self.seconds() - since < REMEMBERED_S else None

    def forget(self, token: str) -> None:
        self._known.pop(_digest(token), None)

    def __call__(self, credentials: Credentials) -> Visitor:
        asked, now = self.seconds(), self.clock()
        with self.database.as_system(Purpose.LOG_IN) as session:
            found = session.scalar(
                select(Session).where(sessions.c.cookie_hash == _digest(credentials.token).hex())
            )
            if found is None:
                raise TokenNotValid("The session is gone.", fix="Sign in again.")
            found.check(now)
            user = session.get(User, found.user_id)
            if user is None or user.disabled_at is not None:
                raise TokenRevoked("The user may not sign in any more.", fix="Ask your administrator.")
            places = self._places(session, found)
            visitor = Visitor(
                user_id=user.id,
                session_id=found.id,
                home=found.tenant_id,
                email=user.email,
                name=user.name,
                places=tuple(places),
                looks=tuple(self._looks(session, found, places)),
            )
            last_used = found.last_used_at
        if now - last_used >= NOTED:
            self._note_use(visitor, now)
        with self._lock:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[_digest(credentials.token)] = asked, visitor
        return visitor

    def _places(self, session: SqlSession, of: Session) -> list[Place]:
        """By name."""
        live = memberships.c.user_id == of.user_id, memberships.c.disabled_at.is_(None)
        theirs = session.scalars(select(Membership).where(*live)).all()
        places = []
        for each in theirs:
            tenant_id = TenantId(each.tenant_id)
            if not of.every_tenant and tenant_id != of.tenant_id:
                continue
            own = own_roles(session, tenant_id) if set(each.roles) - set(Role) else {}
            slug, name = self.name_of(tenant_id)
            places.append(
                Place(tenant_id, slug, name, tuple(each.roles), permissions_of(tenant_id, each.roles, own))
            )
        return sorted(places, key=lambda place: place.name.casefold())

    def _looks(self, session: SqlSession, of: Session, places: Sequence[Place]) -> Iterator[Place]:
        """Begun since this sign-in, by who may do so still."""
        if not any(place.tenant_id == PLATFORM and START in place.permissions for place in places):
            return
        begun = select(Session).where(
            sessions.c.user_id == of.user_id,
            sessions.c.impersonated,
            sessions.c.revoked_at.is_(None),
            sessions.c.idle_at > self.clock(),
            sessions.c.created_at >= of.created_at,
        )
        for look in session.scalars(begun.order_by(sessions.c.idle_at.desc())):
            slug, name = self.name_of(look.tenant_id)
            yield Place(look.tenant_id, slug, name, (Role.VIEWER,), READ, look.ends_at)

    def _note_use(self, visitor: Visitor, now: datetime) -> None:
        used = (
            update(sessions)
            .where(sessions.c.id == visitor.session_id)
            .values(last_used_at=now, idle_at=now + BROWSER_IDLE)
        )
        with self.database.system_transaction(Purpose.LOG_IN) as session:
            session.execute(used)


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogateescape")).digest()
