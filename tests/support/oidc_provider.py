"""A small OpenID Connect provider on loopback, which can misbehave in one way at a time."""

import base64
import hmac
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

UNSIGNED, SYMMETRIC = b'{"alg":"none"}', b'{"alg":"HS256","kid":"k1"}'
CLIENT_ID, CLIENT_SECRET = "anom-test", "s3cret:with/odd+chars"


@dataclass
class OidcProviderStub:
    """``mode`` names what is wrong with its answers; ``claims`` overrides claims of the ID token; ``now`` is its clock."""

    now: int = 0
    mode: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    issuer: str = ""
    asked: list[str] = field(default_factory=list)  # what for
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))
    other_key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.discovery),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/jwks", self.jwks),
            ]
        )

    async def discovery(self, request: Request) -> JSONResponse | RedirectResponse:
        self.asked.append("discovery")
        if self.mode == "redirect":
            return RedirectResponse("http://169.254.169.254/latest/meta-data")
        if self.mode == "huge":
            return JSONResponse({"issuer": "x" * 2_000_000})
        jwks = "http://169.254.169.254/keys" if self.mode == "jwks_at_metadata" else f"{self.issuer}/jwks"
        return JSONResponse(
            {
                "issuer": "https://elsewhere.example" if self.mode == "other_issuer" else self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": jwks,
            }
        )

    async def authorize(self, request: Request) -> RedirectResponse:
        code = secrets.token_urlsafe(8)
        self.codes[code] = dict(request.query_params)
        asked = {"code": code, "state": request.query_params["state"], "session_state": "theirs"}
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{urlencode(asked)}", 302)

    async def token(self, request: Request) -> JSONResponse:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self.codes.pop(form["code"], None)
        sent = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        proven = (
            asked is not None
            and create_s256_code_challenge(form["code_verifier"]) == asked["code_challenge"]
            and form["redirect_uri"] == asked["redirect_uri"]
            and parse_qs(f"s={sent.partition(':')[2]}")["s"] == [CLIENT_SECRET]
        )
        if not proven or asked is None:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse({"token_type": "Bearer", "access_token": "at", "id_token": self.id_token(asked)})

    async def jwks(self, request: Request) -> JSONResponse:
        self.asked.append("keys")
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    def id_token(self, asked: dict[str, str]) -> str:
        now = self.now
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "person-1",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": "ana@example.org",
            "email_verified": True,
            "name": "Ana",
        }
        bad: dict[str, dict[str, Any]] = {
            "wrong_nonce": {"nonce": "other"},
            "wrong_aud": {"aud": "other-client"},
            "wrong_iss": {"iss": "https://elsewhere.example"},
            "expired": {"iat": now - 7200, "exp": now - 3600},
            "unverified": {"email_verified": False},
        }
        claims |= bad.get(self.mode, {}) | self.claims
        header = {"alg": "RS256", "kid": self.key.kid}
        if self.mode == "symmetric":
            return self.signed_by_public_key(jwt.encode(header, claims, self.key).split(".")[1])
        if self.mode == "unsigned":
            return f"{unpadded(UNSIGNED)}.{jwt.encode(header, claims, self.key).split('.')[1]}."
        return jwt.encode(header, claims, self.other_key if self.mode == "other_key" else self.key)

    def signed_by_public_key(self, payload: str) -> str:
        """As if our public key were a shared secret."""
        signed = f"{unpadded(SYMMETRIC)}.{payload}"
        return f"{signed}.{unpadded(hmac.digest(self.key.as_pem(private=False), signed.encode(), 'sha256'))}"


def unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def running_provider() -> Iterator[OidcProviderStub]:
    """On a free port of loopback, until the block ends."""
    stub = OidcProviderStub()
    server = uvicorn.Server(uvicorn.Config(stub.app(), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    stub.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield stub
    server.should_exit = True
    thread.join(10)
