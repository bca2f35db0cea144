"""What no route foresaw ends as a problem too; its trace is in the log only."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.infrastructure.logging import get_logger
from core.presentation.problems import problem


class Failures:
    """ASGI middleware: answers 500 to an exception that nobody caught, where no answer has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_begun = False

        async def send_on(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception:
            if has_begun:
                raise
            request_id = str(scope.get("state", {}).get("request_id", ""))
            get_logger(__name__).exception("request_failed", request_id=request_id)
            answer = problem(
                scope["path"],
                status=500,
                code="internal_server_error",
                title="The server failed",
                detail="This is a fault of the server, not of the request.",
                facts={"fix": "Try again; if it stays, tell the operator the request_id."},
                request_id=request_id,
            )
            await answer(scope, receive, send)
