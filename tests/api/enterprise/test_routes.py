"""Tenants, exports and audit logs over HTTP."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient

from core.domain.actor import Actor
from core.domain.ids import new_id
from core.domain.public_ids import shown
from enterprise.api import Enterprise, TenantState
from tests.support.fakes import FakeJobControl


def by(name: str, **headers: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"} | headers


def test_a_tenant_changes_its_own_settings(client: TestClient) -> None:
    shown_first = client.get("/api/v1/tenant", headers=by("acme"))
    body = {"retention_days": {"results": 30}, "cut_offs": {"low": 0.6, "high": 0.92, "critical": 0.97}}
    match = {"If-Match": shown_first.headers["ETag"]}
    changed = client.patch("/api/v1/tenant", json=body, headers=by("acme", **match))
    assert changed.status_code == 200
    assert changed.json()["retention_days"]["results"] == 30
    assert changed.json()["cut_offs"] == [0.6, 0.8, 0.92, 0.97]
    again = client.patch("/api/v1/tenant", json=body, headers=by("acme", **match))
    assert again.status_code == 412


@pytest.mark.parametrize(
    "body",
    [
        {"plan": "enterprise"},
        {"quotas": {"models": None}},
        {"retention_days": {"results": 0}},
        {"cut_offs": {"low": 0.95, "high": 0.9, "critical": 0.99}},
        {"name": "a\u0000b"},
    ],
)
def test_what_a_tenant_may_not_set_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.patch("/api/v1/tenant", json=body, headers=by("acme")).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/v1/tenant"),
        ("POST", "/api/v1/tenant/exports"),
        ("GET", "/api/v1/audit"),
        ("GET", "/api/v1/audit.ndjson"),
        ("GET", "/api/v1/audit/verification"),
        ("GET", "/api/v1/admin/tenants"),
        ("GET", "/api/v1/admin/tenants/acme"),
        ("DELETE", "/api/v1/admin/tenants/acme?confirm=acme"),
    ],
)
def test_a_viewer_may_not(client: TestClient, method: str, path: str) -> None:
    body: dict[str, str] | None = {} if method == "PATCH" else None
    assert client.request(method, path, json=body, headers=by("vera")).status_code == 403


def test_usage_is_shown_with_limits(client: TestClient) -> None:
    items = client.get("/api/v1/tenant/usage", headers=by("vera")).json()["items"]
    assert {"quota": "models", "limit": 10, "used": 0, "reset": None} in items


def test_an_export_is_downloaded_by_its_tenant_only(
    client: TestClient, enterprise: Enterprise, actors: dict[str, Actor]
) -> None:
    started = client.post("/api/v1/tenant/exports", headers=by("acme"))
    assert started.status_code == 202
    assert started.headers["Location"] == f"/api/v1/jobs/{started.json()['job_id']}"
    export_id = new_id()
    enterprise.export.carry_out(actors["acme"], {"export_id": str(export_id)}, FakeJobControl())
    path = f"/api/v1/tenant/exports/{shown('exp', export_id)}"
    mine = client.get(path, headers=by("acme"))
    assert "manifest.json" in ZipFile(BytesIO(mine.content)).namelist()
    theirs = client.get(path, headers=by("beta"))
    random = client.get(f"/api/v1/tenant/exports/{shown('exp', new_id())}", headers=by("beta"))
    assert theirs.status_code == random.status_code == 404
    assert theirs.json() | {"instance": ""} == random.json() | {"instance": ""}
    assert client.get("/api/v1/tenant/exports/..%2Fx", headers=by("acme")).status_code == 404


def test_the_audit_log_shows_filters_and_verifies(client: TestClient, actors: dict[str, Actor]) -> None:
    client.patch("/api/v1/tenant", json={"name": "Acme 2"}, headers=by("acme"))
    page = client.get("/api/v1/audit?limit=1", headers=by("acme")).json()
    assert page["items"][0]["action"] == "tenant.changed"
    assert page["items"][0]["object_id"] == shown("ten", actors["acme"].tenant_id)
    rest = client.get("/api/v1/audit", params={"cursor": page["next_cursor"]}, headers=by("acme")).json()
    assert [item["action"] for item in rest["items"]] == ["tenant.created"]
    wanted = {"user": page["items"][0]["user_id"], "object": page["items"][0]["object_id"]}
    assert len(client.get("/api/v1/audit", params=wanted, headers=by("acme")).json()["items"]) == 1
    lines = client.get("/api/v1/audit.ndjson", headers=by("acme")).text.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2]
    later = {"from": "2030-01-01T00:00:00"}
    assert client.get("/api/v1/audit.ndjson", params=later, headers=by("acme")).text == ""
    found = client.get("/api/v1/audit/verification", headers=by("acme")).json()
    assert (found["whole"], found["checked"]) == (True, 2)


@pytest.mark.parametrize("query", ["user=1", "object=x", "object=run_1", "cursor=x", "nonsense=1"])
def test_a_filter_that_cannot_be_read_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/api/v1/audit?{query}", headers=by("acme")).status_code == 400


def test_an_operator_creates_changes_and_suspends(client: TestClient) -> None:
    made = client.post("/api/v1/admin/tenants", json={"slug": "gamma"}, headers=by("olga"))
    assert made.status_code == 201
    path = made.headers["Location"]
    assert client.post("/api/v1/admin/tenants", json={"slug": "gamma"}, headers=by("olga")).status_code == 409
    body = {"plan": "team", "quotas": {"models": 7, "users": None}}
    changed = client.patch(path, json=body, headers=by("olga")).json()
    assert (changed["plan"], changed["quotas"]["models"], changed["quotas"]["users"]) == ("team", 7, None)
    assert client.post(f"{path}/suspension", headers=by("olga")).json()["state"] == "suspended"
    assert client.delete(f"{path}/suspension", headers=by("olga")).json()["state"] == "active"
    listed = client.get("/api/v1/admin/tenants", headers=by("olga")).json()["items"]
    assert {item["slug"] for item in listed} == {"acme", "beta", "gamma"}


def test_a_deletion_needs_the_slug_and_closes_at_once(
    client: TestClient, enterprise: Enterprise, actors: dict[str, Actor]
) -> None:
    path = "/api/v1/admin/tenants/acme"
    assert client.delete(f"{path}?confirm=beta", headers=by("olga")).status_code == 422
    assert client.delete(f"{path}?confirm=acme", headers=by("olga")).status_code == 202
    assert enterprise.states.of(actors["acme"].tenant_id) is TenantState.CLOSED
    assert client.post(f"{path}/suspension", headers=by("olga")).status_code == 409


def test_an_unknown_tenant_is_not_found(client: TestClient) -> None:
    for name in (shown("ten", new_id()), "nobody", "%00"):
        assert client.get(f"/api/v1/admin/tenants/{name}", headers=by("olga")).status_code == 404
