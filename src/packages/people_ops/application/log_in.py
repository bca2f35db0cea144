"""Logging in with e-mail and password, and starting a session."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from core.domain.actor import Actor
from core.domain.errors import BadRequest, Unauthenticated
from core.domain.ids import PLATFORM, UserId, new_id
from enterprise.api import SecurityEvents, TenantStates, TenantSuspended
from people_ops.application.ports import (
    Attempts,
    IssueToken,
    LogInLookups,
    LogInUnitOfWork,
    Passwords,
    Person,
    SecondFactor,
    Tokens,
)
from people_ops.domain.links import token_hash
from people_ops.domain.session import Session, SessionId
from people_ops.domain.user import User

PROOF_LIFE = timedelta(minutes=5)


class LogInRefused(Unauthenticated):
    """Whatever was wrong, the same."""

    title = "Log-in failed"

    def __init__(self) -> None:
        super().__init__("E-mail, password or tenant do not match.", fix="Check them, or reset the password.")


@dataclass(frozen=True, slots=True)
class Proof:
    """That somebody has typed the password whose ``fingerprint`` this is."""

    email: str
    fingerprint: str
    expires_at: datetime


class Proofs(Protocol):
    """Proofs as a browser carries them from one form to the next: encrypted."""

    def sealed(self, proof: Proof) -> str: ...
    def opened(self, text: str) -> Proof | None:
        """None where it is none of ours."""


class OtpRequired(Unauthenticated):
    """``proof`` is sealed: with it ``FinishLogIn`` needs the code alone."""

    title = "A code of the second factor is needed"

    def __init__(self, proof: str) -> None:
        super().__init__("This user has a second factor.", fix="Send the code as otp.")
        self.proof = proof


class TenantNeeded(BadRequest):
    """Facts: ``tenants``, the slugs to choose from."""

    title = "Name the tenant"


@dataclass(frozen=True, slots=True)
class StartSession:
    """A session of a user whose identity is proven, in the actor's tenant."""

    uow: Callable[[Actor], LogInUnitOfWork]
    states: TenantStates
    issue: IssueToken
    new_token: Callable[[], str]
    clock: Callable[[], datetime]
    life: timedelta  # of an access token
    idle: timedelta  # longest time between two refreshes

    def __call__(self, actor: Actor, user_id: UserId, *, agent: str = "", rehashed: str = "") -> Tokens:
        """``rehashed`` replaces the password's hash. Raises LogInRefused, TenantSuspended."""
        self.states.check(actor.tenant_id)
        now, refresh_token = self.clock(), self.new_token()
        session = Session(
            id=SessionId(new_id()),
            tenant_id=actor.tenant_id,
            user_id=user_id,
            address=actor.address[:64],
            agent=agent[:200],
            created_at=now,
            last_used_at=now,
            idle_at=now + self.idle,
        )
        with self.uow(_as(actor, user_id)) as uow:
            user, membership = uow.user(user_id), uow.membership(user_id)
            if not (user and membership) or user.disabled_at or membership.disabled_at:
                raise LogInRefused
            user.last_login_at = now
            user.password_hash = rehashed or user.password_hash
            uow.add_session(session)
            uow.add_refresh_token(session, token_hash(refresh_token))
            uow.audit("login.succeeded", user_id, after={"session_id": str(session.id)})
            uow.commit()
        return Tokens(self.issue(session), int(self.life.total_seconds()), refresh_token)


@dataclass(frozen=True, slots=True)
class LogIn:
    lookups: LogInLookups
    passwords: Passwords
    attempts: Attempts
    second_factor: SecondFactor
    start_session: StartSession
    events: SecurityEvents
    proofs: Proofs
    clock: Callable[[], datetime]

    def __call__(
        self,
        caller: Actor,
        *,
        email: str,
        password: str,
        tenant: str = "",
        otp: str = "",
        agent: str = "",
        any_tenant: bool = False,
    ) -> Tokens:
        """``caller`` says where from; with ``any_tenant`` the first of several that is open does.
        Raises LogInRefused, OtpRequired, TenantNeeded, TenantSuspended, TooMany."""
        email = email.strip().lower()
        subject = subject_of(email)
        self.attempts.admit(caller.address)
        person = self.lookups.person(email)
        self.attempts.admit(subject, told=_known_as(caller, person))
        user = self._proven(person, password)
        if person is None or user is None:
            raise self._refused(caller, email, person, "password")
        if question := self._question(person, tenant, otp, any_tenant):
            self._settle(caller, subject)  # the password was right; wrong codes go on counting
            raise question
        wanted = {id_: slug for id_, slug in person.tenants.items() if tenant in ("", slug)}
        if not wanted:
            raise self._refused(caller, email, person, "tenant")
        if user.totp_seed and not self.second_factor.verify(user, otp):
            raise self._refused(caller, email, person, "otp")
        outdated = self.passwords.is_outdated(user.password_hash)
        rehashed = self.passwords.hash(password) if outdated else ""
        there = replace(person, tenants=wanted)
        tokens = started_in_one(self.start_session, caller, there, agent=agent, rehashed=rehashed)
        self._settle(caller, subject, proven=True)
        return tokens

    def _proven(self, person: Person | None, password: str) -> User | None:
        """The same work for everybody."""
        user = person.user if person else None
        matches = self.passwords.verify(password, user.password_hash if user else "")
        return user if user and matches and user.disabled_at is None else None

    def _settle(self, caller: Actor, subject: str, *, proven: bool = False) -> None:
        self.attempts.give_back(caller.address)
        if proven:
            self.attempts.forget(subject)
        else:
            self.attempts.give_back(subject)

    def _refused(self, caller: Actor, email: str, person: Person | None, check: str) -> LogInRefused:
        record_failure(self.events, caller, email, person, check)
        return LogInRefused()

    def _question(
        self, person: Person, tenant: str, otp: str, any_tenant: bool
    ) -> OtpRequired | TenantNeeded | None:
        """What is still to be said by somebody whose password is right."""
        if not (tenant or any_tenant) and len(person.tenants) > 1:
            slugs = tuple(sorted(person.tenants.values()))
            return TenantNeeded(
                "This user is in several.", fix="Send tenant with one of them.", tenants=slugs
            )
        if person.user.totp_seed and not otp:
            until = self.clock() + PROOF_LIFE
            return OtpRequired(self.proofs.sealed(Proof(person.user.email, fingerprint(person.user), until)))
        return None


def started_in_one(
    start_session: StartSession, caller: Actor, person: Person, *, agent: str, rehashed: str = ""
) -> Tokens:
    """In the first of their tenants that is open. Raises LogInRefused, TenantSuspended."""
    suspended: TenantSuspended | None = None
    for tenant_id in person.tenants:
        try:
            return start_session(caller.within(tenant_id), person.user.id, agent=agent, rehashed=rehashed)
        except TenantSuspended as error:
            suspended = suspended or error
    raise suspended or LogInRefused()


def record_failure(
    events: SecurityEvents, caller: Actor, email: str, person: Person | None, check: str
) -> None:
    """Known people's go to their tenants' chains, others' to the platform's."""
    typed = "" if person else "".join(c for c in email[:320] if c.isprintable())
    for actor in _known_as(caller, person):
        events(actor, "login.failed", {"check": check}, object_id=actor.user_id, email=typed)


def subject_of(email: str) -> str:
    """What attempts are counted by."""
    return f"user:{sha256(email.encode(errors='replace')).hexdigest()}"


def fingerprint(user: User) -> str:
    """Of their password as it is now."""
    return token_hash(f"{user.id}:{user.password_hash}")


def _known_as(caller: Actor, person: Person | None) -> list[Actor]:
    """Who an event is about: somebody in each of their tenants, or nobody the platform knows."""
    nobody = Actor(tenant_id=PLATFORM, address=caller.address, request_id=caller.request_id)
    if person is None:
        return [nobody]
    return person.seen_from(caller) or [replace(nobody, user_id=person.user.id)]


def _as(actor: Actor, user_id: UserId) -> Actor:
    return Actor(
        tenant_id=actor.tenant_id, user_id=user_id, address=actor.address, request_id=actor.request_id
    )
