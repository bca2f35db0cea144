"""What middleware learns of a request."""

import re
from collections.abc import Callable, Iterable

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, compile_path
from starlette.types import Scope

from core.presentation.bodies import limited_body
from core.presentation.http import dependants
from core.presentation.page_routes import takes_files

NO_ROUTE = "none"


def route_template(scope: Scope) -> str:
    """``/api/v1/datasets/{dataset}`` once the request was routed; for logs and metrics, which names must not flood."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    found = context or scope.get("route")
    return getattr(found, "path", NO_ROUTE)


def takes_uploads(routes: Iterable[BaseRoute], prefix: str) -> Callable[[Scope], bool]:
    """Which requests go to those routes whose bodies may be large: see ``core.presentation.bodies`` and ``page_routes``."""
    paths = [
        compile_path(prefix + route.path)[0].pattern
        for route in routes
        if isinstance(route, APIRoute)
        and any(part.call in (limited_body, takes_files) for part in dependants(route.dependant))
    ]
    known = re.compile("|".join(re.sub(r"\?P<\w+>", "?:", path) for path in paths) or r"(?!)")
    return lambda scope: scope["method"] == "POST" and known.match(scope["path"]) is not None
