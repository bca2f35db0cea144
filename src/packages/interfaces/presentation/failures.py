"""What no route foresaw ends as a problem too; its trace is in the log only."""

from collections.abc import Callable

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.errors import DomainError
from core.infrastructure.logging import get_logger
from core.presentation.problems import of_error, problem, request_id_of


class Failures:
    """ASGI middleware: answers an exception that nobody caught, where no answer has begun. ``outage`` gives what it
    means for the caller; it is a 500 where that is None."""

    def __init__(self, app: ASGIApp, *, outage: Callable[[Exception], DomainError | None]) -> None:
        self.app, self.outage = app, outage

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
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            if has_begun:
                raise
            await _answer_to(error, self.outage(error), scope)(scope, receive, send)


def _answer_to(error: Exception, known: DomainError | None, scope: Scope) -> JSONResponse:
    request_id, logger = request_id_of(scope), get_logger(__name__)
    if known is not None:
        if known is not error:
            logger.error("dependency_failed", request_id=request_id, reason=type(error).__name__)
        return of_error(scope["path"], known, request_id=request_id)
    logger.exception("request_failed", request_id=request_id)
    return problem(
        scope["path"],
        status=500,
        code="internal_server_error",
        title="The server failed",
        detail="This is a fault of the server, not of the request.",
        facts={"fix": "Try again; if it stays, tell the operator the request_id."},
        request_id=request_id,
    )
