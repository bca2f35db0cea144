"""One log line for each request: who asked for what, and how it ended. Neither query strings nor bodies are in it."""

import logging
import time
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from core.domain.actor import Actor
from core.infrastructure.logging import get_logger
from core.presentation.asgi import route_template
from core.presentation.problems import request_id_of

Observe = Callable[[str, str, int, float], None]
NO_ANSWER = 499  # the caller went away


class AccessLog:
    """ASGI middleware; other lines that are written meanwhile have the request's id.

    ``observe`` takes each request's method, route template, status and seconds.
    """

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self.app, self.observe = app, observe
        self.logger = get_logger(__name__).bind()  # unbound ones are made anew at each call

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, size, started = NO_ANSWER, 0, time.perf_counter()

        async def send_counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        with bound_contextvars(request_id=request_id_of(scope)):
            try:
                await self.app(scope, receive, send_counted)
            finally:
                seconds = time.perf_counter() - started
                self.observe(scope["method"], route_template(scope), status, seconds)
                if status >= 500 or self.logger.isEnabledFor(logging.INFO):
                    log = self.logger.error if status >= 500 else self.logger.info
                    log(
                        "request",
                        **_of(scope),
                        status=status,
                        duration_ms=round(1000 * seconds, 2),
                        bytes=size,
                    )


def _of(scope: Scope) -> dict[str, Any]:
    """A path that no route knows is not written: it may hold anything."""
    caller = scope["state"].get("caller")
    who: dict[str, str] = {}
    if isinstance(caller, Actor):
        ids = {"tenant": caller.tenant_id, "user": caller.user_id, "key": caller.key_id}
        who = {name: str(each) for name, each in ids.items() if each is not None}
    asked = {"method": scope["method"], "route": route_template(scope)}
    return {"request_id": request_id_of(scope), **asked, **who}
