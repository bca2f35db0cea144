"""The web pages as a browser without JavaScript asks for them: cookies are kept, forms carry their token."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from enterprise.api import Enterprise
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import build
from people_ops.domain.permissions import Role
from tests.support.belongings import Belongings, belongings
from tests.support.installations import settings
from tests.support.tenants import PASSWORD, Person, Town

TOKEN = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class Browser:
    """Paths are below the tenant's, ``/t/acme``, unless they begin with ``//``: then they are the site's."""

    client: TestClient
    slug: str

    def get(self, path: str, *, fragment: str = "", **more: Any) -> Response:
        """``fragment`` is the id of the element that htmx would swap."""
        return self._ask("GET", path, fragment=fragment, **more)

    def post(
        self, path: str, fields: Mapping[str, Any] | None = None, *, fragment: str = "", **more: Any
    ) -> Response:
        """With the form's token; ``more`` as for a TestClient, such as ``files``. Redirects are not followed."""
        found = TOKEN.search(self.client.get("/docs", headers={"Accept": "text/html"}).text) or TOKEN.search(
            self.client.get("/login", headers={"Accept": "text/html"}).text
        )
        assert found is not None, "no form has a token"
        return self._ask(
            "POST", path, fragment=fragment, data=dict(fields or {}) | {"csrf": found[1]}, **more
        )

    def follow(self, answer: Response) -> Response:
        """The page a form leads on to."""
        assert answer.status_code == 303, f"{answer.status_code} {answer.text[:2000]}"
        return self.client.get(answer.headers["location"], headers={"Accept": "text/html"})

    def _ask(self, method: str, path: str, *, fragment: str, **more: Any) -> Response:
        url = path[1:] if path.startswith("//") else f"/t/{self.slug}{path}"
        headers = {"Accept": "text/html"} | dict(more.pop("headers", {}))
        if fragment:
            headers |= {"HX-Request": "true", "HX-Target": fragment}
        found: Response = self.client.request(method, url, headers=headers, follow_redirects=False, **more)
        return found


@dataclass
class Pages:
    """A service in this process with the tenant acme, which owns one of everything, and another tenant, bravo."""

    town: Town
    acme: Belongings
    bravo: Belongings
    _met: dict[tuple[str, ...], Browser] = field(default_factory=dict)

    def __call__(self, *roles: str, slug: str = "acme") -> Browser:
        """Somebody with these roles who has signed in through the form."""
        return self.of(self.town.person(slug, *(roles or (Role.ANALYST,))), slug)

    def again(self, *roles: str, slug: str = "acme") -> Browser:
        """As a call, but the same person each time, who stays signed in: quick, for tests that leave the session alone."""
        if (*roles, slug) not in self._met:
            self._met[(*roles, slug)] = self(*roles, slug=slug)
        return self._met[(*roles, slug)]

    def of(self, person: Person, slug: str) -> Browser:
        browser = self.stranger(slug)
        answer = browser.post("//login", {"email": person.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    def stranger(self, slug: str = "acme") -> Browser:
        # https: a cookie jar keeps Secure cookies from over plain http, browsers do so from their own machine only.
        client = TestClient(self.town.client.app, base_url="https://localhost", raise_server_exceptions=False)
        return Browser(client, slug)


@contextmanager
def opened_pages(folder: Path) -> Iterator[Pages]:
    """On SQLite, in the folder."""
    installed = settings(folder, {"API_LOGIN_ATTEMPTS_PER_MINUTE": "1000"})
    DatabaseOperations(installed).migrate()
    service = build(installed)
    service.bundles[Enterprise].ensure_platform()
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        town = Town(service, client)
        yield Pages(town, belongings(town, "acme"), belongings(town, "bravo"))
    service.close()


@pytest.fixture(scope="session")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """One for a module: tests make what they change. ``browse("viewer")`` is somebody of acme."""
    with opened_pages(tmp_path_factory.mktemp("pages")) as pages:
        yield pages
