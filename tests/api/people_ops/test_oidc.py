"""Log-in by a tenant's identity provider: a real one, on loopback, honest and not."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from sqlalchemy import select

from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.infrastructure.database import Purpose
from core.infrastructure.sql import Storage
from people_ops.infrastructure.ways_in_tables import single_sign_on
from tests.support.fakes import FakeAuditLog, FakeClock
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProviderStub, running_provider
from tests.support.people import House, bearer
from tests.support.ways_in import Door, as_

SSO = "/api/v1/sso"
START = "/api/v1/auth/oidc/acme/start"


@pytest.fixture(scope="module")
def provider_process() -> Iterator[OidcProviderStub]:
    with running_provider() as stub:
        yield stub


@pytest.fixture
def provider(provider_process: OidcProviderStub, clock: FakeClock) -> OidcProviderStub:
    provider_process.mode, provider_process.claims, provider_process.asked = "", {}, []
    provider_process.now = int(clock().timestamp())
    return provider_process


@pytest.fixture
def door(storage: Storage) -> Door:
    return Door(storage)


@pytest.fixture
def client(door: Door, provider: OidcProviderStub) -> TestClient:
    """Of a tenant that trusts the provider for example.org."""
    found = door.client()
    assert configure(found, provider.issuer).status_code == 200
    return found


def configure(client: TestClient, issuer: str, **changes: object) -> Any:
    body: dict[str, object] = {
        "issuer": issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "domains": ["Example.org"],
        "default_roles": ["viewer"],
        "auto_provision": False,
    }
    return client.put(SSO, json=body | changes, headers=as_("admin"))


def returned(client: TestClient) -> str:
    """Where the provider sends the browser after it let the person in: path and query."""
    start = client.get(START, follow_redirects=False)
    assert start.status_code == 302, start.text
    back = urlsplit(httpx.get(start.headers["Location"]).headers["Location"])
    return f"{back.path}?{back.query}"


def log_in(client: TestClient) -> Any:
    return client.get(returned(client))


def test_a_member_gets_a_session_of_that_tenant(
    door: Door, client: TestClient, audit_log: FakeAuditLog
) -> None:
    user = door.person("ana@example.org")
    answer = log_in(client)
    assert answer.json()["access_token"] == door.access_token(user)
    assert answer.headers["Cache-Control"] == "no-store"
    assert audit_log.actions == ["sso.configured", "oidc.identified"]
    assert "ana" not in str([entry for _, entry in audit_log.entries])


def test_the_provider_is_asked_with_state_nonce_and_a_challenge(client: TestClient) -> None:
    start = client.get(START, follow_redirects=False)
    asked = parse_qs(urlsplit(start.headers["Location"]).query)
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert (asked["code_challenge_method"], asked["response_type"]) == (["S256"], ["code"])
    assert CLIENT_SECRET not in start.headers["Location"]
    cookie = start.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert asked["state"][0] not in cookie


def test_a_person_who_came_once_is_known_by_subject_even_after_a_new_address(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    user = door.person("ana@example.org")
    log_in(client)
    provider.claims = {"email": "ana.maria@example.org"}
    assert log_in(client).json()["access_token"] == door.access_token(user)


@pytest.mark.parametrize(
    "mode", ["wrong_nonce", "wrong_aud", "wrong_iss", "expired", "other_key", "symmetric", "unsigned"]
)
def test_a_forged_or_stale_id_token_is_refused(
    door: Door, client: TestClient, provider: OidcProviderStub, mode: str
) -> None:
    door.person("ana@example.org")
    provider.mode = mode
    answer = log_in(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "identity_refused")


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email": "ana@elsewhere.org"},
        {"email": "ana@example.org.evil.org"},
        {"email": None},
        {"email": "x@example.org\r\n"},
        {"email": "stranger@example.org"},
    ],
)
def test_an_address_that_proves_nothing_lets_nobody_in(
    door: Door,
    client: TestClient,
    provider: OidcProviderStub,
    audit_log: FakeAuditLog,
    claims: dict[str, Any],
) -> None:
    door.person("ana@example.org")
    provider.claims = claims
    answer = log_in(client)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_invited")
    assert audit_log.actions[-1] == "login.refused"


def test_a_provider_gives_nobody_who_has_an_account_elsewhere_a_membership(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    configure(client, provider.issuer, auto_provision=True)
    victim = door.person("ana@example.org", member=False)
    assert log_in(client).status_code == 403
    assert door.roles(victim, door.tenant_id) == []


def test_new_people_are_let_in_where_the_tenant_wants_it(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    configure(client, provider.issuer, auto_provision=True)
    answers = [log_in(client) for _ in range(2)]
    user = door.user("ana@example.org")
    assert user is not None
    assert [a.json()["access_token"] for a in answers] == [door.access_token(user)] * 2
    assert door.roles(user, door.tenant_id) == ["viewer"]


def test_an_answer_counts_in_the_browser_that_asked_once_and_for_ten_minutes(
    door: Door, client: TestClient, clock: FakeClock
) -> None:
    door.person("ana@example.org")
    back = returned(client)
    elsewhere = door.client().get(back)
    altered = client.get(back.replace("state=", "state=x"))
    assert (elsewhere.json()["check"], altered.json()["check"]) == ("state", "state")
    assert client.get(back).status_code == 200
    assert client.get(back).status_code == 401
    late = returned(client)
    clock.advance(minutes=10)
    assert client.get(late).json()["check"] == "state"


def test_a_code_is_worth_nothing_with_another_browsers_ticket(door: Door, client: TestClient) -> None:
    door.person("ana@example.org")
    stolen = parse_qs(urlsplit(returned(door.client())).query)["code"][0]
    mine = returned(client)
    code = parse_qs(urlsplit(mine).query)["code"][0]
    assert client.get(mine.replace(f"code={code}", f"code={stolen}")).status_code == 503


@pytest.mark.parametrize("mode", ["redirect", "huge", "other_issuer"])
def test_a_provider_that_misbehaves_is_an_error_of_its_own(
    client: TestClient, provider: OidcProviderStub, mode: str
) -> None:
    provider.mode = mode
    answer = client.get(START, follow_redirects=False)
    assert (answer.status_code, answer.json()["code"]) == (503, "provider_failed")


def test_a_provider_cannot_send_us_to_the_metadata_of_our_cloud(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    door.person("ana@example.org")
    provider.mode = "jwks_at_metadata"
    assert log_in(client).json()["code"] == "host_not_allowed"


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "10.0.0.1", "[::ffff:10.0.0.1]", "[fd00:ec2::254]", "0.0.0.0"]
)
def test_an_issuer_inside_our_network_is_not_asked(client: TestClient, host: str) -> None:
    assert configure(client, f"https://{host}").status_code == 200
    assert client.get(START, follow_redirects=False).json()["code"] == "host_not_allowed"


@pytest.mark.parametrize(
    "url", ["ftp://a.org", "https://", "https://u:p@a.org", "https://a.org?x=1", "https://a.org:x"]
)
def test_what_is_no_issuer_is_refused(client: TestClient, url: str) -> None:
    assert configure(client, url).json()["code"] == "invalid_issuer"


def test_the_client_secret_is_stored_encrypted_and_never_shown(
    door: Door, client: TestClient, provider: OidcProviderStub, audit_log: FakeAuditLog
) -> None:
    shown = client.get(SSO, headers=as_("admin")).text
    with door.storage.database.as_system(Purpose.OPERATOR) as session:
        stored = session.scalar(select(single_sign_on.c.client_secret))
    assert CLIENT_SECRET not in f"{shown} {stored} {audit_log.entries}"
    assert door.cipher.decrypt(str(stored)) == CLIENT_SECRET


def test_an_unsent_secret_stays_unless_it_would_go_to_another_issuer(
    client: TestClient, provider: OidcProviderStub
) -> None:
    assert configure(client, provider.issuer, client_secret="").status_code == 200
    moved = configure(client, "https://evil.example", client_secret="")
    assert moved.json()["code"] == "client_secret_needed"


def test_the_provider_is_asked_for_its_settings_and_keys_once(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    door.person("ana@example.org")
    assert [log_in(client).status_code for _ in range(3)] == [200, 200, 200]
    assert sorted(provider.asked) == ["discovery", "keys"]


def test_new_keys_of_the_provider_are_fetched_when_they_are_met(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    door.person("ana@example.org")
    log_in(client)
    provider.key = RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})
    assert [log_in(client).status_code for _ in range(2)] == [200, 200]
    assert provider.asked.count("keys") == 2


def test_the_keys_are_asked_for_once_more_for_a_forged_token(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    door.person("ana@example.org")
    log_in(client)
    provider.mode = "other_key"
    assert log_in(client).status_code == 401
    assert provider.asked.count("keys") == 2


def test_settings_that_somebody_else_changed_are_not_overwritten(
    client: TestClient, provider: OidcProviderStub
) -> None:
    read = client.get(SSO, headers=as_("admin"))
    configure(client, provider.issuer, default_roles=["analyst"])
    stale = as_("admin") | {"If-Match": read.headers["ETag"]}
    body = {"issuer": provider.issuer, "client_id": CLIENT_ID, "domains": ["example.org"]}
    assert client.put(SSO, json=body, headers=stale).status_code == 412
    assert client.delete(SSO, headers=stale).status_code == 412
    fresh = as_("admin") | {"If-Match": client.get(SSO, headers=as_("admin")).headers["ETag"]}
    changed = client.put(SSO, json=body, headers=fresh)
    assert (changed.status_code, changed.json()["default_roles"]) == (200, [])
    assert changed.headers["ETag"] == client.get(SSO, headers=as_("admin")).headers["ETag"]


def test_who_the_provider_vouches_for_has_a_session_like_all_others(
    house: House, provider: OidcProviderStub
) -> None:
    house.person("tom@acme.io", "tenant_admin")
    house.person("ana@example.org", "viewer")
    body = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    admin = house.signed_in("tom@acme.io")
    assert house.ask("PUT", "/sso", admin, json=body | {"domains": ["example.org"]}).status_code == 200
    tokens = log_in(house.client).json()
    told = house.ask("GET", "/me", bearer(tokens["access_token"])).json()
    assert (told["email"], told["roles"]) == ("ana@example.org", ["viewer"])
    assert house.audited()[-2:] == ["oidc.identified", "login.succeeded"]
    refreshed = house.ask("POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert house.ask("DELETE", "/auth/sessions", bearer(refreshed.json()["access_token"])).status_code == 204
    assert house.ask("GET", "/me", bearer(tokens["access_token"])).status_code == 401


def test_a_suspended_tenant_lets_its_provider_start_no_session(
    house: House, provider: OidcProviderStub
) -> None:
    house.person("tom@acme.io", "tenant_admin")
    house.person("ana@example.org", "viewer")
    body = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    house.ask("PUT", "/sso", house.signed_in("tom@acme.io"), json=body | {"domains": ["example.org"]})
    house.enterprise.suspend(Actor(tenant_id=PLATFORM), house.acme)
    assert log_in(house.client).json()["code"] == "tenant_suspended"


def test_settings_are_the_tenants_own_and_need_the_permission(client: TestClient) -> None:
    assert client.get(SSO, headers=as_("other")).status_code == 404
    assert client.get(SSO, headers=as_("viewer")).status_code == 403
    assert client.delete(SSO, headers=as_("other")).status_code == 404
    assert client.delete(SSO, headers=as_("admin")).status_code == 204
    assert client.get(START, follow_redirects=False).status_code == 404


def test_an_unknown_tenant_looks_like_one_without_single_sign_on(
    door: Door, provider: OidcProviderStub
) -> None:
    client = door.client()
    unknown = client.get("/api/v1/auth/oidc/nobody/start").json()
    without = client.get(START).json()
    assert {**unknown, "instance": ""} == {**without, "instance": ""}


def test_who_logs_in_well_is_not_held_up(door: Door, client: TestClient) -> None:
    door.person("ana@example.org")
    door.attempts.limit = 2
    assert [log_in(client).status_code for _ in range(3)] == [200, 200, 200]
    assert [client.get(START, follow_redirects=False).status_code for _ in range(3)] == [302, 302, 429]


def test_two_first_log_ins_at_once_make_one_person(
    door: Door, client: TestClient, provider: OidcProviderStub
) -> None:
    configure(client, provider.issuer, auto_provision=True)
    browsers = [door.client(), door.client()]
    backs = [returned(each) for each in browsers]
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(pool.map(lambda each, back: each.get(back).status_code, browsers, backs))
    assert codes in ([200, 200], [200, 409])
