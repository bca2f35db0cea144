from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.actor import Actor
from core.domain.errors import Invalid, Stale
from people_ops.application.invite_member import check_grant
from people_ops.application.ways_in import TenantWaysIn
from people_ops.domain.single_sign_on import NoSingleSignOn, SingleSignOn, checked_issuer


class ClientSecretNeeded(Invalid):
    title = "The client secret is needed"


class SecretSealer(Protocol):
    def encrypt(self, secret: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SsoChoice:
    """An empty ``client_secret`` keeps the one before, as long as the issuer stays."""

    issuer: str
    client_id: str
    client_secret: str
    domains: Sequence[str]
    default_roles: Sequence[str]
    auto_provision: bool


@dataclass(frozen=True, slots=True)
class ConfigureSso:
    uow: Callable[[Actor], TenantWaysIn]
    clock: Callable[[], datetime]
    cipher: SecretSealer
    allow_http: bool  # for a provider on this machine

    def __call__(self, actor: Actor, choice: SsoChoice, *, version: int | None = None) -> SingleSignOn:
        """Sets up or replaces. Raises InvalidIssuer, ClientSecretNeeded, NoSuchRole, MoreThanYouMay, Stale."""
        issuer = checked_issuer(choice.issuer, allow_http=self.allow_http)
        with self.uow(actor) as uow:
            check_grant(actor, uow.permissions_of(choice.default_roles))
            sso = uow.single_sign_on()
            check_version(sso, version)
            secret = self._secret(choice, sso)
            if sso is None:
                sso = self._new(actor, issuer)
                uow.add(sso)
            sso.issuer, sso.client_id, sso.client_secret = issuer, choice.client_id, secret
            sso.domains = sorted({domain.lower() for domain in choice.domains})
            sso.default_roles = sorted(set(choice.default_roles))
            sso.auto_provision, sso.updated_at = choice.auto_provision, self.clock()
            uow.audit(
                "sso.configured", after={"issuer": issuer, "domains": sso.domains, "roles": sso.default_roles}
            )
            uow.commit()
        return sso

    def _new(self, actor: Actor, issuer: str) -> SingleSignOn:
        return SingleSignOn(
            tenant_id=actor.tenant_id,
            issuer=issuer,
            client_id="",
            client_secret="",
            domains=[],
            default_roles=[],
            auto_provision=False,
            created_at=self.clock(),
            updated_at=self.clock(),
        )

    def _secret(self, choice: SsoChoice, before: SingleSignOn | None) -> str:
        if choice.client_secret:
            return self.cipher.encrypt(choice.client_secret)
        if before is None or before.issuer != choice.issuer:
            raise ClientSecretNeeded("The provider gave one with the client id.", fix="Send client_secret.")
        return before.client_secret


@dataclass(frozen=True, slots=True)
class RemoveSso:
    """Its people log in with passwords from now on; sessions that run stay."""

    uow: Callable[[Actor], TenantWaysIn]

    def __call__(self, actor: Actor, *, version: int | None = None) -> None:
        """Raises NoSingleSignOn, Stale."""
        with self.uow(actor) as uow:
            check_version(uow.single_sign_on(), version)
            if not uow.delete_single_sign_on():
                raise NoSingleSignOn("There is nothing to remove.")
            uow.audit("sso.removed")
            uow.commit()


def check_version(sso: SingleSignOn | None, version: int | None) -> None:
    """Raises Stale; ``version`` None means any."""
    if version is not None and (sso is None or sso.version != version):
        raise Stale("Someone else changed it.", fix="Read it again, then repeat.")
