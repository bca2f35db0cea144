"""A key by which programs work for a tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.errors import Conflict, Invalid, NotFound
from core.domain.ids import KeyId, TenantId, UserId
from people_ops.domain.permissions import SCOPES
from people_ops.domain.session import TokenExpired, TokenRevoked

PREFIX = "anom_"
LONGEST_DAYS = 366 * 2
LONGEST_OVERLAP_HOURS = 24 * 30


class NoSuchKey(NotFound):
    title = "No such API key"


class NoSuchScope(Invalid):
    title = "There is no such scope"


class KeyIsOver(Conflict):
    title = "The key is not valid any more"


class InvalidExpiry(Invalid):
    title = "The key cannot expire then"


@dataclass(eq=False, kw_only=True)
class ApiKey:
    """``start`` is its beginning, to recognise it by; of the rest only the hash is stored.

    It may do what its scopes name, its maker could when it was made, and still can; keys of the console have no maker.
    """

    id: KeyId
    tenant_id: TenantId
    name: str
    start: str
    key_hash: str
    scopes: list[str]
    permissions: list[str]
    created_by: UserId | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 1

    def check(self, now: datetime) -> None:
        """Raises TokenRevoked, TokenExpired."""
        if self.revoked_at is not None:
            raise TokenRevoked("The API key was revoked.", fix="Make another one.")
        if now >= self.expires_at:
            raise TokenExpired("The API key is too old.", fix="Make another one.")

    def revoke(self, now: datetime) -> None:
        self.revoked_at = self.revoked_at or now

    def give_way(self, now: datetime, overlap_hours: int) -> None:
        """To another key: valid for so long, and no longer than it was. Raises KeyIsOver, InvalidExpiry."""
        if not 0 <= overlap_hours <= LONGEST_OVERLAP_HOURS:
            raise InvalidExpiry(
                f"{overlap_hours} hours after another took its place.",
                fix=f"Choose 0 to {LONGEST_OVERLAP_HOURS} hours.",
            )
        if self.revoked_at is not None or now >= self.expires_at:
            raise KeyIsOver("It was revoked, or is too old.", fix="Make another key.")
        if overlap_hours:
            self.expires_at = min(self.expires_at, now + timedelta(hours=overlap_hours))
        else:
            self.revoke(now)


def no_such_key() -> NoSuchKey:
    """Of another tenant or of none: nobody can tell which."""
    return NoSuchKey("There is none with that id.", fix="List the keys.")


def permissions_of_scopes(scopes: Sequence[str]) -> frozenset[str]:
    """Raises NoSuchScope."""
    if unknown := sorted(set(scopes) - set(SCOPES)):
        raise NoSuchScope(f"{unknown[0]!r} is none.", fix=f"Choose among {', '.join(SCOPES)}.")
    return frozenset().union(*(SCOPES[scope] for scope in scopes))


def expiry(now: datetime, days: int) -> datetime:
    """Raises InvalidExpiry."""
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidExpiry(f"After {days} days.", fix=f"Choose 1 to {LONGEST_DAYS} days.")
    return now + timedelta(days=days)
