"""No caller waits for ever for an answer to begin."""

import asyncio
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.errors import Unavailable
from core.infrastructure.logging import get_logger
from core.presentation.problems import of_error, request_id_of


class TookTooLong(Unavailable):
    title = "The request took too long"


class Deadline:
    """ASGI middleware: answers 503 when the application has not begun to after ``seconds``.

    What it does then goes on, since a thread cannot be stopped, and nobody sees its answer. Bodies are read before.
    """

    def __init__(self, app: ASGIApp, *, seconds: float, takes_uploads: Callable[[Scope], bool]) -> None:
        self.app, self.seconds, self.takes_uploads = app, seconds, takes_uploads
        self._answers: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self.takes_uploads(scope):
            await self.app(scope, receive, send)
            return
        has_begun = is_over = False

        def give_up() -> None:
            nonlocal is_over
            is_over = True
            task = asyncio.create_task(self._answer(scope, receive, send))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

        async def send_in_time(message: Message) -> None:
            nonlocal has_begun
            if is_over:
                return
            if not has_begun:
                has_begun = True
                timer.cancel()
            await send(message)

        timer = asyncio.get_running_loop().call_later(self.seconds, give_up)
        try:
            await self.app(scope, receive, send_in_time)
        except Exception:
            if not is_over:
                raise
            get_logger(__name__).exception("request_failed_late", request_id=request_id_of(scope))
        finally:
            timer.cancel()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = TookTooLong(
            f"There was no answer after {self.seconds:g} seconds; it may still be carried out.",
            fix="Ask for less at once. With an Idempotency-Key it can be repeated safely.",
        )
        await of_error(scope["path"], error, request_id=request_id_of(scope))(scope, receive, send)
