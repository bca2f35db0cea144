"""Every route of the application, with what it asks of its callers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from core.presentation.http import Permitted, anyone, dependants
from core.presentation.page_routes import PageRoute


@dataclass(frozen=True, slots=True)
class StatedRoute:
    """``asks`` holds the permissions it needs, None for "signed in"; it is empty and ``public`` false where nothing is said."""

    method: str
    path: str
    asks: tuple[str | None, ...]
    public: bool
    is_page: bool = False

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        """Names in the path."""
        return re.findall(r"{(\w+)(?::\w+)?}", self.path)

    def filled(self, values: Mapping[str, str]) -> str:
        """The path with values in it."""
        return re.sub(r"{(\w+)(?::\w+)?}", lambda found: values[found[1]], self.path)


def stated_routes(app: FastAPI) -> Iterator[StatedRoute]:
    """Of the API."""
    return (route for route in all_routes(app) if not route.is_page)


def stated_pages(app: FastAPI) -> Iterator[StatedRoute]:
    return (route for route in all_routes(app) if route.is_page)


def all_routes(app: FastAPI) -> Iterator[StatedRoute]:
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            continue
        parts = list(dependants(context.dependant))
        asks = tuple(
            dict.fromkeys(part.call.permission for part in parts if isinstance(part.call, Permitted))
        )
        public = any(part.call is anyone for part in parts)
        is_page = isinstance(context.original_route, PageRoute)
        for method in sorted(set(context.methods or ()) - {"HEAD", "OPTIONS"}):
            yield StatedRoute(method, context.path or "", asks, public, is_page)
