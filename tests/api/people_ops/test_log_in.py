"""Log-in, sessions, keys, members and roles through HTTP, with real tokens, on both databases."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, TenantId, UserId, new_id
from core.infrastructure.database import Purpose
from core.infrastructure.encryption import Cipher
from core.infrastructure.files import FolderFiles
from core.infrastructure.sql import Storage
from core.presentation import problems
from core.presentation.authentication import Authentication
from core.presentation.ids import shown
from enterprise import wiring as enterprise_wiring
from enterprise.application.ports import AuditFilter
from people_ops import wiring
from people_ops.api import PeopleOps
from people_ops.domain.user import Membership, User
from people_ops.infrastructure.passwords import Argon2Passwords
from people_ops.presentation import auth_http, keys_http, members_http
from tests.support.fakes import FakeClock
from tests.support.ways_in import FakeMailer

PASSWORD = "correct horse battery"
PASSWORDS = Argon2Passwords(memory_kb=64, time_cost=1, parallelism=1)
ROUTERS = (
    auth_http.router,
    auth_http.own_router,
    keys_http.router,
    members_http.router,
    members_http.roles_router,
    members_http.admin_router,
)


@dataclass
class House:
    """One tenant and the platform, and every door to them."""

    storage: Storage
    folder: Path
    seconds: float = 0
    people: PeopleOps = field(init=False)

    def __post_init__(self) -> None:
        self.enterprise = enterprise_wiring.build_service(
            self.storage, FolderFiles(self.folder), "audit key", seconds=self.tick
        )
        self.enterprise.ensure_platform()
        self.acme = self.tenant("acme")
        cipher = Cipher.of_keys(Fernet.generate_key().decode())
        sign_in = wiring.SignIn(jwt_keys=("k" * 40, "old" * 12), public_url="http://testserver")
        self.people = wiring.build_service(
            self.storage,
            self.enterprise,
            cipher,
            FakeMailer(),
            sign_in=sign_in,
            passwords=PASSWORDS,
            seconds=self.tick,
        )
        app = FastAPI()
        app.state.services = {PeopleOps: self.people}
        problems.install(app)
        app.add_middleware(Authentication, authenticator=self.people.authenticator)
        for router in ROUTERS:
            app.include_router(router, prefix="/api/v1")
        self.client = TestClient(app, raise_server_exceptions=False)

    def tick(self) -> float:
        """Nothing is remembered between two requests."""
        self.seconds += 2
        return self.seconds

    def tenant(self, slug: str) -> TenantId:
        self.enterprise.create_tenant(Actor(tenant_id=PLATFORM), slug=slug)
        found = self.enterprise.tenants.named(slug)
        assert found
        return found.id

    def person(self, email: str, *roles: str, tenant_id: TenantId | None = None) -> UserId:
        user_id, now = UserId(new_id()), self.storage.clock()
        hashed = PASSWORDS.hash(PASSWORD)
        with self.storage.database.system_transaction(Purpose.OPERATOR) as session:
            session.add(User(id=user_id, email=email, name="Someone", password_hash=hashed, created_at=now))
            session.flush()
        self.join(user_id, *roles, tenant_id=tenant_id or self.acme)
        return user_id

    def join(self, user_id: UserId, *roles: str, tenant_id: TenantId) -> None:
        with self.storage.database.system_transaction(Purpose.OPERATOR) as session:
            member = Membership(
                user_id=user_id, tenant_id=tenant_id, roles=list(roles), created_at=self.storage.clock()
            )
            session.add(member)

    def log_in(self, email: str, password: str = PASSWORD, **more: str) -> Any:
        form = {"username": email, "password": password} | more
        return self.client.post("/api/v1/auth/token", data=form)

    def signed_in(self, email: str, **more: str) -> dict[str, str]:
        return bearer(self.log_in(email, **more).json()["access_token"])

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def audited(self, tenant_id: TenantId | None = None) -> list[str]:
        return [each.action for each in self.enterprise.audit.all(tenant_id or self.acme, AuditFilter())]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def house(storage: Storage, tmp_path: Path) -> House:
    log = enterprise_wiring.audit_log("audit key", storage.clock)
    return House(replace(storage, audit_log=log), tmp_path / "files")


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


def test_an_erased_person_leaves_nothing_personal(house: House) -> None:
    house.person("tom@acme.io", "tenant_admin")
    eve = house.person("eve@acme.io", "viewer")
    session = house.signed_in("eve@acme.io")
    admin = house.signed_in("tom@acme.io")
    members = house.ask("GET", "/members", admin).json()["items"]
    [public] = [each["id"] for each in members if each["email"] == "eve@acme.io"]

    assert house.ask("POST", f"/members/{public}/erasure", admin).status_code == 204

    assert house.ask("GET", "/me", session).status_code == 401
    with house.storage.database.as_system(Purpose.OPERATOR) as opened:
        left = opened.get(User, eve)
    assert left
    assert left.name == ""
    assert "eve" not in left.email


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
