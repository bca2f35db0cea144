"""Log-in, sessions, keys, members and roles through HTTP, with real tokens, on both databases."""

from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.presentation.ids import shown
from enterprise.application.ports import AuditFilter, AuditView
from tests.support.fakes import FakeClock
from tests.support.people import PASSWORD, House, bearer


def test_who_logs_in_is_told_who_they_are(house: House) -> None:
    house.person("ana@acme.io", "viewer")

    told = house.ask("GET", "/me", house.signed_in("ana@acme.io")).json()

    assert told["email"] == "ana@acme.io"
    assert told["roles"] == ["viewer"]
    assert "login.succeeded" in house.audited()


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(house: House) -> None:
    house.person("ana@acme.io", "viewer")

    wrong, unknown = house.log_in("ana@acme.io", "not the password"), house.log_in("bob@acme.io")

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert "login.failed" in house.audited()
    assert "login.failed" in house.audited(PLATFORM)


def test_guessing_is_locked_out_with_a_growing_delay(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    for _ in range(5):
        house.log_in("ana@acme.io", "not the password")

    locked = house.log_in("ana@acme.io")

    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) >= 1


def test_a_user_of_several_tenants_names_one(house: House) -> None:
    user_id = house.person("ana@acme.io", "viewer")
    house.join(user_id, "viewer", tenant_id=house.tenant("other"))

    asked = house.log_in("ana@acme.io")

    assert asked.status_code == 400
    assert asked.json()["tenants"] == ["acme", "other"]
    assert house.log_in("ana@acme.io", tenant="other").status_code == 200


def test_a_refresh_token_works_once_and_its_reuse_ends_the_session(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    old = house.log_in("ana@acme.io").json()
    new = house.ask("POST", "/auth/refresh", json={"refresh_token": old["refresh_token"]}).json()

    again = house.ask("POST", "/auth/refresh", json={"refresh_token": old["refresh_token"]})

    assert again.status_code == 401
    assert "session.token_reused" in house.audited()
    assert house.ask("GET", "/me", bearer(new["access_token"])).status_code == 401


def test_logging_out_bites_at_the_next_request(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    tokens = house.log_in("ana@acme.io").json()

    house.ask("POST", "/auth/logout", json={"refresh_token": tokens["refresh_token"]})

    assert house.ask("GET", "/me", bearer(tokens["access_token"])).status_code == 401


def test_a_changed_password_ends_the_other_sessions(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    here, there = house.signed_in("ana@acme.io"), house.signed_in("ana@acme.io")

    changed = house.ask("POST", "/auth/password", here, json={"old": PASSWORD, "new": "another good one"})

    assert changed.status_code == 204
    assert house.ask("GET", "/me", here).status_code == 200
    assert house.ask("GET", "/me", there).status_code == 401


def test_a_key_does_what_its_scopes_say_until_it_is_revoked(house: House) -> None:
    house.person("tom@acme.io", "tenant_admin")
    admin = house.signed_in("tom@acme.io")
    made = house.ask("POST", "/keys", admin, json={"name": "import", "scopes": ["read"]}).json()
    key = bearer(made["key"])

    assert house.ask("GET", "/me", key).json()["scopes"] == ["read"]
    assert house.ask("GET", "/members", key).status_code == 403
    assert house.ask("DELETE", f"/keys/{made['id']}", admin).status_code == 204
    assert house.ask("GET", "/me", key).status_code == 401
    assert "key.used_after_revocation" in house.audited()


def test_a_key_expires(house: House, clock: FakeClock) -> None:
    house.person("tom@acme.io", "tenant_admin")
    body = {"name": "import", "scopes": ["read"], "days": 1}
    made = house.ask("POST", "/keys", house.signed_in("tom@acme.io"), json=body).json()

    clock.advance(days=1)

    assert house.ask("GET", "/me", bearer(made["key"])).json()["code"] == "token_expired"


def test_a_rotated_key_gives_way_to_another_after_the_overlap(house: House, clock: FakeClock) -> None:
    house.person("tom@acme.io", "tenant_admin")
    admin = house.signed_in("tom@acme.io")
    old = house.ask("POST", "/keys", admin, json={"name": "import", "scopes": ["read"]}).json()
    answer = house.ask("POST", f"/keys/{old['id']}/rotation", admin, json={"overlap_hours": 2})
    new = answer.json()

    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    for key in (old, new):
        assert house.ask("GET", "/me", bearer(key["key"])).json()["scopes"] == ["read"]
    [ended] = [each for each in house.ask("GET", "/keys", admin).json()["items"] if each["id"] == old["id"]]
    clock.advance(hours=2)
    admin = house.signed_in("tom@acme.io")
    assert ended["expires_at"].startswith(clock().isoformat()[:19])
    assert house.ask("GET", "/me", bearer(old["key"])).json()["code"] == "token_expired"
    assert house.ask("GET", "/me", bearer(new["key"])).status_code == 200
    assert house.ask("POST", f"/keys/{old['id']}/rotation", admin).json()["code"] == "key_is_over"
    assert "key.rotated" in house.audited()


def test_a_key_rotated_without_an_overlap_is_revoked(house: House) -> None:
    house.person("tom@acme.io", "tenant_admin")
    admin = house.signed_in("tom@acme.io")
    old = house.ask("POST", "/keys", admin, json={"name": "import", "scopes": ["read"]}).json()
    house.ask("POST", f"/keys/{old['id']}/rotation", admin, json={"overlap_hours": 0})

    assert house.ask("GET", "/me", bearer(old["key"])).json()["code"] == "token_revoked"
    assert house.ask("POST", "/keys/key_none/rotation", admin).status_code == 404
    assert house.ask("POST", f"/keys/{old['id']}/rotation", admin, json={"days": 0}).status_code == 422


def test_nobody_rotates_a_key_into_rights_they_have_not(house: House) -> None:
    house.person("tom@acme.io", "tenant_admin")
    house.person("eve@acme.io", "viewer")
    admin = house.signed_in("tom@acme.io")
    key = house.ask("POST", "/keys", admin, json={"name": "all", "scopes": ["manage"]}).json()
    role = {"name": "keeper", "permissions": ["keys:read", "keys:write", "members:read"]}
    assert house.ask("POST", "/roles", admin, json=role).status_code == 201
    members = house.ask("GET", "/members", admin).json()["items"]
    [eve] = [each["id"] for each in members if each["email"] == "eve@acme.io"]
    house.ask("PATCH", f"/members/{eve}", admin, json={"roles": ["keeper"]})

    refused = house.ask("POST", f"/keys/{key['id']}/rotation", house.signed_in("eve@acme.io"))
    assert (refused.status_code, refused.json()["code"]) == (403, "key_beyond_rights")
    assert house.ask("GET", "/me", bearer(key["key"])).status_code == 200


def test_the_audit_log_names_who_acted_while_they_are_a_member(house: House) -> None:
    tom = house.person("tom@acme.io", "tenant_admin")
    house.ask("POST", "/keys", house.signed_in("tom@acme.io"), json={"name": "import", "scopes": ["read"]})

    def entry() -> AuditView:
        [found] = house.enterprise.audit.all(house.acme, AuditFilter(action="key.created"))
        return found

    assert (entry().user_id, entry().email, entry().name) == (tom, "tom@acme.io", "Someone")
    house.person("eve@acme.io", "tenant_admin")
    house.people.remove_member(Actor(tenant_id=house.acme), tom)
    assert (entry().email, entry().name) == ("tom@acme.io", None)


def test_the_last_administrator_stays(house: House) -> None:
    tom = house.person("tom@acme.io", "tenant_admin")
    admin = house.signed_in("tom@acme.io")
    me = house.ask("GET", "/me", admin).json()["user"]

    assert house.ask("PATCH", f"/members/{me}", admin, json={"roles": ["viewer"]}).status_code == 409
    assert house.ask("DELETE", f"/members/{me}", admin).status_code == 409
    assert house.people.queries.member(house.acme, tom).roles == ["tenant_admin"]


def test_nobody_grants_more_than_they_have(house: House) -> None:
    house.person("tom@acme.io", "tenant_admin")
    house.person("eve@acme.io", "viewer")
    admin = house.signed_in("tom@acme.io")
    body = {"name": "promoter", "permissions": ["members:read", "members:write"]}
    assert house.ask("POST", "/roles", admin, json=body).status_code == 201
    members = house.ask("GET", "/members", admin).json()["items"]
    [eve] = [each["id"] for each in members if each["email"] == "eve@acme.io"]
    house.ask("PATCH", f"/members/{eve}", admin, json={"roles": ["promoter"]})

    greedy = house.ask(
        "PATCH", f"/members/{eve}", house.signed_in("eve@acme.io"), json={"roles": ["tenant_admin"]}
    )

    assert greedy.status_code == 403
    assert greedy.json()["code"] == "more_than_you_may"


def test_an_operator_looks_into_a_tenant_and_only_reads(house: House) -> None:
    house.person("op@example.org", "operator", tenant_id=PLATFORM)
    operator = house.signed_in("op@example.org")
    made = house.ask("POST", f"/admin/tenants/{shown('ten', house.acme)}/impersonations", operator)
    told = house.ask("GET", "/me", bearer(made.json()["access_token"])).json()

    assert told["tenant"] == shown("ten", house.acme)
    assert all(each.endswith(":read") for each in told["permissions"])
    assert "impersonation.started" in house.audited()
    assert "impersonation.started" in house.audited(PLATFORM)


def test_a_suspended_tenant_is_forbidden_at_the_next_request(house: House) -> None:
    house.person("ana@acme.io", "viewer")
    session = house.signed_in("ana@acme.io")

    house.enterprise.suspend(Actor(tenant_id=PLATFORM), house.acme)

    assert house.ask("GET", "/me", session).status_code == 403
