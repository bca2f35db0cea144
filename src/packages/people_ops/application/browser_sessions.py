"""Sessions of browsers: a cookie instead of tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.domain.actor import Actor
from people_ops.application.ports import LogInLookups, LogInUnitOfWork, Tokens
from people_ops.domain.links import token_hash
from people_ops.domain.session import SessionId, TokenNotValid


@dataclass(frozen=True, slots=True)
class OpenInBrowser:
    """Turns a session that has just begun into a browser's, which goes by the cookie alone."""

    uow: Callable[[Actor], LogInUnitOfWork]
    lookups: LogInLookups
    new_token: Callable[[], str]
    clock: Callable[[], datetime]

    def __call__(self, caller: Actor, tokens: Tokens, *, every_tenant: bool = False) -> str:
        """What the cookie holds. ``every_tenant``: the person has proven who they are to us, not only to the tenant's
        identity provider. Raises TokenNotValid."""
        cookie, refresh_hash = self.new_token(), token_hash(tokens.refresh_token)
        found = self.lookups.session_of_refresh_token(refresh_hash)
        if found is None:
            raise TokenNotValid("Its session is gone.", fix="Log in again.")
        owner = Actor(
            tenant_id=found.tenant_id,
            user_id=found.user_id,
            address=caller.address,
            request_id=caller.request_id,
        )
        with self.uow(owner) as uow:
            session = uow.session_of(found.id)
            if session is None or not uow.use_refresh_token(refresh_hash):
                raise TokenNotValid("Its session is gone.", fix="Log in again.")
            session.open_in_browser(token_hash(cookie), self.clock(), every_tenant=every_tenant)
            uow.audit("session.opened_in_browser", session.id)
            uow.commit()
        return cookie


@dataclass(frozen=True, slots=True)
class SignOut:
    uow: Callable[[Actor], LogInUnitOfWork]
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, session_id: SessionId) -> None:
        """Ends the session; one that has ended stays so. ``actor`` is of the session's own tenant."""
        with self.uow(actor) as uow:
            session = uow.session_of(session_id)
            if session is None or session.user_id != actor.user_id or session.revoked_at is not None:
                return
            session.revoke(self.clock())
            uow.audit("logout", session.user_id, after={"session_id": str(session.id)})
            uow.commit()
