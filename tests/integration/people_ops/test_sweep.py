"""What has ended is deleted, what goes on stays."""

from datetime import timedelta

from sqlalchemy import func, select

from core.domain.actor import Actor
from core.infrastructure.database import Purpose
from people_ops.domain.permissions import ALL
from people_ops.infrastructure.tables import lockouts, refresh_tokens, sessions
from people_ops.infrastructure.ways_in_tables import invitations, password_resets
from tests.support.fakes import FakeClock
from tests.support.people import House

TABLES = (sessions, refresh_tokens, lockouts, invitations, password_resets)


def rows(house: House) -> dict[str, int]:
    with house.storage.database.as_system(Purpose.OPERATOR) as session:
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def test_what_goes_on_stays(house: House) -> None:
    used(house)
    before = rows(house)
    assert min(before.values()) > 0
    assert set(house.people.sweep(house.storage.clock()).values()) == {0}
    assert rows(house) == before


def test_what_has_ended_goes_and_the_sessions_tokens_with_it(house: House, clock: FakeClock) -> None:
    used(house)
    clock.advance(hours=2)
    assert house.people.sweep(clock()) == swept(people_lockouts=4, people_password_resets=1)
    clock.advance(days=8)
    assert house.people.sweep(clock()) == swept(people_refresh_tokens=1)
    clock.advance(days=30)
    assert house.people.sweep(clock()) == swept(people_sessions=1, people_invitations=1)
    assert set(rows(house).values()) == {0}


def test_a_token_used_long_ago_is_refused_without_ending_the_session(house: House, clock: FakeClock) -> None:
    house.person("ana@acme.io", "viewer")
    first = house.log_in("ana@acme.io").json()
    second = house.ask("POST", "/auth/refresh", json={"refresh_token": first["refresh_token"]}).json()
    house.people.sweep(clock() + timedelta(days=8))
    old = house.ask("POST", "/auth/refresh", json={"refresh_token": first["refresh_token"]})
    assert old.json()["code"] == "token_not_valid"
    new = house.ask("POST", "/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert new.status_code == 200


def used(house: House) -> None:
    """A session that was refreshed, a lockout, an open invitation and a reset that was asked for."""
    house.person("ana@acme.io", "viewer")
    tokens = house.log_in("ana@acme.io").json()
    house.ask("POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    house.log_in("ana@acme.io", "not the password")
    admin = Actor(tenant_id=house.acme, permissions=ALL)
    house.people.ways_in.invite(admin, email="eve@acme.io", roles=["viewer"])
    reset = house.people.ways_in.ask_for_reset
    reset("192.0.2.1", email="ana@acme.io")
    house.work()


def swept(**counts: int) -> dict[str, int]:
    return {table.name: 0 for table in TABLES} | counts
