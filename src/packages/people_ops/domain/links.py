"""Links that work once and for a time: who has one read a mailbox. Only the token's hash is stored."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from core.domain.errors import Invalid

INVITATION_LIFE = timedelta(days=7)
RESET_LIFE = timedelta(hours=1)


class LinkNotValid(Invalid):
    """Unknown, expired, used or withdrawn: we do not say which."""

    title = "The link does not work any more"

    def __init__(self) -> None:
        super().__init__("It was used, has expired or was withdrawn.", fix="Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that mails point to; they begin with the setting ``service.public_url`` and never with what a request says."""

    public_url: str

    def invitation(self, token: str) -> str:
        return f"{self.public_url.rstrip('/')}/invitation/{token}"

    def password_reset(self, token: str) -> str:
        return f"{self.public_url.rstrip('/')}/password-reset/{token}"

    @property
    def oidc_callback(self) -> str:
        return f"{self.public_url.rstrip('/')}/api/v1/auth/oidc/callback"

    @property
    def is_https(self) -> bool:
        return self.public_url.lower().startswith("https://")


def token_hash(token: str) -> str:
    """The token is random and long, so that one round is enough and the hash can be looked up."""
    return sha256(token.encode()).hexdigest()
