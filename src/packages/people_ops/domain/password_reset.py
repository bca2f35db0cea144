"""A forgotten password's way back: a link to the mailbox of its owner."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.domain.ids import UserId
from people_ops.domain.links import LinkNotValid


@dataclass(eq=False, kw_only=True)
class PasswordReset:
    id: UUID
    user_id: UserId
    token_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    version: int = 1

    def check(self, now: datetime) -> None:
        """Raises LinkNotValid."""
        if self.used_at is not None or now >= self.expires_at:
            raise LinkNotValid

    def use(self, now: datetime) -> None:
        """Raises LinkNotValid."""
        self.check(now)
        self.used_at = now
