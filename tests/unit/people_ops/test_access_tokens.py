from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt

from core.domain.ids import TenantId, UserId, new_id
from people_ops.domain.session import SessionId, TokenExpired, TokenNotValid
from people_ops.infrastructure.access_tokens import AUDIENCE, ISSUER, AccessTokens, Claims, kid
from tests.support.fakes import FakeClock

NEW, OLD, OTHER = "n" * 40, "o" * 40, "x" * 40
CLAIMS = Claims(UserId(new_id()), TenantId(new_id()), SessionId(new_id()))


def tokens(clock: FakeClock, *keys: str, algorithm: str = "HS256") -> AccessTokens:
    return AccessTokens(keys or (NEW, OLD), algorithm, timedelta(minutes=15), clock)


def forged(*, key: str = NEW, named: str | None = None, algorithm: str = "HS256", **changes: Any) -> str:
    now = int(FakeClock().now.timestamp())
    body = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(new_id()), "tid": str(new_id()), "sid": str(new_id())}
    times = {"iat": now, "nbf": now, "exp": now + 60}
    claims = {name: value for name, value in (body | times | changes).items() if value is not None}
    return str(jwt.encode(claims, key, algorithm=algorithm, headers={"kid": named or kid(key)}))


def test_a_token_is_read_as_it_was_issued() -> None:
    clock = FakeClock()
    assert tokens(clock).read(tokens(clock).issue(CLAIMS)) == CLAIMS


def test_the_key_before_is_still_read() -> None:
    clock = FakeClock()
    assert tokens(clock).read(tokens(clock, OLD).issue(CLAIMS)) == CLAIMS


def test_a_token_expires() -> None:
    clock = FakeClock()
    token = tokens(clock).issue(CLAIMS)
    clock.advance(minutes=15)
    with pytest.raises(TokenExpired):
        tokens(clock).read(token)


def test_the_forgery_is_well_made() -> None:
    tokens(FakeClock()).read(forged())


@pytest.mark.parametrize(
    "token",
    [
        forged(key=OTHER),
        forged(key=OTHER, named=kid(NEW)),
        forged(key=OLD, named=kid(NEW)),
        forged(named="unknown"),
        forged(algorithm="HS512"),
        forged(aud="somebody else"),
        forged(iss="somebody else"),
        forged(nbf=4_000_000_000),
        forged(iat=4_000_000_000),
        forged(sub="no id"),
        *(
            forged(**dict[str, Any]({claim: None}))
            for claim in ("iss", "aud", "sub", "tid", "sid", "iat", "nbf", "exp")
        ),
        "eyJhbGciOiJub25lIn0." + forged().split(".")[1] + ".",
        "",
        "a.b.c",
    ],
)
def test_what_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(TokenNotValid):
        tokens(FakeClock()).read(token)


@given(place=st.integers(min_value=0), character=st.characters(codec="utf-8"))
def test_an_altered_token_is_refused_or_says_the_same(place: int, character: str) -> None:
    clock = FakeClock()
    token = tokens(clock).issue(CLAIMS)
    place %= len(token)
    altered = token[:place] + character + token[place + 1 :]
    try:
        assert tokens(clock).read(altered) == CLAIMS  # the last character's spare bits say nothing
    except TokenNotValid:
        assert altered != token


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(TokenNotValid):
        tokens(FakeClock()).read(text)
