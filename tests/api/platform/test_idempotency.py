"""A POST that is sent again with its Idempotency-Key, through HTTP on both databases."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi import APIRouter, Body, FastAPI, Request, Response
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.domain.actor import Actor
from core.domain.errors import Forbidden
from core.domain.ids import TenantId, UserId, new_id
from core.infrastructure.database import Database
from core.infrastructure.kept_answers import SqlAnswers
from core.infrastructure.outages import outage
from core.presentation import problems
from core.presentation.authentication import Authentication
from core.presentation.limits import RequestLimits
from interfaces.presentation.failures import Failures
from interfaces.presentation.idempotency import LARGEST_ANSWER, Idempotency
from tests.support.api import FakeAuthenticator
from tests.support.fakes import FakeClock
from tests.support.surroundings import Surroundings


@dataclass
class Desk:
    """Routes that count how often they were carried out, and the client of one who may."""

    database: Database
    clock: FakeClock
    done: int = 0
    is_broken: bool = False
    started: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        tenant_id = TenantId(new_id())
        actors = {name: Actor(tenant_id=tenant_id, user_id=UserId(new_id())) for name in ("ana", "bob")} | {
            "eve": Actor(tenant_id=TenantId(new_id()), user_id=UserId(new_id()))
        }
        app = FastAPI()
        problems.install(app)
        app.include_router(self.router())
        app.add_middleware(
            Idempotency,
            answers=SqlAnswers(self.database, self.clock),
            patience=timedelta(minutes=2),
            is_exempt=lambda scope: scope["path"].startswith("/auth/"),
            takes_uploads=lambda scope: scope["path"] == "/uploads",
        )
        app.add_middleware(
            RequestLimits, max_bytes=1 << 20, seconds=10, takes_uploads=lambda s: s["path"] == "/uploads"
        )
        app.add_middleware(Authentication, authenticator=FakeAuthenticator(actors))
        app.add_middleware(Failures, outage=outage)
        self.client = TestClient(app, raise_server_exceptions=False)

    def router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/things", status_code=201)
        def make(response: Response, body: dict[str, Any] = Body()) -> dict[str, int]:  # noqa: B008 - FastAPI's way
            self.done += 1
            if self.is_broken:
                raise RuntimeError
            response.headers["Location"] = f"/things/{self.done}"
            return {"number": self.done}

        @router.post("/slow")
        def slow() -> int:
            self.started.set()
            self.may_end.wait(10)
            return self.counted()

        @router.post("/plain/{status}")
        def plain(status: int) -> Response:
            return Response(str(self.counted()), status_code=status)

        @router.post("/secrets")
        def secret() -> Response:
            return Response(str(self.counted()), headers={"Cache-Control": "no-store"})

        @router.post("/forbidden")
        def forbidden() -> None:
            self.done += 1
            raise Forbidden("You may not.")

        @router.post("/large")
        def large() -> Response:
            return Response(b"x" * (LARGEST_ANSWER + self.counted()))

        @router.post("/uploads")
        async def upload(request: Request) -> int:
            size = 0
            async for part in request.stream():
                size += len(part)
            return 1000 * self.counted() + size

        @router.post("/auth/token")
        def token() -> int:
            return self.counted()

        return router

    def counted(self) -> int:
        self.done += 1
        return self.done

    def post(self, path: str = "/things", *, key: str = "k", who: str = "ana", **request: Any) -> Any:
        if path == "/things":
            request.setdefault("json", {"name": "one"})
        headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {who}"} if who else {})
        return self.client.post(path, headers=headers | request.pop("headers", {}), **request)


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> Iterator[Desk]:
    desk = Desk(database, clock)
    yield desk
    desk.may_end.set()


def test_the_second_time_gives_the_first_answer(desk: Desk) -> None:
    first, second = desk.post(), desk.post()

    assert desk.done == 1
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["location"] == "/things/1"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


@pytest.mark.parametrize(
    "other",
    [
        {"json": {"name": "two"}},
        {"params": {"dry": "1"}},
        {"headers": {"Content-Type": "application/x+json"}},
    ],
)
def test_a_key_that_was_used_for_another_request_is_refused(desk: Desk, other: dict[str, Any]) -> None:
    desk.post()
    answer = desk.post(**other)

    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reuse"
    assert desk.done == 1


def test_without_a_key_everything_is_carried_out(desk: Desk) -> None:
    for _ in range(2):
        desk.client.post("/things", json={}, headers={"Authorization": "Bearer ana"})

    assert desk.done == 2


def test_a_request_in_flight_is_a_409_and_not_begun_twice(desk: Desk) -> None:
    answers: list[int] = []
    first = threading.Thread(target=lambda: answers.append(desk.post("/slow").status_code))
    first.start()
    desk.started.wait(10)
    meanwhile = desk.post("/slow")
    desk.may_end.set()
    first.join()

    assert meanwhile.status_code == 409
    assert meanwhile.json()["code"] == "request_in_flight"
    assert answers == [200]
    assert desk.post("/slow").headers["idempotency-replayed"] == "true"
    assert desk.done == 1


def test_keys_of_other_callers_and_paths_are_other_keys(desk: Desk) -> None:
    numbers = [desk.post(who=who).json()["number"] for who in ("ana", "bob", "eve")]

    assert numbers == [1, 2, 3]
    assert desk.post("/plain/200").text == "4"


def test_what_failed_on_our_side_may_be_tried_again(desk: Desk) -> None:
    desk.is_broken = True
    assert desk.post().status_code == 500
    desk.is_broken = False

    assert desk.post().status_code == 201
    assert desk.done == 2


@pytest.mark.parametrize(("status", "times"), [(202, 1), (404, 1), (422, 1), (401, 2), (429, 2), (503, 2)])
def test_answers_are_kept_where_they_speak_of_the_request(desk: Desk, status: int, times: int) -> None:
    desk.post(f"/plain/{status}")
    desk.post(f"/plain/{status}")

    assert desk.done == times


@pytest.mark.parametrize("path", ["/secrets", "/large", "/auth/token", "/forbidden"])
def test_secrets_large_answers_and_log_ins_are_not_kept(desk: Desk, path: str) -> None:
    first, second = desk.post(path), desk.post(path)

    assert desk.done == 2
    assert "idempotency-replayed" not in second.headers
    assert path == "/auth/token" or first.headers["idempotency-stored"] == "false"


def test_a_large_answer_comes_whole(desk: Desk) -> None:
    assert len(desk.post("/large").content) == LARGEST_ANSWER + 1


def test_who_is_not_signed_in_has_no_keys(desk: Desk) -> None:
    desk.post("/plain/200", who="")
    desk.post("/plain/200", who="")

    assert desk.done == 2


def test_a_request_that_takes_longer_than_any_may_is_taken_for_lost(desk: Desk) -> None:
    answers: list[int] = []
    asking = [threading.Thread(target=lambda: answers.append(desk.post("/slow").status_code)) for _ in "ab"]
    for thread in asking:
        desk.started.clear()
        thread.start()
        assert desk.started.wait(10)
        desk.clock.now += timedelta(minutes=2)
    desk.may_end.set()
    for thread in asking:
        thread.join()

    assert answers == [200, 200]
    assert desk.done == 2
    assert desk.post("/slow").headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("body", [b"x" * 10, [b"x" * 300_000] * 5])
def test_an_upload_is_compared_while_it_is_read(desk: Desk, body: Any) -> None:
    def sent() -> Any:
        return iter(body) if isinstance(body, list) else body

    first, second = desk.post("/uploads", content=sent()), desk.post("/uploads", content=sent())
    other = desk.post("/uploads", content=b"y" * 10)

    assert (first.status_code, desk.done) == (200, 1)
    assert second.content == first.content
    assert other.status_code == 422


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tin", "umlaut-\xe4", "x" * 3000])
def test_a_key_that_is_none_is_a_400(desk: Desk, key: str) -> None:
    answer = desk.client.post(
        "/things",
        json={},
        headers=[(b"authorization", b"Bearer ana"), (b"idempotency-key", key.encode("latin-1"))],
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_idempotency_key"
    assert desk.done == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255))
def test_every_printable_key_works_once(desk: Desk, key: str) -> None:
    first, second = desk.post(key=key), desk.post(key=key)

    assert first.content == second.content
    assert second.headers["idempotency-replayed"] == "true"


def test_the_whole_application_keeps_answers(surroundings: Surroundings) -> None:
    calls: list[int] = []
    router = APIRouter()

    @router.post("/api/v1/probe-of-tests", status_code=201)
    def make() -> int:
        calls.append(1)
        return len(calls)

    client = surroundings.client(router, token="key")
    answers = [client.post("/api/v1/probe-of-tests", headers={"Idempotency-Key": "k"}) for _ in range(2)]

    assert [a.json() for a in answers] == [1, 1]
    assert len({a.headers["x-request-id"] for a in answers}) == 2
