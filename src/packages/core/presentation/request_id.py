"""Every request and its answer have an id, which log lines, audit entries and problems repeat."""

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.ids import new_id

HEADER = "x-request-id"
VALID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class RequestId:
    """ASGI middleware: leaves the caller's own id, where it is a plain word, or a new one in ``state.request_id``."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if VALID.fullmatch(given) else new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        pair = HEADER.encode(), request_id.encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], pair]
            await send(message)

        await self.app(scope, receive, send_with_id)
