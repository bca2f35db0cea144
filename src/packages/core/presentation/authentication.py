"""Finds out who is calling before anything else looks at the request."""

from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.application.authenticator import Authenticator as Authenticator
from core.application.authenticator import Credentials as Credentials
from core.domain.errors import DomainError


class Authentication:
    """ASGI middleware: leaves an Actor, or the DomainError that says why there is none, in ``state.caller``.

    Without credentials it leaves nothing. Routes decide what they need: see ``core.presentation.http.Permitted``.
    """

    def __init__(self, app: ASGIApp, authenticator: Authenticator) -> None:
        self.app, self.authenticator = app, authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            kind, _, token = Headers(scope=scope).get("authorization", "").partition(" ")
            if kind.lower() == "bearer" and token.strip():
                await self._leave_caller(scope, token.strip())
        await self.app(scope, receive, send)

    async def _leave_caller(self, scope: Scope, token: str) -> None:
        state = scope.setdefault("state", {})
        address = scope["client"][0] if scope.get("client") else ""
        request_id = state.get("request_id", "")
        try:
            actor = self.authenticator.remembered(token)
            if actor is None:
                actor = await run_in_threadpool(self.authenticator, Credentials(token, address, request_id))
            state["caller"] = replace(actor, request_id=request_id, address=address)
        except DomainError as error:
            state["caller"] = error
