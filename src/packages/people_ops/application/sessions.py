"""The life of a session after log-in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.actor import Actor
from core.domain.errors import Forbidden
from core.domain.ids import UserId
from enterprise.api import TenantStates
from people_ops.application.ports import (
    Attempts,
    IssueToken,
    LogInLookups,
    LogInUnitOfWork,
    Passwords,
    Tokens,
)
from people_ops.domain.links import token_hash
from people_ops.domain.second_factor import WrongPassword
from people_ops.domain.session import (
    NoSuchSession,
    Session,
    SessionId,
    TokenNotValid,
    TokenRevoked,
)

Uow = Callable[[Actor], LogInUnitOfWork]


class NotAPerson(Forbidden):
    title = "Only a person who is logged in can do that"


@dataclass(frozen=True, slots=True)
class Refresh:
    """New tokens for an old refresh token, once: whoever shows it again ends the session for both (RFC 9700, 4.14.2).

    Of two at once one gets tokens, and then the session ends: a thief and a client in a hurry look alike.
    """

    uow: Uow
    lookups: LogInLookups
    states: TenantStates
    issue: IssueToken
    new_token: Callable[[], str]
    clock: Callable[[], datetime]
    life: timedelta
    idle: timedelta

    def __call__(self, caller: Actor, *, refresh_token: str) -> Tokens:
        """Raises TokenNotValid, TokenRevoked, TokenExpired, TenantSuspended."""
        found, fresh = self.lookups.session_of_refresh_token(token_hash(refresh_token)), self.new_token()
        if found is None:
            raise TokenNotValid("It is none of ours.", fix="Log in again.")
        self.states.check(found.tenant_id)
        with self.uow(_owner(caller, found)) as uow:
            session = uow.session_of(found.id)
            if session is None or not _may_go_on(uow, session):
                raise TokenRevoked("The session has ended.", fix="Log in again.")
            session.check(self.clock())
            if not uow.use_refresh_token(token_hash(refresh_token)):
                session.revoke(self.clock())
                uow.audit("session.token_reused", session.id)
                uow.commit()
                raise TokenRevoked("It was used before; the session has ended.", fix="Log in again.")
            session.refresh(self.clock(), self.idle)
            uow.add_refresh_token(session, token_hash(fresh))
            uow.audit("session.refreshed", session.id)
            uow.commit()
        return Tokens(self.issue(session), int(self.life.total_seconds()), fresh)


@dataclass(frozen=True, slots=True)
class LogOut:
    uow: Uow
    lookups: LogInLookups
    clock: Callable[[], datetime]

    def __call__(self, caller: Actor, *, refresh_token: str) -> None:
        """Ends the token's session; does nothing for a token we do not know."""
        found = self.lookups.session_of_refresh_token(token_hash(refresh_token))
        if found is None:
            return
        with self.uow(_owner(caller, found)) as uow:
            session = uow.session_of(found.id)
            if session is None or session.revoked_at is not None:
                return
            session.revoke(self.clock())
            uow.audit("logout", session.user_id, after={"session_id": str(session.id)})
            uow.commit()


@dataclass(frozen=True, slots=True)
class RevokeSession:
    uow: Uow
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, session_id: SessionId) -> None:
        """One's own in this tenant. Raises NoSuchSession."""
        with self.uow(actor) as uow:
            session = uow.session_of(session_id)
            if session is None or session.user_id != person(actor) or session.revoked_at is not None:
                raise NoSuchSession("There is none with that id.", fix="List your sessions.")
            session.revoke(self.clock())
            uow.audit("session.revoked", session.id)
            uow.commit()


@dataclass(frozen=True, slots=True)
class RevokeAllSessions:
    """One's own, in every tenant, this one too."""

    uow: Uow

    def __call__(self, actor: Actor) -> None:
        """Raises NotAPerson."""
        with self.uow(actor) as uow:
            uow.end_sessions(person(actor))
            uow.audit("session.all_revoked", actor.user_id)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Ends the other sessions. Hashing is done before a transaction is open: it is slow on purpose."""

    uow: Uow
    passwords: Passwords
    attempts: Attempts

    def __call__(self, actor: Actor, *, old: str, new: str, keep: SessionId | None) -> None:
        """Raises NotAPerson, WrongPassword, PasswordRefused, TooMany."""
        user_id = person(actor)
        self.attempts.admit(f"password:{user_id}", told=(actor,))
        self.passwords.check(new)
        with self.uow(actor) as uow:
            user = uow.user(user_id)
            stored = user.password_hash if user else ""
        if not self.passwords.verify(old, stored):
            raise WrongPassword
        hashed = self.passwords.hash(new)
        with self.uow(actor) as uow:
            user = uow.user(user_id)
            if user is None or user.password_hash != stored:
                raise WrongPassword
            user.password_hash = hashed
            uow.end_sessions(user_id, but=keep)
            uow.audit("password.changed", user_id)
            uow.commit()
        self.attempts.forget(f"password:{user_id}")


def person(actor: Actor) -> UserId:
    """Raises NotAPerson."""
    if actor.user_id is None or actor.key_id is not None:
        raise NotAPerson("An API key has no sessions and no password.", fix="Log in as the person.")
    return actor.user_id


def _owner(caller: Actor, session: Session) -> Actor:
    return Actor(
        tenant_id=session.tenant_id,
        user_id=session.user_id,
        address=caller.address,
        request_id=caller.request_id,
    )


def _may_go_on(uow: LogInUnitOfWork, session: Session) -> bool:
    user, membership = uow.user(session.user_id), uow.membership(session.user_id)
    return bool(user and membership and not user.disabled_at and not membership.disabled_at)
