"""OpenID Connect by authlib and joserfc: authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1)."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus
from uuid import UUID

from core.domain.ids import TenantId
from core.domain.names import can_be_shown
from core.infrastructure.encryption import Cipher, UnreadableSecret
from people_ops.application.oidc import Identity, IdentityRefused, ProviderFailed, Ticket
from people_ops.domain.single_sign_on import SingleSignOn, checked_issuer
from people_ops.infrastructure.guarded_http import GuardedHttp

if TYPE_CHECKING:  # imported at the first log-in by a provider: slow to import, and few processes see one
    from authlib.oidc.core import CodeIDToken
    from joserfc.jwt import Token

SCOPE = "openid email profile"
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"]
"""Public key signatures alone: with HS256 a public key would pass for a secret."""
LEEWAY_S = 60
REMEMBERED_S = 300.0  # discovery documents and keys
MOST_REMEMBERED = 64
TICKET_LIFE = timedelta(minutes=10)
LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class OidcProvider:
    http: GuardedHttp
    cipher: Cipher
    clock: Callable[[], datetime]
    redirect_uri: str
    allow_http: bool
    seconds: Callable[[], float] = monotonic
    _known: dict[str, tuple[float, Mapping[str, Any]]] = field(default_factory=dict)

    def start(self, sso: SingleSignOn) -> tuple[str, Ticket]:
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        endpoint = self._endpoint(self._discovered(sso), "authorization_endpoint")
        ticket = Ticket(
            tenant_id=sso.tenant_id,
            issuer=sso.issuer,
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            expires_at=self.clock() + TICKET_LIFE,
        )
        url = prepare_grant_uri(
            endpoint,
            sso.client_id,
            "code",
            redirect_uri=self.redirect_uri,
            scope=SCOPE,
            state=ticket.state,
            nonce=ticket.nonce,
            code_challenge=create_s256_code_challenge(ticket.verifier),
            code_challenge_method="S256",
        )
        return str(url), ticket

    def finish(self, sso: SingleSignOn, ticket: Ticket, code: str) -> Identity:
        found = self._discovered(sso)
        answer = self._exchanged(sso, found, code, ticket.verifier)
        token = self._decoded(self._endpoint(found, "jwks_uri"), str(answer.get("id_token")))
        claims = _verified(sso, token, answer.get("access_token"), ticket.nonce, now=self.clock())
        return Identity(
            subject=str(claims["sub"]),
            email=str(claims.get("email") or ""),
            email_verified=claims.get("email_verified") in (True, "true"),
            name=_one_line(claims.get("name")),
        )

    def _discovered(self, sso: SingleSignOn) -> Mapping[str, Any]:
        found = self._remembered(sso.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != sso.issuer:
            raise ProviderFailed("It calls itself another issuer.", fix="Use the issuer as it names itself.")
        return found

    def _endpoint(self, found: Mapping[str, Any], name: str) -> str:
        """Only its fragment and user are forbidden in a URL of theirs; its host is checked when it is opened."""
        url = found.get(name)
        if not isinstance(url, str):
            raise ProviderFailed(f"It names no {name}.", fix="Check the issuer.")
        checked_issuer(url.partition("?")[0], allow_http=self.allow_http)
        return url

    def _exchanged(
        self, sso: SingleSignOn, found: Mapping[str, Any], code: str, verifier: str
    ) -> Mapping[str, Any]:
        secret = self.cipher.decrypt(sso.client_secret)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": verifier,
        }
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        url = self._endpoint(found, "token_endpoint")
        if "client_secret_basic" in methods:
            return self.http.post(url, form, (quote_plus(sso.client_id), quote_plus(secret)))
        return self.http.post(url, form | {"client_id": sso.client_id, "client_secret": secret}, None)

    def _decoded(self, keys_url: str, id_token: str) -> "Token":
        """With keys we remember; else with the provider's latest, which it may have changed since."""
        began = self.seconds()
        try:
            return _decoded(self._remembered(keys_url), id_token)
        except IdentityRefused:
            return _decoded(self._remembered(keys_url, since=began), id_token)

    def _remembered(self, url: str, *, since: float = float("-inf")) -> Mapping[str, Any]:
        asked, known = self._known.get(url, (float("-inf"), {}))
        now = self.seconds()
        if asked >= max(since, now - REMEMBERED_S):
            return known
        found = self.http.get(url)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[url] = now, found
        return found


def _decoded(keys: Mapping[str, Any], id_token: str) -> "Token":
    """Raises IdentityRefused."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        key_set = KeySet.import_key_set({"keys": list(keys["keys"])})
        return jwt.decode(id_token, key_set, algorithms=ALGORITHMS)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused() from error


def _verified(
    sso: SingleSignOn, token: "Token", access_token: object, nonce: str, *, now: datetime
) -> "CodeIDToken":
    """The claims. Raises IdentityRefused."""
    from authlib.oidc.core import CodeIDToken
    from joserfc.errors import JoseError

    options = {
        "iss": {"essential": True, "value": sso.issuer},
        "aud": {"essential": True, "value": sso.client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": nonce, "client_id": sso.client_id, "access_token": access_token}
    try:
        claims = CodeIDToken(token.claims, token.header, options, params)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise _refused() from error
    if not 0 < len(str(claims["sub"])) <= LONGEST_SUBJECT:
        raise IdentityRefused("Its ID token names nobody.", check="sub")
    return claims


def _refused() -> IdentityRefused:
    return IdentityRefused("Its ID token is not valid.", fix="Log in again.", check="id_token")


def _one_line(name: object) -> str:
    return "".join(c for c in str(name or "") if can_be_shown(c))[:200]


@dataclass(frozen=True, slots=True)
class SealedTickets:
    cipher: Cipher
    clock: Callable[[], datetime]

    def sealed(self, ticket: Ticket) -> str:
        parts = (ticket.issuer, ticket.state, ticket.nonce, ticket.verifier)
        return self.cipher.encrypt(json.dumps([str(ticket.tenant_id), ticket.expires_at.isoformat(), *parts]))

    def opened(self, text: str) -> Ticket | None:
        try:
            tenant_id, expires_at, issuer, state, nonce, verifier = json.loads(self.cipher.decrypt(text))
            ticket = Ticket(
                tenant_id=TenantId(UUID(tenant_id)),
                issuer=issuer,
                state=state,
                nonce=nonce,
                verifier=verifier,
                expires_at=datetime.fromisoformat(expires_at),
            )
        except (UnreadableSecret, ValueError, TypeError):
            return None
        return None if self.clock() >= ticket.expires_at else ticket
