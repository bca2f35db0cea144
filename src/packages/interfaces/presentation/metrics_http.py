"""Figures for Prometheus: to operators on the API's port, to whoever reaches it on a port of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.domain.actor import Actor
from core.presentation.http import Route, from_state, requires
from core.presentation.problems import responses

router = APIRouter(route_class=Route, tags=["health"])
api_router = APIRouter(route_class=Route, tags=["health"])
Operator = Annotated[Actor, requires("platform:read")]


@dataclass(frozen=True, slots=True)
class MetricsText:
    """The figures in the form that an Accept header asks for, with their media type."""

    of: Callable[[str], tuple[bytes, str]]

    def answer(self, accept: str) -> Response:
        text, media_type = self.of(accept)
        return Response(text, headers={"Content-Type": media_type, "Cache-Control": "no-store"})


@api_router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses=responses(),
)
@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses=responses(),
)
def metrics(
    actor: Operator,
    text: Annotated[MetricsText, Depends(from_state(MetricsText))],
    accept: Annotated[str, Header()] = "",
) -> Response:
    return text.answer(accept)


class MetricsPort:
    """ASGI: what comes in on ``port`` gets the figures, without a log-in, and nothing else."""

    def __init__(self, app: ASGIApp, port: int, text: MetricsText) -> None:
        self.app, self.port, self.text = app, port, text

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["server"][1] != self.port:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        answer = (
            await run_in_threadpool(self.text.answer, request.headers.get("accept", ""))
            if request.method in ("GET", "HEAD") and request.url.path == "/metrics"
            else PlainTextResponse("Not found: see /metrics.\n", status_code=404)
        )
        await answer(scope, receive, send)
