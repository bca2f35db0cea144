"""A small application around one context's routes, for tests that need no other context."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute

from core.domain.actor import Actor
from core.domain.errors import Unauthenticated
from core.presentation import problems
from core.presentation.authentication import Authentication, Credentials

_MADE: dict[tuple[int, ...], list[BaseRoute]] = {}


class UnknownToken(Unauthenticated):
    title = "Not signed in"


class FakeAuthenticator:
    """Tokens are names of actors."""

    def __init__(self, actors: Mapping[str, Actor]) -> None:
        self.actors = dict(actors)

    def remembered(self, token: str) -> Actor | None:
        return None

    def __call__(self, credentials: Credentials) -> Actor:
        if credentials.token not in self.actors:
            raise UnknownToken("No actor has that token.")
        return self.actors[credentials.token]


def client_of(
    routers: Sequence[APIRouter], services: Mapping[type, Any], actors: Mapping[str, Actor]
) -> TestClient:
    """Send ``headers={"Authorization": "Bearer <name of the actor>"}``."""
    app = FastAPI(routes=_routes(routers))
    app.state.services = dict(services)
    problems.install(app)
    app.add_middleware(Authentication, authenticator=FakeAuthenticator(actors))
    return TestClient(app, raise_server_exceptions=False)


def _routes(routers: Sequence[APIRouter]) -> list[BaseRoute]:
    """They hold nothing of an application, and take long to make: made once of the same routers, which they keep."""
    key = tuple(map(id, routers))
    if key not in _MADE:
        whole = APIRouter()
        for router in routers:
            whole.include_router(router, prefix="/api/v1")
        _MADE[key] = whole.routes
    return list(_MADE[key])
