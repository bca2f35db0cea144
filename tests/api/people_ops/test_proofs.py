"""What log-in asks of people: password, second factor, patience."""

from dataclasses import dataclass, field, replace

import pytest

from core.domain.actor import Actor
from core.infrastructure.database import Purpose
from enterprise.application.ports import AuditFilter
from people_ops.domain.user import User
from people_ops.infrastructure.passwords import Argon2Passwords
from tests.support.fakes import FakeClock
from tests.support.people import PASSWORD, PASSWORDS, House


@dataclass
class WatchedPasswords:
    """The real ones, and how often they were asked to verify."""

    real: Argon2Passwords = PASSWORDS
    verified: list[str] = field(default_factory=list)

    def check(self, password: str) -> None:
        self.real.check(password)

    def hash(self, password: str) -> str:
        return self.real.hash(password)

    def verify(self, password: str, stored: str) -> bool:
        self.verified.append(stored)
        return self.real.verify(password, stored)

    def is_outdated(self, stored: str) -> bool:
        return self.real.is_outdated(stored)


def stored_hash(house: House, email: str) -> str:
    with house.storage.database.as_system(Purpose.OPERATOR) as session:
        user = session.get(User, house.user_id(email))
    assert user is not None
    return user.password_hash


def test_a_password_is_hashed_anew_when_the_parameters_have_changed(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    before = stored_hash(house, "ana@acme.io")
    stronger = Argon2Passwords(memory_kb=128, time_cost=2, parallelism=1)
    log_in = replace(house.people.log_in, passwords=stronger)
    log_in(Actor(tenant_id=house.acme), email="ana@acme.io", password=PASSWORD)
    after = stored_hash(house, "ana@acme.io")
    assert "m=64,t=1" in before
    assert "m=128,t=2" in after
    assert house.log_in("ana@acme.io").status_code == 200


@pytest.mark.parametrize(
    "email", ["nobody@acme.io", "disabled@acme.io", "no-password@acme.io", "\x00", "x" * 320]
)
def test_who_cannot_log_in_costs_as_much_work_and_gets_the_same_answer(house: House, email: str) -> None:
    house.person("tom@acme.io", "tenant_admin")
    for each in ("disabled@acme.io", "no-password@acme.io"):
        house.person(each, "viewer")
    house.people.change_member(Actor(tenant_id=house.acme), house.user_id("disabled@acme.io"), disabled=True)
    with house.storage.database.system_transaction(Purpose.OPERATOR) as session:
        user = session.get(User, house.user_id("no-password@acme.io"))
        assert user is not None
        user.password_hash = ""
    watched = WatchedPasswords()
    house.use_passwords(watched)
    wrong, answer = house.log_in("tom@acme.io", "not the password"), house.log_in(email)
    assert (answer.status_code, answer.json()) == (401, wrong.json())
    assert len(watched.verified) == 2


def test_a_second_factor_is_asked_for_and_used_once(house: House, clock: FakeClock) -> None:
    house.person("ana@acme.io", "viewer")
    phone = house.second_factor("ana@acme.io")
    asked = house.log_in("ana@acme.io")
    assert (asked.status_code, asked.json()["code"]) == (401, "otp_required")
    assert house.log_in("ana@acme.io", otp=phone.code()).status_code == 401  # the one that confirmed it
    clock.advance(minutes=1)
    assert house.log_in("ana@acme.io", otp=phone.code()).status_code == 200
    assert house.log_in("ana@acme.io", otp=phone.code()).json()["code"] == "log_in_refused"


def test_a_right_password_asks_for_the_code_as_often_as_one_likes(house: House, clock: FakeClock) -> None:
    house.person("ana@acme.io", "viewer")
    phone = house.second_factor("ana@acme.io")
    assert {house.log_in("ana@acme.io").json()["code"] for _ in range(8)} == {"otp_required"}
    clock.advance(minutes=1)
    assert house.log_in("ana@acme.io", otp=phone.code()).status_code == 200


def test_guesses_at_codes_are_locked_out_also_between_right_passwords(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    house.second_factor("ana@acme.io")
    codes = []
    for _ in range(5):
        house.log_in("ana@acme.io")
        codes.append(house.log_in("ana@acme.io", otp="000000").status_code)
    assert codes == [401] * 5
    assert house.log_in("ana@acme.io", otp="000000").status_code == 429


def test_the_wait_grows_and_ends(house: House, clock: FakeClock) -> None:
    house.person("ana@acme.io", "viewer")
    waits = []
    for _ in range(8):
        answer = house.log_in("ana@acme.io", "not the password")
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            clock.advance(seconds=waits[-1])
    assert waits == sorted(waits)
    assert waits[-1] > waits[0]
    clock.advance(minutes=16)
    assert house.log_in("ana@acme.io").status_code == 200


def test_a_lockout_is_told_to_the_tenants_of_whom_it_locks_out(house: House, clock: FakeClock) -> None:
    user_id = house.person("ana@acme.io", "viewer")
    for _ in range(7):
        house.log_in("ana@acme.io", "not the password")
        clock.advance(seconds=5)
    [told] = house.enterprise.audit.all(house.acme, AuditFilter(action="lockout.started"))
    assert (told.user_id, told.object_id) == (user_id, user_id)
