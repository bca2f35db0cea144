"""A log-in that lasts: one user in one tenant, on one device."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType
from uuid import UUID

from core.domain.errors import NotFound, Unauthenticated
from core.domain.ids import TenantId, UserId

SessionId = NewType("SessionId", UUID)

LONGEST = timedelta(days=90)  # however often it is refreshed
IMPERSONATION = timedelta(minutes=15)
LONGEST_REASON = 200
BROWSER_IDLE, BROWSER_LONGEST = timedelta(hours=12), timedelta(days=7)
NOTED = timedelta(minutes=1)  # how often the use of a browser's session is written down


class NoSuchSession(NotFound):
    title = "No such session"


class TokenNotValid(Unauthenticated):
    """Unknown, altered, or of somebody who may not log in any more."""

    title = "The token is not valid"


class TokenExpired(Unauthenticated):
    title = "The token has expired"


class TokenRevoked(Unauthenticated):
    title = "The token was revoked"


@dataclass(eq=False, kw_only=True)
class Session:
    """``idle_at`` is when it ends unless it is refreshed; ``impersonated`` ones belong to an operator, only read, and
    are never refreshed. A browser's has the hash of its cookie; ``every_tenant``: it opens all of the user's tenants."""

    id: SessionId
    tenant_id: TenantId
    user_id: UserId
    address: str
    agent: str
    created_at: datetime
    last_used_at: datetime
    idle_at: datetime
    impersonated: bool = False
    revoked_at: datetime | None = None
    cookie_hash: str | None = None
    every_tenant: bool = False

    @property
    def ends_at(self) -> datetime:
        longest = BROWSER_LONGEST if self.cookie_hash else LONGEST
        return min(self.idle_at, self.created_at + longest)

    def check(self, now: datetime) -> None:
        """Raises TokenRevoked, TokenExpired."""
        if self.revoked_at is not None:
            raise TokenRevoked("The session has ended.", fix="Log in again.")
        if now >= self.ends_at:
            raise TokenExpired("The session is too old.", fix="Log in again.")

    def refresh(self, now: datetime, idle: timedelta) -> None:
        """Raises TokenRevoked, TokenExpired."""
        self.check(now)
        self.last_used_at, self.idle_at = now, min(now + idle, self.created_at + LONGEST)

    def open_in_browser(self, cookie_hash: str, now: datetime, *, every_tenant: bool) -> None:
        self.cookie_hash, self.every_tenant = cookie_hash, every_tenant
        self.idle_at = now + BROWSER_IDLE

    def revoke(self, now: datetime) -> None:
        self.revoked_at = self.revoked_at or now
