"""Requests that are too large, too slow, or not what they say."""

import asyncio
import json
import time
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, Body
from starlette.types import Message

from core.presentation.http import Route
from tests.support.surroundings import Surroundings

router = APIRouter(route_class=Route)
KILOBYTE = 1 / 1024


@router.post("/echo")
def echo(body: dict[str, object] = Body()) -> dict[str, object]:  # noqa: B008 - FastAPI's way
    return body


@router.post("/slow")
def slow() -> str:
    time.sleep(2)
    return "late"


def in_parts(size: int) -> Iterator[bytes]:
    for _ in range(size // 100):
        yield b" " * 100


@pytest.mark.parametrize("path", ["/echo", "/api/v1/train", "/nowhere"])
def test_a_body_above_the_limit_is_a_413_before_it_is_worked_on(
    surroundings: Surroundings, path: str
) -> None:
    client = surroundings.client(router, api__max_body_mb=KILOBYTE)
    answer = client.post(path, content=b" " * 2000, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"
    assert answer.json()["limit"] == 1024
    assert answer.headers["connection"] == "close"


def test_a_body_that_does_not_say_its_size_is_counted(surroundings: Surroundings) -> None:
    client = surroundings.client(router, api__max_body_mb=KILOBYTE)
    answer = client.post("/echo", content=in_parts(2000), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413


def test_a_body_within_the_limit_comes_through_whole(surroundings: Surroundings) -> None:
    body = {"a": "x" * 900}

    assert surroundings.client(router, api__max_body_mb=KILOBYTE).post("/echo", json=body).json() == body


def test_an_upload_has_a_limit_of_its_own(surroundings: Surroundings) -> None:
    client = surroundings.client(router, token="ana", api__max_body_mb=KILOBYTE)
    answer = client.post(
        "/api/v1/datasets/x/versions", content=b"a,b\n" * 1000, headers={"Content-Type": "text/csv"}
    )

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {f"X-{n}": "v" for n in range(120)},
        {"X-Long": "v" * 40_000},
        {"X-A": "v" * 20_000, "X-B": "v" * 20_000},
    ],
)
def test_too_many_or_huge_headers_are_a_431(surroundings: Surroundings, headers: dict[str, str]) -> None:
    answer = surroundings.client().get("/livez", headers=headers)

    assert answer.status_code == 431
    assert answer.json()["code"] == "headers_too_large"


def test_an_endless_address_is_a_414(surroundings: Surroundings) -> None:
    assert surroundings.client().get("/livez?" + "x" * 9_000).status_code == 414


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"1" * 10_000],
    ids=["open", "empty", "deep list", "deep object", "no text", "long number"],
)
def test_broken_or_endlessly_nested_json_is_the_sender_s_fault(
    surroundings: Surroundings, body: bytes
) -> None:
    answer = surroundings.client(router).post(
        "/echo", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "jsonx", ""]
)
def test_a_route_for_json_reads_nothing_else(surroundings: Surroundings, media_type: str) -> None:
    answer = surroundings.client(router).post(
        "/echo", content=b'{"a": 1}', headers={"Content-Type": media_type}
    )

    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_form"


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/merge-patch+json"])
def test_json_has_several_names(surroundings: Surroundings, media_type: str) -> None:
    answer = surroundings.client(router).post(
        "/echo", content=b'{"a": 1}', headers={"Content-Type": media_type}
    )

    assert answer.status_code == 200


def test_a_route_for_forms_does_not_read_json(surroundings: Surroundings) -> None:
    assert surroundings.client().post("/api/v1/auth/token", json={"username": "a"}).status_code == 415


def test_a_compressed_body_is_refused_where_none_is_read(surroundings: Surroundings) -> None:
    answer = surroundings.client(router).post("/echo", json={}, headers={"Content-Encoding": "gzip"})

    assert answer.status_code == 415


def test_an_answer_that_takes_too_long_is_a_503(surroundings: Surroundings) -> None:
    client = surroundings.client(router, api__request_timeout_s=0.1)

    assert client.post("/slow").status_code == 503


def test_a_body_that_comes_too_slowly_is_a_408(surroundings: Surroundings) -> None:
    app = surroundings.app(router, api__request_timeout_s=0.1)
    sent: list[Message] = []
    parts = iter([{"type": "http.request", "body": b'{"a"', "more_body": True}])

    async def receive() -> Message:
        part = next(parts, None)
        if part is None:
            await asyncio.sleep(30)
        assert part is not None
        return part

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/echo",
        "raw_path": b"/echo",
        "query_string": b"",
        "headers": [(b"host", b"x"), (b"transfer-encoding", b"chunked")],
        "client": ("192.0.2.1", 1),
        "server": ("x", 80),
        "scheme": "http",
        "root_path": "",
        "http_version": "1.1",
    }
    asyncio.run(app(scope, receive, send))

    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "body_too_slow"
