"""``core.application.authenticator.Authenticator``: bearer token or API key -> Actor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

from sqlalchemy import select, update
from sqlalchemy.orm import Session as SqlSession

from core.application.authenticator import Credentials
from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId, UserId
from core.infrastructure.database import Database, Purpose
from enterprise.api import SecurityEvents, TenantStates
from people_ops.domain.api_key import PREFIX, ApiKey
from people_ops.domain.permissions import READ, Role
from people_ops.domain.role import permissions_of
from people_ops.domain.session import Session, TokenNotValid, TokenRevoked
from people_ops.infrastructure.access_tokens import AccessTokens
from people_ops.infrastructure.people_sql import own_roles
from people_ops.infrastructure.tables import api_keys, memberships, users

REMEMBERED_S = 0.85  # with what is remembered of the tenant's state, less than a second
ASKED_AGAIN_S = 0.5  # by one request, while the others go by what is remembered
MOST_REMEMBERED = 10_000
NOTED = timedelta(minutes=1)  # how often the use of a key is written down


@dataclass(frozen=True, slots=True)
class TokenAuthenticator:
    """Asks the database some two times a second per token. ``seconds`` ages what is remembered."""

    database: Database
    tokens: AccessTokens
    states: TenantStates
    events: SecurityEvents
    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    _known: dict[bytes, tuple[float, Actor]] = field(default_factory=dict)
    _asked: dict[bytes, float] = field(default_factory=dict)
    _refused: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def remembered(self, token: str) -> Actor | None:
        digest, now = _digest(token), self.seconds()
        since, actor = self._known.get(digest, (float("-inf"), None))
        if now - since >= REMEMBERED_S:
            return None
        if now - since >= ASKED_AGAIN_S and now - self._asked.get(digest, since) >= ASKED_AGAIN_S:
            self._asked[digest] = now
            return None
        return actor

    def __call__(self, credentials: Credentials) -> Actor:
        asked, token = self.seconds(), credentials.token
        actor = self._of_key(credentials) if token.startswith(PREFIX) else self._of_session(token)
        self.states.check(actor.tenant_id)
        with self._lock:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
                self._asked.clear()
            self._known[_digest(token)] = asked, actor
        return actor

    def _of_session(self, token: str) -> Actor:
        claims = self.tokens.read(token)
        with self.database.as_system(Purpose.LOG_IN) as session:
            found = session.get(Session, claims.session_id)
            if found is None or (found.user_id, found.tenant_id) != (claims.user_id, claims.tenant_id):
                raise TokenNotValid("Its session is gone.", fix="Log in again.")
            found.check(self.clock())
            home = PLATFORM if found.impersonated else found.tenant_id
            permissions = _permissions(session, found.user_id, home)
        if permissions is None:
            raise TokenRevoked("The user may not log in any more.", fix="Ask your administrator.")
        if found.impersonated:
            permissions = READ if "impersonation:start" in permissions else frozenset()
        return Actor(tenant_id=found.tenant_id, user_id=found.user_id, permissions=permissions)

    def _of_key(self, credentials: Credentials) -> Actor:
        now, key_hash = self.clock(), sha256(credentials.token.encode()).hexdigest()
        with self.database.as_system(Purpose.KEY_LOOKUP) as session:
            key = session.scalar(select(ApiKey).where(api_keys.c.key_hash == key_hash))
            if key is None:
                raise TokenNotValid("There is no such API key.", fix="Make another one.")
            allowed = frozenset(key.permissions)
            makers = _permissions(session, key.created_by, key.tenant_id) if key.created_by else allowed
        if key.revoked_at is not None:
            self._note_refusal(key, credentials, now)
        key.check(now)
        if makers is None:
            raise TokenRevoked("Its maker has left the tenant.", fix="Make another one.")
        if key.last_used_at is None or now - key.last_used_at >= NOTED:
            self._note_use(key, now)
        return Actor(
            tenant_id=key.tenant_id,
            user_id=key.created_by,
            key_id=key.id,
            permissions=allowed & makers,
        )

    def _note_use(self, key: ApiKey, now: datetime) -> None:
        used = update(api_keys).where(api_keys.c.id == key.id).values(last_used_at=now)
        with self.database.system_transaction(Purpose.KEY_LOOKUP) as session:
            session.execute(used)

    def _note_refusal(self, key: ApiKey, credentials: Credentials, now: datetime) -> None:
        """Once a minute per key and process: an old key in a loop would flood the chain."""
        with self._lock:
            last = self._refused.get(key.key_hash)
            if last is not None and now - last < NOTED:
                return
            if len(self._refused) >= MOST_REMEMBERED:
                self._refused.clear()
            self._refused[key.key_hash] = now
        actor = Actor(
            tenant_id=key.tenant_id,
            key_id=key.id,
            address=credentials.address,
            request_id=credentials.request_id,
        )
        self.events(actor, "key.used_after_revocation", object_id=key.id)


def _permissions(session: SqlSession, user_id: UserId, tenant_id: TenantId) -> frozenset[str] | None:
    """None: they are disabled, or no member."""
    live = users.c.id == user_id, users.c.disabled_at.is_(None), memberships.c.disabled_at.is_(None)
    joined = memberships.join(users, users.c.id == memberships.c.user_id)
    found = select(memberships.c.roles).select_from(joined).where(*live, memberships.c.tenant_id == tenant_id)
    names: Sequence[str] | None = session.scalar(found)
    if names is None:
        return None
    own = own_roles(session, tenant_id) if set(names) - set(Role) else {}
    return permissions_of(tenant_id, names, own)


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogateescape")).digest()
