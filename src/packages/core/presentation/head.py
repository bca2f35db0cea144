"""HEAD: what GET answers, without the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOUND = ("route", "endpoint", "path_params")


class HeadAsGet:
    """ASGI middleware: routes know GET only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b""})  # a stream sees its listener gone

        as_get = {**scope, "method": "GET"}
        await self.app(as_get, receive, send_head)
        scope.update({name: as_get[name] for name in FOUND if name in as_get})
