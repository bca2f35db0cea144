"""A tenant's offer to one e-mail address: join us, with these roles."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType
from uuid import UUID

from core.domain.errors import Conflict, NotFound
from core.domain.ids import TenantId, UserId
from people_ops.domain.links import INVITATION_LIFE, LinkNotValid

InvitationId = NewType("InvitationId", UUID)


class NoSuchInvitation(NotFound):
    title = "There is no such invitation"


class InvitationIsClosed(Conflict):
    title = "The invitation was accepted or withdrawn"


@dataclass(eq=False, kw_only=True)
class Invitation:
    """Open until it is accepted, withdrawn or ``expires_at`` has come; sending it again makes a new token."""

    id: InvitationId
    tenant_id: TenantId
    email: str  # lower case
    roles: list[str]
    token_hash: str
    invited_by: UserId | None  # None: the console
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    revoked_at: datetime | None = None
    version: int = 1

    def state(self, now: datetime) -> str:
        if self.accepted_at is not None:
            return "accepted"
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if now >= self.expires_at else "open"

    def accept(self, now: datetime) -> None:
        """Raises LinkNotValid."""
        if self.state(now) != "open":
            raise LinkNotValid
        self.accepted_at = now

    def renew(self, token_hash: str, now: datetime) -> None:
        """The link before stops working. Raises InvitationIsClosed."""
        self._still_open()
        self.token_hash, self.expires_at = token_hash, now + INVITATION_LIFE

    def revoke(self, now: datetime) -> None:
        """Raises InvitationIsClosed."""
        self._still_open()
        self.revoked_at = now

    def _still_open(self) -> None:
        if self.accepted_at is not None or self.revoked_at is not None:
            raise InvitationIsClosed("Nothing of it can be changed now.", fix="Make a new one.")
