"""How long a browser's session lives."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.ids import TenantId, UserId, new_id
from people_ops.domain.session import (
    BROWSER_IDLE,
    BROWSER_LONGEST,
    Session,
    SessionId,
    TokenExpired,
    TokenRevoked,
)

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.fixture
def session() -> Session:
    """Just opened in a browser; the tokens it began with would have lived for a month."""
    made = Session(
        id=SessionId(new_id()),
        tenant_id=TenantId(new_id()),
        user_id=UserId(new_id()),
        address="192.0.2.1",
        agent="Firefox",
        created_at=START,
        last_used_at=START,
        idle_at=START + timedelta(days=30),
    )
    made.open_in_browser("hash", START, every_tenant=True)
    return made


def test_it_ends_when_nobody_uses_it(session: Session) -> None:
    session.check(START + BROWSER_IDLE - MOMENT)
    with pytest.raises(TokenExpired):
        session.check(START + BROWSER_IDLE)


def test_it_ends_however_much_it_is_used(session: Session) -> None:
    session.idle_at = START + timedelta(days=300)
    session.check(START + BROWSER_LONGEST - MOMENT)
    with pytest.raises(TokenExpired):
        session.check(START + BROWSER_LONGEST)


def test_it_ends_at_the_sign_out(session: Session) -> None:
    session.revoke(START + MOMENT)
    with pytest.raises(TokenRevoked):
        session.check(START + MOMENT)
