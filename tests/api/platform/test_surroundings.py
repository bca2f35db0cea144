"""What lies around every request: hosts, proxies, origins, outages, log lines."""

import errno
import json
import logging
import sqlite3

import pytest
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient
from psycopg.errors import ReadOnlySqlTransaction
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.support.surroundings import Surroundings

router = APIRouter()


def locked() -> OperationalError:
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorname = "SQLITE_BUSY"
    return OperationalError("SELECT secret", {}, cause)


def full() -> OperationalError:
    cause = sqlite3.OperationalError("database or disk is full")
    cause.sqlite_errorname = "SQLITE_FULL"
    return OperationalError("INSERT", {}, cause)


def read_only() -> InternalError:
    """PostgreSQL's, as on a stand-by server."""
    return InternalError("INSERT", {}, ReadOnlySqlTransaction("cannot execute INSERT"))


def no_such_table() -> OperationalError:
    cause = sqlite3.OperationalError("no such table: x")
    cause.sqlite_errorname = "SQLITE_ERROR"
    return OperationalError("SELECT", {}, cause)


FAULTS = {
    "locked": locked,
    "closed": lambda: InterfaceError("SELECT", {}, Exception("the connection is closed")),
    "pool": lambda: PoolTimeout("QueuePool limit"),
    "full": full,
    "read-only": read_only,
    "no-space": lambda: OSError(errno.ENOSPC, "No space left on device", "/srv/var/x"),
    "no-table": no_such_table,
}


@router.get("/faults/{name}")
def faults(name: str) -> None:
    raise FAULTS[name]()


@router.get("/peer/{any}")
def peer(request: Request) -> dict[str, str]:
    return {"address": request.client.host if request.client else "", "scheme": request.url.scheme}


@router.get("/long")
def long() -> PlainTextResponse:
    return PlainTextResponse("word " * 1000)


@pytest.mark.parametrize("name", ["locked", "closed", "pool"])
def test_a_database_that_does_not_answer_is_a_503_that_says_when_to_come_back(
    surroundings: Surroundings, name: str
) -> None:
    answer = surroundings.client(router).get(f"/faults/{name}")

    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert "SELECT" not in answer.text


@pytest.mark.parametrize("name", ["full", "read-only", "no-space"])
def test_a_full_disk_is_a_507_without_a_path(surroundings: Surroundings, name: str) -> None:
    answer = surroundings.client(router).get(f"/faults/{name}")

    assert answer.status_code == 507
    assert answer.json()["code"] == "unwritable"
    assert "/srv" not in answer.text


def test_a_missing_table_is_our_fault(surroundings: Surroundings) -> None:
    assert surroundings.client(router).get("/faults/no-table").status_code == 500


def test_an_unmigrated_database_that_goes_away_under_the_authentication_is_no_500(
    surroundings: Surroundings,
) -> None:
    class Away:
        def remembered(self, token: str) -> None:
            return None

        def __call__(self, credentials: object) -> None:
            raise locked()

    app = surroundings.app(router)
    [layer] = [m for m in app.user_middleware if "authenticator" in m.kwargs]
    layer.kwargs["authenticator"] = Away()
    answer = TestClient(app).get("/long", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("anom.example", 200),
        ("ANOM.example:8000", 200),
        ("a.b.example.org", 200),
        ("example.org", 400),
        ("evil.example", 400),
        ("anom.example.evil", 400),
        ("[::1]", 400),
        ("", 400),
    ],
)
def test_the_server_answers_only_to_its_own_names(surroundings: Surroundings, host: str, status: int) -> None:
    client = surroundings.client(router, api__allowed_hosts=("anom.example", "*.example.org"))
    answer = client.get("/long", headers={"Host": host})

    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "unknown_host"


def test_a_probe_by_address_is_answered(surroundings: Surroundings) -> None:
    client = surroundings.client(api__allowed_hosts=("anom.example",))

    assert client.get("/livez", headers={"Host": "10.0.0.7"}).status_code == 204


FORWARDED = {"X-Forwarded-For": "203.0.113.9, 10.1.2.3", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(
    ("trusted", "address", "scheme"),
    [
        ((), "192.0.2.1", "http"),
        (("192.0.2.7",), "192.0.2.1", "http"),
        (("192.0.2.0/24", "10.0.0.0/8"), "203.0.113.9", "https"),
        (("192.0.2.1",), "10.1.2.3", "https"),
    ],
)
def test_forwarded_headers_count_only_from_trusted_proxies(
    surroundings: Surroundings, trusted: tuple[str, ...], address: str, scheme: str
) -> None:
    app = surroundings.app(router, api__trusted_proxies=trusted)
    answer = TestClient(app, client=("192.0.2.1", 1)).get("/peer/x", headers=FORWARDED)

    assert answer.json() == {"address": address, "scheme": scheme}
    assert ("strict-transport-security" in answer.headers) == (scheme == "https")


def test_other_origins_are_not_let_in_by_default(surroundings: Surroundings) -> None:
    answer = surroundings.client(router).get("/long", headers={"Origin": "https://evil.example"})

    assert "access-control-allow-origin" not in answer.headers


def test_an_origin_that_is_configured_may_read_errors_too(surroundings: Surroundings) -> None:
    client = surroundings.client(router, api__cors_origins=("https://app.example",))
    answer = client.get("/faults/locked", headers={"Origin": "https://app.example"})
    preflight = client.options(
        "/api/v1/datasets",
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,idempotency-key",
        },
    )
    other = client.get("/long", headers={"Origin": "https://evil.example"})

    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert preflight.status_code == 200
    assert "access-control-allow-credentials" not in preflight.headers
    assert "access-control-allow-origin" not in other.headers


def test_long_answers_are_compressed_for_those_who_ask(surroundings: Surroundings) -> None:
    client = surroundings.client(router)

    assert client.get("/long").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/long", headers={"Accept-Encoding": "identity"}).headers


def test_the_api_states_its_version_on_every_answer(surroundings: Surroundings) -> None:
    client = surroundings.client(router)

    assert client.get("/api/v1/datasets").headers["api-version"] == "2026-11-01"
    assert client.get("/api/v1/nothing").headers["api-version"] == "2026-11-01"
    assert "api-version" not in client.get("/long").headers


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/v1/health"), ("GET", "/api/v1/nowhere")])
def test_an_address_that_leads_nowhere_says_so_and_what_to_do(
    surroundings: Surroundings, method: str, path: str
) -> None:
    answer = surroundings.client().request(method, path).json()

    assert answer["detail"]
    assert answer["fix"]


@pytest.mark.parametrize("path", ["/health", "/livez", "/api/v1/nowhere"])
def test_head_answers_as_get_does_without_the_body(surroundings: Surroundings, path: str) -> None:
    client = surroundings.client()
    asked, read = client.head(path), client.get(path)

    assert (asked.status_code, asked.content) == (read.status_code, b"")
    assert asked.headers.get("content-type") == read.headers.get("content-type")


REFRESH = "/api/v1/auth/refresh"


def test_a_body_that_is_no_json_is_said_to_be_none_and_where(surroundings: Surroundings) -> None:
    client = surroundings.client()
    for body in ("{bad", "[" * 100_000):
        answer = client.post(REFRESH, content=body, headers={"Content-Type": "application/json"})

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
        assert answer.json()["detail"].startswith("The body cannot be read")
        assert "errors" not in answer.json()


def test_what_is_wrong_with_a_whole_body_points_at_all_of_it(surroundings: Surroundings) -> None:
    answer = surroundings.client().post(REFRESH, json=5)

    assert [each["pointer"] for each in answer.json()["errors"]] == ["#"]


def test_a_method_that_a_path_does_not_know_is_a_405(surroundings: Surroundings) -> None:
    answer = surroundings.client().delete("/api/v1/health")

    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.headers["allow"] == "GET, HEAD"


def test_a_405_names_the_methods_of_all_routes_of_the_path(surroundings: Surroundings) -> None:
    answer = surroundings.client().post("/api/v1/datasets/orders")

    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, PATCH")


def test_each_request_is_one_log_line_without_its_query(
    surroundings: Surroundings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="interfaces")
    surroundings.client(router, token="ana").get(
        "/peer/secret-id?token=hidden", headers={"X-Request-Id": "r-1"}
    )
    [line] = [r.msg for r in caplog.records if isinstance(r.msg, dict) and r.msg["event"] == "request"]

    assert line["route"] == "/peer/{any}"
    assert (line["method"], line["status"]) == ("GET", 200)
    assert line["tenant"] == str(surroundings.tenant_id)
    assert "user" in line
    assert line["bytes"] > 0
    assert line["duration_ms"] > 0
    assert "secret-id" not in json.dumps(line)
    assert "hidden" not in json.dumps(line)


@pytest.mark.parametrize(("path", "level"), [("/faults/locked", "ERROR"), ("/nowhere", "INFO")])
def test_what_failed_on_our_side_is_logged_as_an_error(
    surroundings: Surroundings, caplog: pytest.LogCaptureFixture, path: str, level: str
) -> None:
    caplog.set_level(logging.INFO, logger="interfaces")
    surroundings.client(router).get(path)
    lines = [r for r in caplog.records if isinstance(r.msg, dict) and r.msg["event"] == "request"]

    assert [r.levelname for r in lines] == [level]
