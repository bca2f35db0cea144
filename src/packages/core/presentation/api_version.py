"""The version of the API, on every answer of it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
VERSION = (b"api-version", b"2026-11-01")


class ApiVersion:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return

        async def send_with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], VERSION]
            await send(message)

        await self.app(scope, receive, send_with_version)
