"""Finds out who is calling before anything else looks at the request."""

from contextlib import suppress
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from core.application.authenticator import Authenticator as Authenticator
from core.application.authenticator import Credentials as Credentials
from core.application.browsers import Browsers
from core.domain.errors import DomainError, Unauthenticated
from core.presentation.cookies import SESSION, Cookies

WITHOUT_COOKIES = ("/api/", "/static/")


class Authentication:
    """ASGI middleware: leaves an Actor, or the DomainError that says why there is none, in ``state.caller``.

    Without credentials it leaves nothing. Routes decide what they need: see ``core.presentation.http.Permitted``.
    Outside the API a session's cookie counts instead of a token: it leaves a Visitor in ``state.visitor``.
    """

    def __init__(
        self,
        app: ASGIApp,
        authenticator: Authenticator,
        browsers: Browsers | None = None,
        public_url: str = "",
    ) -> None:
        self.app, self.authenticator, self.browsers, self.public_url = (
            app,
            authenticator,
            browsers,
            public_url,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            kind, _, token = headers.get("authorization", "").partition(" ")
            if kind.lower() == "bearer" and token.strip():
                await self._leave_caller(scope, token.strip())
            elif self.browsers and "cookie" in headers and not scope["path"].startswith(WITHOUT_COOKIES):
                await self._leave_visitor(scope, self.browsers)
        await self.app(scope, receive, send)

    async def _leave_visitor(self, scope: Scope, browsers: Browsers) -> None:
        token = Cookies.of(scope, self.public_url).get(SESSION)
        if not token:
            return
        state = scope.setdefault("state", {})
        address = scope["client"][0] if scope.get("client") else ""
        with suppress(Unauthenticated):  # its session has ended: a stranger
            state["visitor"] = browsers.remembered(token) or await run_in_threadpool(
                browsers, Credentials(token, address, state.get("request_id", ""))
            )

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
