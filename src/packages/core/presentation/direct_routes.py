"""Routes found by the first words of their path. FastAPI asks every router, and the one that matches twice."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, RouteContext
from starlette.convertors import Convertor
from starlette.types import ASGIApp, Receive, Scope, Send

WORDS = 3  # api, v1, datasets


@dataclass(frozen=True, slots=True)
class Direct:
    path: str  # the template
    methods: frozenset[str]
    pattern: re.Pattern[str]
    convertors: Mapping[str, Convertor[Any]]
    endpoint: Any
    app: ASGIApp


class DirectRoutes:
    """ASGI, before the ``router`` of an application, whose ``contexts`` are all its routes. Of two that match, the first
    one answers, as there; what none matches goes to the router, which knows what to say of it."""

    def __init__(self, router: ASGIApp, contexts: Iterable[RouteContext]) -> None:
        self._router = router
        self._by_words: dict[tuple[str, ...], list[Direct]] = {}
        made = [_direct(each) for each in contexts if isinstance(each.original_route, APIRoute)]
        # Below these first words the order of routes tells what answers: the router's affair.
        mixed = {_words(each.path)[0] for each in made if "{" in "".join(_words(each.path))}
        for each in made:
            words = _words(each.path)
            if words[0] not in mixed:
                self._by_words.setdefault(words, []).append(each)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope.get("root_path"):
            path, method = scope["path"], scope["method"]
            for route in self._by_words.get(_words(path), ()):
                if method in route.methods and (found := route.pattern.match(path)):
                    given = found.groupdict()
                    scope["path_params"] = {
                        name: route.convertors[name].convert(value) for name, value in given.items()
                    }
                    scope["endpoint"], scope["route"] = route.endpoint, route
                    await route.app(scope, receive, send)
                    return
        await self._router(scope, receive, send)


def _direct(context: RouteContext) -> Direct:
    return Direct(
        path=str(context.path),
        methods=frozenset(context.methods or ()),
        pattern=context.path_regex,
        convertors=context.param_convertors,
        endpoint=context.endpoint,
        app=context.app,
    )


def _words(path: str) -> tuple[str, ...]:
    return tuple(path.split("/", WORDS + 1)[1 : WORDS + 1])
