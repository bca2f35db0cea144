"""How people of one tenant log in through its own identity provider (OpenID Connect)."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from core.domain.errors import Invalid, NotFound
from core.domain.ids import TenantId
from people_ops.domain.email import domain_of


class NoSingleSignOn(NotFound):
    title = "Single sign-on is not set up"


class InvalidIssuer(Invalid):
    title = "That is no issuer we can use"


@dataclass(eq=False, kw_only=True)
class SingleSignOn:
    """``client_secret`` is encrypted. Only e-mails of ``domains`` are let in; with ``auto_provision`` also people we do not
    know yet, who get ``default_roles``."""

    tenant_id: TenantId
    issuer: str
    client_id: str
    client_secret: str
    domains: list[str]
    default_roles: list[str]
    auto_provision: bool
    created_at: datetime
    updated_at: datetime
    version: int = 1

    def admits(self, email: str) -> bool:
        return domain_of(email) in self.domains


def checked_issuer(url: str, *, allow_http: bool) -> str:
    """https only, unless plain http is allowed (a provider on this machine). Raises InvalidIssuer."""
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        port_is_number = False
    if not (
        port_is_number and parts.hostname and parts.scheme in ({"https", "http"} if allow_http else {"https"})
    ):
        raise InvalidIssuer("It must be an https URL.", fix="Copy it from the provider's discovery document.")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise InvalidIssuer("It must have no query, fragment or user.", fix="Leave them out.")
    return url
