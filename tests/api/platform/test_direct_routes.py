"""A route is found without asking the others, and answers as the framework's own router has it."""

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from core.presentation.asgi import route_template
from core.presentation.direct_routes import DirectRoutes

things, pages = APIRouter(prefix="/things"), APIRouter()


@things.get("/{thing}")
def one(thing: int, request: Request) -> list[str]:
    return ["one", str(thing), route_template(request.scope)]


@things.get("/{thing}/parts/{part:path}")
def part(thing: str, part: str) -> list[str]:
    return ["part", thing, part]


@things.post("/new")
def new() -> list[str]:
    return ["new"]


@pages.get("/guides/{name}")
def guide(name: str) -> list[str]:
    return ["guide", name]


@pages.get("/guides/late")
def late() -> list[str]:
    return ["late"]


def application() -> FastAPI:
    app = FastAPI()
    app.include_router(things, prefix="/api/v1")
    app.include_router(pages)
    return app


@pytest.fixture
def with_and_without() -> tuple[TestClient, TestClient]:
    app = application()
    app.router.middleware_stack = DirectRoutes(app.router.middleware_stack, iter_route_contexts(app.routes))
    return TestClient(app, follow_redirects=False), TestClient(application(), follow_redirects=False)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/things/1"),
        ("GET", "/api/v1/things/x"),
        ("GET", "/api/v1/things/1/parts/a/b"),
        ("POST", "/api/v1/things/new"),
        ("GET", "/api/v1/things/new"),
        ("DELETE", "/api/v1/things/1"),
        ("GET", "/api/v1/things/1/"),
        ("GET", "/api/v1/thing"),
        ("GET", "/guides/late"),
        ("GET", "/"),
        ("GET", "//"),
        ("GET", "/api/v1/things/%2F1"),
    ],
)
def test_each_request_gets_the_same_answer(
    method: str, path: str, with_and_without: tuple[TestClient, TestClient]
) -> None:
    direct, asked = (client.request(method, path) for client in with_and_without)

    assert (direct.status_code, direct.content) == (asked.status_code, asked.content)
    assert direct.headers.get("allow") == asked.headers.get("allow")
    assert direct.headers.get("location") == asked.headers.get("location")


def test_the_route_s_template_is_known(with_and_without: tuple[TestClient, TestClient]) -> None:
    assert with_and_without[0].get("/api/v1/things/7").json() == ["one", "7", "/api/v1/things/{thing}"]


def test_a_route_that_is_found_does_not_ask_the_router() -> None:
    async def router(*_: object) -> None:
        raise AssertionError

    app = application()
    app.router.middleware_stack = DirectRoutes(router, iter_route_contexts(app.routes))

    assert TestClient(app).post("/api/v1/things/new").json() == ["new"]
