"""Who is at a browser, as found out from its session cookie."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.application.authenticator import Credentials
from core.domain.ids import TenantId, UserId


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant somebody may enter, and what they may do in it. ``until``: an operator's look, which only reads and ends
    then."""

    tenant_id: TenantId
    slug: str
    name: str
    roles: tuple[str, ...]
    permissions: frozenset[str]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """``home`` is the tenant in which the session began; ``places`` by name, the platform's among them for operators;
    ``looks`` are tenants an operator looks into."""

    user_id: UserId
    session_id: UUID
    home: TenantId
    email: str
    name: str
    places: tuple[Place, ...]
    looks: tuple[Place, ...] = ()

    def place(self, slug: str) -> Place | None:
        return next((place for place in (*self.places, *self.looks) if place.slug == slug), None)


class Browsers(Protocol):
    def remembered(self, token: str) -> Visitor | None:
        """Whose cookie was checked less than a second ago; does no I/O."""

    def forget(self, token: str) -> None:
        """Its session has ended: do not remember it a moment longer."""

    def __call__(self, credentials: Credentials) -> Visitor:
        """Raises Unauthenticated and Unavailable."""
