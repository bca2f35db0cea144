"""Enrolling, using and disabling a time-based code, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi.testclient import TestClient

from core.domain.actor import Actor
from core.domain.ids import KeyId, new_id
from core.infrastructure.encryption import Cipher
from core.infrastructure.sql import Storage
from people_ops.domain.user import User
from people_ops.infrastructure.totp import TotpCodes
from tests.support.fakes import FakeAuditLog, FakeClock
from tests.support.people import Phone
from tests.support.ways_in import Door, as_

TOTP_URL = "/api/v1/auth/totp"
PASSWORD = {"password": "a good password"}


@pytest.fixture
def door(storage: Storage) -> Door:
    return Door(storage)


@pytest.fixture
def ana(door: Door) -> User:
    return door.person("ana@example.org")


@pytest.fixture
def client(door: Door, ana: User) -> TestClient:
    return door.client(ana=Actor(tenant_id=door.tenant_id, user_id=ana.id))


def enrol(client: TestClient, clock: FakeClock) -> Phone:
    made = client.post(TOTP_URL, json=PASSWORD, headers=as_("ana"))
    assert made.status_code == 201
    return Phone(made.json()["secret"], clock)


def confirm(client: TestClient, code: str) -> Any:
    return client.post(f"{TOTP_URL}/confirmation", json={"code": code}, headers=as_("ana"))


def protected(door: Door) -> User:
    found = door.user("ana@example.org")
    assert found is not None
    return found


def test_log_in_asks_for_codes_only_after_one_confirmed_the_seed(
    door: Door, client: TestClient, clock: FakeClock, audit_log: FakeAuditLog
) -> None:
    phone = enrol(client, clock)
    assert protected(door).totp_seed == ""
    assert confirm(client, "000000").json()["code"] == "wrong_code"
    assert len(confirm(client, phone.code()).json()["recovery_codes"]) == 10
    assert protected(door).totp_seed not in ("", phone.totp.base32_key)
    assert audit_log.actions == ["second_factor.enrolled", "second_factor.confirmed"]


def test_the_uri_names_the_account_and_the_secret(client: TestClient) -> None:
    made = client.post(TOTP_URL, json=PASSWORD, headers=as_("ana")).json()
    assert made["uri"].startswith("otpauth://totp/anomaly_detection:ana@example.org?secret=" + made["secret"])


def test_a_code_is_accepted_once_and_one_step_around_now(
    door: Door, client: TestClient, clock: FakeClock
) -> None:
    phone = enrol(client, clock)
    assert confirm(client, phone.code()).status_code == 200
    verify = door.ways_in.second_factor.verify
    assert not verify(protected(door), phone.code())  # the one that confirmed
    assert verify(protected(door), phone.code(+30))
    assert not verify(protected(door), phone.code(+30))
    clock.advance(minutes=5)
    assert not verify(protected(door), phone.code(-60))
    assert not verify(protected(door), phone.code(+60))
    assert verify(protected(door), phone.code(-30))
    assert verify(protected(door), phone.code())


def test_of_two_log_ins_with_one_code_one_wins(door: Door, client: TestClient, clock: FakeClock) -> None:
    phone = enrol(client, clock)
    confirm(client, phone.code())
    clock.advance(minutes=1)
    user, code = protected(door), phone.code()
    with ThreadPoolExecutor(4) as pool:
        won = list(pool.map(lambda _: door.ways_in.second_factor.verify(user, code), range(4)))
    assert sorted(won) == [False, False, False, True]


def test_a_recovery_code_stands_for_one_code(door: Door, client: TestClient, clock: FakeClock) -> None:
    phone = enrol(client, clock)
    first, *_ = confirm(client, phone.code()).json()["recovery_codes"]
    verify = door.ways_in.second_factor.verify
    assert verify(protected(door), first.upper().replace("-", " "))
    assert not verify(protected(door), first)


@pytest.mark.parametrize("odd", ["", " ", "٤٩٢٠٣٩", "1" * 10_000, "-1", "abcdef", "\x00" * 6])
def test_odd_codes_are_wrong_codes(door: Door, client: TestClient, clock: FakeClock, odd: str) -> None:
    confirm(client, enrol(client, clock).code())
    assert not door.ways_in.second_factor.verify(protected(door), odd)


def test_disabling_needs_password_and_code(door: Door, client: TestClient, clock: FakeClock) -> None:
    phone = enrol(client, clock)
    confirm(client, phone.code())
    clock.advance(minutes=1)

    def disable(password: str, code: str) -> int:
        body = {"password": password, "code": code}
        return client.post(f"{TOTP_URL}/disabling", json=body, headers=as_("ana")).status_code

    assert disable("wrong", phone.code()) == 403
    assert disable("a good password", "000000") == 422
    assert disable("a good password", phone.code()) == 204
    assert protected(door).totp_seed == ""


def test_a_stolen_session_enrols_nothing(client: TestClient) -> None:
    assert client.post(TOTP_URL, json={"password": "guess"}, headers=as_("ana")).status_code == 403


def test_a_second_factor_in_use_is_not_replaced(client: TestClient, clock: FakeClock) -> None:
    confirm(client, enrol(client, clock).code())
    assert client.post(TOTP_URL, json=PASSWORD, headers=as_("ana")).json()["code"] == "second_factor_in_use"


def test_keys_have_none(door: Door, ana: User) -> None:
    key = Actor(tenant_id=door.tenant_id, user_id=ana.id, key_id=KeyId(new_id()))
    answer = door.client(key=key).post(TOTP_URL, json=PASSWORD, headers=as_("key"))
    assert answer.json()["code"] == "people_only"


def test_guesses_are_limited(door: Door, client: TestClient, clock: FakeClock) -> None:
    enrol(client, clock)
    door.attempts.limit = 2
    assert [confirm(client, "000000").status_code for _ in range(3)] == [422, 422, 429]


def test_seeds_outlive_a_change_of_the_key(clock: FakeClock) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    seed = TotpCodes(Cipher.of_keys(old), clock).new_seed()
    both = TotpCodes(Cipher.of_keys(new, old), clock)
    assert both.counter(seed, Phone(both.secret(seed), clock).code()) is not None
