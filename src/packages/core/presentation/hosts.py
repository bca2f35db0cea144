"""Which host names the server answers to: others are someone's rebinding of a name, or a wrong proxy."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send

from core.presentation.problems import of_error, request_id_of
from core.presentation.refusals import UnknownHost


class Hosts:
    """ASGI middleware. ``*.example.org`` stands for all below it; paths in ``open_to_all``, which probes ask by
    address, answer to every name."""

    def __init__(self, app: ASGIApp, *, allowed: Sequence[str], open_to_all: frozenset[str]) -> None:
        self.app, self.open_to_all = app, open_to_all
        self.names = frozenset(name.lower() for name in allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.open_to_all or self._answers_to(scope):
            await self.app(scope, receive, send)
            return
        error = UnknownHost("The Host header names none of its own.", fix="Use the address of the service.")
        answer = of_error(scope["path"], error, request_id=request_id_of(scope))
        answer.headers["Connection"] = "close"
        await answer(scope, receive, send)

    def _answers_to(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"host"]
        if len(given) != 1:
            return False
        host = given[0].decode("latin-1").lower()
        name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
        parents = (f"*.{name[at + 1 :]}" for at, letter in enumerate(name) if letter == ".")
        return "*" in self.names or name in self.names or any(each in self.names for each in parents)
