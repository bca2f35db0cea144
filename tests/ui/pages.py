"""Every page there is, as the router knows it: a new one is covered by itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi.routing import APIRoute

from interfaces.bootstrap.http import page_routers
from tests.support.web import Installation

TWINS = (".csv", ".json")
NO_PAGES = re.compile(
    r"/images/|/(events|export[^/]*|download[^/]*|file|card\.md)$|^/login/sso$|^/openapi\.json$|\{form\}|^/(admin)?$"
)
# Pages that need what a test must make first; each is opened by a test of its own.
OF_THEIR_OWN = re.compile(
    r"\{(token|invitation|source|detector|evaluation|version|view|role|session|upload|export)\}"
)
WORDS = {
    "tag": "datasets",
    "name": "tenants",
    "slug": "dataset-not-found",
    "n": "3",
    "row": "3",
    "number": "1",
}

OF_PATHS = {(f"/admin/tenants/{{name}}{below}", "name"): "demo" for below in ("", "/look")}
QUERIES = {
    "/t/{tenant}/models/{model}/alias": "?name=champion&v=2",
    "/t/{tenant}/models/{model}/alias/removal": "?name=challenger",
    "/t/{tenant}/models/{model}/compare": "?v=1,2",
    "/t/{tenant}/models/{model}/versions/{number}/threshold": "?threshold=70",
}
NEEDS_A_PAST = "/t/{tenant}/models/{model}/rollback"  # a promotion that can be taken back: see the stories


@dataclass(frozen=True, slots=True)
class KnownPage:
    path: str  # the template

    @property
    def role(self) -> str:
        """Who may do most on it."""
        if self.path.startswith("/t/") or self.path.startswith("/account"):
            return "tenant_admin"
        return "operator" if self.path.startswith("/admin") else ""

    def href(self, at: Installation) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            return OF_PATHS.get((self.path, name)) or at.ids.get(name) or WORDS[name]

        return re.sub(r"{(\w+)(?::\w+)?}", value, self.path) + QUERIES.get(self.path, "")


def known_pages() -> Iterator[KnownPage]:
    seen = set()
    for router in page_routers():
        for route in router.routes:
            if not isinstance(route, APIRoute) or "GET" not in (route.methods or ()) or route.path in seen:
                continue
            seen.add(route.path)
            if (
                not route.path.endswith(TWINS)
                and route.path != NEEDS_A_PAST
                and not NO_PAGES.search(route.path)
                and not OF_THEIR_OWN.search(route.path)
            ):
                yield KnownPage(route.path)


PAGES = sorted(known_pages(), key=lambda page: page.path)
