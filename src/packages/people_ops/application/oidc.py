"""Logging in through the tenant's identity provider: the way there and the way back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Forbidden, Unauthenticated, Unavailable
from core.domain.ids import TenantId, UserId, new_id
from people_ops.application.ports import Attempts, Tokens
from people_ops.application.ways_in import StartSession, SystemWaysIn
from people_ops.domain.email import NotAnEmail, normal_email
from people_ops.domain.single_sign_on import NoSingleSignOn, SingleSignOn
from people_ops.domain.user import Membership, User


class ProviderFailed(Unavailable):
    title = "The identity provider did not answer as it should"


class IdentityRefused(Unauthenticated):
    """What came back is not proof of who they are: facts ``check`` (state, nonce, signature ...)."""

    title = "The identity could not be verified"


class NotInvited(Forbidden):
    title = "This person may not log in to the tenant"

    def __init__(self) -> None:
        super().__init__("The tenant does not know them.", fix="Ask its administrator for an invitation.")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the browser carries, encrypted, until it comes back; it ties the answer to the browser that asked."""

    tenant_id: TenantId
    issuer: str
    state: str
    nonce: str
    verifier: str  # RFC 7636
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    subject: str
    email: str
    email_verified: bool
    name: str


class Provider(Protocol):
    def start(self, sso: SingleSignOn) -> tuple[str, Ticket]:
        """The provider's page to send the browser to. Raises ProviderFailed, HostNotAllowed."""

    def finish(self, sso: SingleSignOn, ticket: Ticket, code: str) -> Identity:
        """Exchanges the code and verifies the ID token. Raises IdentityRefused, ProviderFailed, HostNotAllowed."""


class Tickets(Protocol):
    def sealed(self, ticket: Ticket) -> str: ...
    def opened(self, text: str) -> Ticket | None:
        """None where it is none of ours, or has expired."""


class SsoLookup(Protocol):
    def __call__(self, tenant_id: TenantId) -> SingleSignOn | None: ...
    def anywhere(self) -> bool:
        """Whether any tenant has it."""


@dataclass(frozen=True, slots=True)
class StartOidc:
    tenant_of_slug: Callable[[str], TenantId | None]
    sso_of: SsoLookup
    provider: Provider
    tickets: Tickets
    attempts: Attempts

    def is_possible(self, tenant: str) -> bool:
        """Whether there is such a tenant and it has an identity provider."""
        tenant_id = self.tenant_of_slug(tenant)
        return tenant_id is not None and self.sso_of(tenant_id) is not None

    def __call__(self, address: str, *, tenant: str) -> tuple[str, str]:
        """Where to send the browser, and the ticket it keeps. Raises NoSingleSignOn, ProviderFailed, TooMany."""
        self.attempts.admit(address)
        tenant_id = self.tenant_of_slug(tenant)
        sso = self.sso_of(tenant_id) if tenant_id else None
        if sso is None:
            raise NoSingleSignOn("No tenant of that name has it.", fix="Log in with a password.")
        url, ticket = self.provider.start(sso)
        return url, self.tickets.sealed(ticket)


@dataclass(frozen=True, slots=True)
class FinishOidc:
    """Who the provider vouches for gets a session of the one tenant whose provider it is."""

    uow: Callable[[Actor], SystemWaysIn]
    sso_of: SsoLookup
    provider: Provider
    tickets: Tickets
    start_session: StartSession
    attempts: Attempts
    clock: Callable[[], datetime]

    def __call__(
        self, actor_at: Callable[[TenantId], Actor], *, ticket: str, state: str, code: str
    ) -> Tokens:
        """``actor_at`` gives the peer as an actor in a tenant. Raises IdentityRefused, NotInvited, ProviderFailed,
        QuotaExceeded, TooMany."""
        kept = self.tickets.opened(ticket)
        if kept is None or kept.state != state:
            raise IdentityRefused("This browser did not start here.", fix="Log in again.", check="state")
        actor = actor_at(kept.tenant_id)
        self.attempts.admit(actor.address)
        sso = self.sso_of(kept.tenant_id)
        if sso is None or sso.issuer != kept.issuer:
            raise IdentityRefused("Single sign-on was changed.", fix="Log in again.", check="issuer")
        identity = self.provider.finish(sso, kept, code)
        session = self.start_session(actor, self._user_id(actor, sso, identity))
        for _ in ("the way there", "the way back"):
            self.attempts.give_back(actor.address)
        return session

    def _user_id(self, actor: Actor, sso: SingleSignOn, identity: Identity) -> UserId:
        with self.uow(actor) as uow:
            user_id, reason = self._known(uow, sso, identity)
            if user_id is None:
                uow.audit("login.refused", after={"by": "oidc", "reason": reason})
            else:
                uow.audit("oidc.identified", user_id)
            uow.commit()
        if user_id is None:
            raise NotInvited
        return user_id

    def _known(self, uow: SystemWaysIn, sso: SingleSignOn, identity: Identity) -> tuple[UserId | None, str]:
        """The user, or why not. An e-mail makes nobody a member whom the tenant did not invite: any tenant could
        claim any address."""
        try:
            email = normal_email(identity.email)
        except NotAnEmail:
            return None, "email"
        if not identity.email_verified or not sso.admits(email):
            return None, "email"
        user_id = uow.identity(sso.issuer, identity.subject)
        if user_id is None:
            user = uow.user_of_email(email)
            if user is None and sso.auto_provision:
                user = self._provisioned(uow, sso, email, identity.name)
            if user is None or uow.membership(user.id) is None:
                return None, "not_invited"
            uow.add_identity(sso.issuer, identity.subject, user.id)
            user_id = user.id
        return self._active(uow, user_id)

    def _active(self, uow: SystemWaysIn, user_id: UserId) -> tuple[UserId | None, str]:
        user, membership = uow.user(user_id), uow.membership(user_id)
        if user is None or membership is None:
            return None, "not_invited"
        if user.disabled_at or membership.disabled_at:
            return None, "disabled"
        return user_id, ""

    def _provisioned(self, uow: SystemWaysIn, sso: SingleSignOn, email: str, name: str) -> User:
        now = self.clock()
        user = User(id=UserId(new_id()), email=email, name=name or email.partition("@")[0], created_at=now)
        uow.add_row(user)
        uow.charge(Quota.USERS, 1)
        roles = list(sso.default_roles)
        uow.add_row(Membership(user_id=user.id, tenant_id=sso.tenant_id, roles=roles, created_at=now))
        uow.audit("member.joined", user.id, after={"roles": roles, "by": "oidc"})
        return user
