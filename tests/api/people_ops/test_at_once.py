"""Log-in, refresh and the authenticator under threads, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import event

from core.domain.actor import Actor
from core.domain.errors import Unauthenticated
from core.presentation.authentication import Credentials
from people_ops.infrastructure.authenticator import MOST_REMEMBERED, TokenAuthenticator
from people_ops.infrastructure.lockouts import FREE_OF_SUBJECT
from tests.support.people import PASSWORD, House, bearer


def test_of_two_refreshes_at_once_one_wins_and_the_session_ends(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    tokens = house.log_in("ana@acme.io").json()
    body = {"refresh_token": tokens["refresh_token"]}
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: house.ask("POST", "/auth/refresh", json=body), range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    [winner] = [answer.json() for answer in answers if answer.status_code == 200]
    after = house.ask("POST", "/auth/refresh", json={"refresh_token": winner["refresh_token"]})
    assert after.json()["code"] == "token_revoked"
    assert house.audited().count("session.refreshed") == 1
    assert house.audited().count("session.token_reused") == 1


def test_refreshes_one_after_another_go_on(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    tokens = house.log_in("ana@acme.io").json()
    for _ in range(3):
        body = {"refresh_token": tokens["refresh_token"]}
        tokens = house.ask("POST", "/auth/refresh", json=body).json()
    assert house.ask("GET", "/me", bearer(tokens["access_token"])).status_code == 200


def test_many_guesses_at_once_gain_nothing(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(lambda n: house.log_in("ana@acme.io", f"guess {n}").status_code, range(16)))
    assert tried.count(401) <= FREE_OF_SUBJECT
    assert tried.count(401) + tried.count(429) == 16
    assert house.log_in("ana@acme.io", PASSWORD).status_code == 429


@pytest.fixture
def authenticator(house: House) -> TokenAuthenticator:
    """With time that stands still: everything stays remembered."""
    return replace(authenticator_of(house), seconds=lambda: 0.0, _known={}, _refused={})


def authenticator_of(house: House) -> TokenAuthenticator:
    found = house.people.authenticator
    assert isinstance(found, TokenAuthenticator)
    return found


def test_callers_at_once_are_told_apart(house: House, authenticator: TokenAuthenticator) -> None:
    people = {
        house.person(f"{n}@acme.io", "viewer"): house.log_in(f"{n}@acme.io").json()["access_token"]
        for n in range(4)
    }

    def asked(n: int) -> bool:
        user_id, token = list(people.items())[n % 4]
        actor = authenticator.remembered(token) or authenticator(Credentials(token, "", ""))
        return actor.user_id == user_id

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(asked, range(200)))


def test_a_remembered_caller_costs_no_query(house: House, authenticator: TokenAuthenticator) -> None:
    house.person("ana@acme.io", "viewer")
    token = house.log_in("ana@acme.io").json()["access_token"]
    actor = authenticator(Credentials(token, "", ""))
    statements: list[str] = []
    event.listen(
        house.storage.database.system, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    event.listen(
        house.storage.database.app, "before_cursor_execute", lambda *args: statements.append(args[2])
    )
    assert [authenticator.remembered(token) for _ in range(3)] == [actor] * 3
    assert statements == []


def test_what_was_revoked_is_forgotten_within_a_second(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    token = house.log_in("ana@acme.io").json()["access_token"]
    now = 0.0
    authenticator = replace(authenticator_of(house), seconds=lambda: now, _known={}, _refused={})
    authenticator(Credentials(token, "", ""))
    house.people.revoke_all_sessions(Actor(tenant_id=house.acme, user_id=house.user_id("ana@acme.io")))
    assert authenticator.remembered(token) is not None
    now = 0.9
    assert authenticator.remembered(token) is None
    with pytest.raises(Unauthenticated):
        authenticator(Credentials(token, "", ""))


def test_one_request_asks_again_while_the_others_go_on(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    token = house.log_in("ana@acme.io").json()["access_token"]
    now = 0.0
    authenticator = replace(authenticator_of(house), seconds=lambda: now, _known={}, _asked={}, _refused={})
    actor = authenticator(Credentials(token, "", ""))
    now = 0.6
    assert [authenticator.remembered(token) for _ in range(3)] == [None, actor, actor]
    authenticator(Credentials(token, "", ""))
    now = 1.0
    assert authenticator.remembered(token) == actor


def test_no_more_tokens_are_remembered_than_there_is_room_for(house: House) -> None:
    known = {n.to_bytes(4): (0.0, Actor(tenant_id=house.acme)) for n in range(MOST_REMEMBERED)}
    authenticator = replace(authenticator_of(house), seconds=lambda: 0.0, _known=known)
    house.person("ana@acme.io", "viewer")
    token = house.log_in("ana@acme.io").json()["access_token"]
    authenticator(Credentials(token, "", ""))
    assert len(known) == 1
    assert authenticator.remembered(token) is not None
