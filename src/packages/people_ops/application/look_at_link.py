"""What stands behind a mailed link, before it is used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.ids import TenantId
from people_ops.application.oidc import SsoLookup
from people_ops.application.ways_in import SystemLookups
from people_ops.domain.links import LinkNotValid, token_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An open invitation as who holds the link may see it."""

    tenant_id: TenantId
    tenant_slug: str
    tenant_name: str
    email: str
    roles: Sequence[str]
    expires_at: datetime
    has_account: bool  # with a password: it stays
    by_sso: bool  # the tenant's identity provider lets this address in


@dataclass(frozen=True, slots=True)
class LookAtInvitation:
    """``name_of`` gives a tenant's slug and name."""

    lookups: SystemLookups
    sso_of: SsoLookup
    name_of: Callable[[TenantId], tuple[str, str]]
    clock: Callable[[], datetime]

    def __call__(self, token: str) -> Offer:
        """Raises LinkNotValid."""
        found = self.lookups.invitation(token_hash(token))
        if found is None or found.state(self.clock()) != "open":
            raise LinkNotValid
        sso = self.sso_of(found.tenant_id)
        slug, name = self.name_of(found.tenant_id)
        return Offer(
            tenant_id=found.tenant_id,
            tenant_slug=slug,
            tenant_name=name,
            email=found.email,
            roles=found.roles,
            expires_at=found.expires_at,
            has_account=self.lookups.has_password(found.email),
            by_sso=sso is not None and sso.admits(found.email),
        )


@dataclass(frozen=True, slots=True)
class LookAtReset:
    lookups: SystemLookups
    clock: Callable[[], datetime]

    def __call__(self, token: str) -> None:
        """Raises LinkNotValid."""
        found = self.lookups.reset(token_hash(token))
        if found is None:
            raise LinkNotValid
        found.check(self.clock())
