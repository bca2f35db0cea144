"""Who is calling, as found out from what a request shows."""

from dataclasses import dataclass
from typing import Protocol

from core.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request shows: its bearer token, and the peer's address."""

    token: str
    address: str
    request_id: str


class Authenticator(Protocol):
    def remembered(self, token: str) -> Actor | None:
        """The caller, where the token was checked less than a second ago; does no I/O."""

    def __call__(self, credentials: Credentials) -> Actor:
        """The caller. Raises Unauthenticated, Forbidden (tenant suspended) and Unavailable."""
