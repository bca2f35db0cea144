"""Sessions as their owner sees them, and what one may know of oneself."""

from datetime import timedelta

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import PLATFORM, new_id
from core.presentation.ids import shown
from enterprise.application.ports import AuditFilter
from tests.support.fakes import FakeClock
from tests.support.people import House, bearer


def test_sessions_are_listed_and_ended_one_by_one(house: House, clock: FakeClock) -> None:
    house.person("ana@acme.io", "viewer")
    here = house.signed_in("ana@acme.io")
    clock.advance(minutes=1)
    there = house.signed_in("ana@acme.io")
    newest, oldest = house.ask("GET", "/auth/sessions", here).json()["items"]
    assert newest["created_at"] > oldest["created_at"]
    assert newest["agent"] == "testclient"
    assert house.ask("DELETE", f"/auth/sessions/{newest['id']}", here).status_code == 204
    assert house.ask("GET", "/me", there).status_code == 401
    assert house.ask("DELETE", f"/auth/sessions/{newest['id']}", here).status_code == 404
    assert [each["id"] for each in house.ask("GET", "/auth/sessions", here).json()["items"]] == [oldest["id"]]


def test_another_persons_session_is_not_found(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    house.person("tom@acme.io", "tenant_admin")
    ana = house.signed_in("ana@acme.io")
    [mine] = house.ask("GET", "/auth/sessions", ana).json()["items"]
    refused = house.ask("DELETE", f"/auth/sessions/{mine['id']}", house.signed_in("tom@acme.io"))
    assert refused.status_code == 404
    assert house.ask("GET", "/me", ana).status_code == 200


def test_a_session_ends_when_it_is_not_used_and_however_it_is_used(house: House, clock: FakeClock) -> None:
    house.person("ana@acme.io", "viewer")
    tokens = house.log_in("ana@acme.io").json()
    for _ in range(4):
        clock.advance(days=20)
        tokens = house.ask("POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    clock.advance(days=20)
    late = house.ask("POST", "/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert late.json()["code"] == "token_expired"
    idle = house.log_in("ana@acme.io").json()
    clock.advance(days=30)
    late = house.ask("POST", "/auth/refresh", json={"refresh_token": idle["refresh_token"]})
    assert late.json()["code"] == "token_expired"


def test_a_used_token_is_reported_once_however_often_it_is_shown(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    body = {"refresh_token": house.log_in("ana@acme.io").json()["refresh_token"]}
    statuses = [house.ask("POST", "/auth/refresh", json=body).status_code for _ in range(5)]
    assert statuses == [200, 401, 401, 401, 401]
    assert house.audited().count("session.token_reused") == 1


def test_one_is_told_of_ones_limits(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    limits = house.ask("GET", "/me", house.signed_in("ana@acme.io")).json()["limits"]
    assert (
        limits["requests_per_minute"]
        == house.enterprise.tenants.get(house.acme).quotas[Quota.REQUESTS_PER_MINUTE]
    )
    assert limits["key_requests_per_minute"] == 600
    assert {"rows_stored", "users", "rows_scored_per_day"} <= {each["quota"] for each in limits["quotas"]}


def test_a_look_into_a_tenant_lasts_a_quarter_of_an_hour_and_needs_one(
    house: House, clock: FakeClock
) -> None:
    house.person("op@example.org", "operator", tenant_id=PLATFORM)
    operator = house.signed_in("op@example.org")
    unknown = house.ask("POST", f"/admin/tenants/{shown('ten', new_id())}/impersonations", operator)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_tenant")
    assert "impersonation.started" not in house.audited(PLATFORM)
    made = house.ask("POST", f"/admin/tenants/{shown('ten', house.acme)}/impersonations", operator).json()
    clock.advance(minutes=14)
    assert house.ask("GET", "/me", bearer(made["access_token"])).status_code == 200
    clock.advance(minutes=2)
    assert house.ask("GET", "/me", bearer(made["access_token"])).status_code == 401


def test_a_look_into_a_tenant_ends_with_the_operators_rights(house: House) -> None:
    house.person("op@example.org", "operator", tenant_id=PLATFORM)
    second = house.person("op2@example.org", "operator", tenant_id=PLATFORM)
    path = f"/admin/tenants/{shown('ten', house.acme)}/impersonations"
    made = house.ask("POST", path, house.signed_in("op2@example.org")).json()
    house.people.change_member(Actor(tenant_id=PLATFORM), second, disabled=True)
    assert house.ask("GET", "/me", bearer(made["access_token"])).status_code == 401


def test_an_access_token_outlives_nothing(house: House, clock: FakeClock) -> None:
    house.person("ana@acme.io", "viewer")
    session = house.signed_in("ana@acme.io")
    clock.now += timedelta(minutes=15)
    assert house.ask("GET", "/me", session).json()["code"] == "token_expired"


def test_the_audit_log_names_who_acted_in_their_own_tenant(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    house.person("op@example.org", "operator", tenant_id=PLATFORM)
    house.signed_in("ana@acme.io")
    house.log_in("ana@acme.io", "not the password")
    operator = house.signed_in("op@example.org")
    house.ask("POST", f"/admin/tenants/{shown('ten', house.acme)}/impersonations", operator)
    entries = {each.action: each.email for each in house.enterprise.audit.all(house.acme, AuditFilter())}
    assert (entries["login.succeeded"], entries["login.failed"]) == ("ana@acme.io", "ana@acme.io")
    assert entries["impersonation.started"] is None
