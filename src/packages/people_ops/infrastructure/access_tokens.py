"""Access tokens: the one place that knows python-jose."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from core.domain.ids import TenantId, UserId
from people_ops.domain.session import SessionId, TokenExpired, TokenNotValid

ISSUER = "anomaly_detection"
AUDIENCE = "anomaly_detection:api"
SKEW = timedelta(seconds=5)  # between servers' clocks
OPTIONS = {
    # Times are needed and compared with our own clock below: jose takes the system's, and verifies what it requires.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    **{f"require_{claim}": True for claim in ("aud", "iss", "sub")},
}


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UserId
    tenant_id: TenantId
    session_id: SessionId


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Signs with the first key and reads those of both, told apart by ``kid``; one algorithm, never the token's word."""

    keys: tuple[str, ...]
    algorithm: str
    life: timedelta
    clock: Callable[[], datetime]

    def issue(self, claims: Claims) -> str:
        from jose import jwt  # slow to import, and only servers issue and read tokens

        now = int(self.clock().timestamp())
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(claims.user_id),
            "tid": str(claims.tenant_id),
            "sid": str(claims.session_id),
            "iat": now,
            "nbf": now,
            "exp": now + int(self.life.total_seconds()),
        }
        key = self.keys[0]
        return str(jwt.encode(body, key, algorithm=self.algorithm, headers={"kid": kid(key)}))

    def read(self, token: str) -> Claims:
        """Raises TokenNotValid, TokenExpired."""
        from jose import JWTError, jwt

        try:
            named = jwt.get_unverified_header(token).get("kid")
            key = next(key for key in self.keys if key and kid(key) == named)
            body = jwt.decode(
                token, key, algorithms=[self.algorithm], audience=AUDIENCE, issuer=ISSUER, options=OPTIONS
            )
            self._check_times(body)
            return Claims(
                UserId(UUID(body["sub"])), TenantId(UUID(body["tid"])), SessionId(UUID(body["sid"]))
            )
        except (
            JWTError, StopIteration, KeyError, ValueError, TypeError, AttributeError, OverflowError, RecursionError
        ) as error:  # fmt: skip
            raise TokenNotValid("It is none of ours.", fix="Log in again.") from error

    def _check_times(self, body: dict[str, Any]) -> None:
        now = self.clock().timestamp()
        if now >= body["exp"]:
            raise TokenExpired("It was valid for a time.", fix="Refresh it, or log in again.")
        if max(body["nbf"], body["iat"]) > now + SKEW.total_seconds():
            raise TokenNotValid("It is not valid yet.", fix="Log in again.")


def kid(key: str) -> str:
    return sha256(b"kid:" + key.encode()).hexdigest()[:16]
