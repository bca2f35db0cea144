"""Single sign-on in a browser: its settings, the way to the provider and back."""

import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from enterprise.api import Enterprise
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import build
from people_ops.domain.permissions import Role
from tests.pages.people_ops.conftest import invitation_path
from tests.support.belongings import Belongings
from tests.support.installations import settings
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProviderStub, running_provider
from tests.support.pages import Browser, Pages
from tests.support.tenants import Town


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProviderStub]:
    with running_provider() as stub:
        stub.now = int(time.time())
        yield stub


@pytest.fixture(scope="module")
def browse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """As elsewhere; identity providers may be on this machine. The tenants own nothing."""
    networks = {"SECURITY_IDENTITY_NETWORKS": "127.0.0.0/8", "SERVICE_PUBLIC_URL": "http://localhost"}
    installed = settings(tmp_path_factory.mktemp("sso"), networks)
    DatabaseOperations(installed).migrate()
    service = build(installed)
    service.bundles[Enterprise].ensure_platform()
    with TestClient(create_app(service), raise_server_exceptions=False) as client:
        town = Town(service, client)
        nothing = Belongings(town.person("acme", Role.TENANT_ADMIN), "", {})
        yield Pages(town, nothing, nothing)
    service.close()


@pytest.fixture(scope="module")
def admin(browse: Pages, provider: OidcProviderStub) -> Browser:
    """Of a tenant that trusts the provider for example.org."""
    browser = browse(Role.TENANT_ADMIN)
    answer = browser.post("/settings/sso", choice(provider))
    assert answer.status_code == 303, answer.text
    return browser


def choice(provider: OidcProviderStub, **changes: object) -> dict[str, object]:
    return {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "domains": "example.org, Example.com",
        "default_roles": ["viewer"],
    } | changes


def back_from(browser: Browser, path: str) -> str:
    """Where the provider sends the browser that has followed the link."""
    start = browser.get(path)
    assert start.status_code == 303, start.text
    back = urlsplit(httpx.get(start.headers["location"]).headers["location"])
    return f"/{back.path}?{back.query}"


def test_its_settings_never_show_the_secret(admin: Browser, provider: OidcProviderStub) -> None:
    page = admin.get("/settings/sso").text
    assert provider.issuer in page
    assert 'value="example.com example.org"' in page
    assert CLIENT_SECRET not in page
    assert "/api/v1/auth/oidc/callback" in page
    assert "/login?tenant=acme" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "ftp://x.example"},
        {"issuer": "https://" + "x" * 600},
        {"domains": "no domain!"},
        {"domains": ""},
        {"default_roles": ["emperor"]},
        {"version": "77"},
    ],
)
def test_what_is_wrong_comes_back(
    admin: Browser, provider: OidcProviderStub, wrong: dict[str, object]
) -> None:
    answer = admin.post("/settings/sso", choice(provider) | wrong)
    assert answer.status_code == 422
    assert CLIENT_SECRET not in answer.text


def test_a_member_comes_in_by_the_provider_and_to_the_page_they_wanted(
    browse: Pages, admin: Browser, provider: OidcProviderStub
) -> None:
    member = browse.town.person("acme", Role.VIEWER, email="ana@example.org")
    browser = browse.stranger()
    offered = browser.get("//login?tenant=acme&next=/t/acme/").text
    assert "/login/sso?tenant=acme&amp;next=%2Ft%2Facme%2F" in offered
    answer = browser.get(back_from(browser, "//login/sso?tenant=acme&next=/t/acme/"))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/t/acme/"
    assert browser.get("/").status_code == 200
    assert member.email in browser.get("//account").text


def test_a_program_still_gets_tokens(admin: Browser, browse: Pages) -> None:
    browser = browse.stranger()
    back = back_from(browser, "//login/sso?tenant=acme")
    answer = browser.get(back, headers={"Accept": "application/json"})
    assert answer.json()["token_type"] == "bearer"


def test_who_is_not_invited_reads_what_to_do(
    admin: Browser, browse: Pages, provider: OidcProviderStub
) -> None:
    provider.claims = {"email": "stranger@example.org", "sub": "stranger"}
    browser = browse.stranger()
    answer = browser.get(back_from(browser, "//login/sso?tenant=acme"))
    provider.claims = {}
    assert answer.status_code == 422
    assert "Ask its administrator for an invitation." in answer.text
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x&state=y"])
def test_a_return_that_began_nowhere_is_a_page(browse: Pages, query: str) -> None:
    answer = browse.stranger().get(f"//api/v1/auth/oidc/callback{query}")
    assert answer.status_code == 422
    assert answer.text.count("<h1>") == 1


def test_tenants_without_it_and_tenants_that_are_not_look_alike(admin: Browser, browse: Pages) -> None:
    browse.town.tenant("bravo")
    texts = []
    for slug in ("bravo", "nobody"):
        assert browse.stranger().get(f"//login/sso?tenant={slug}").status_code == 422
        page = browse.stranger().get(f"//login?tenant={slug}").text
        assert "No tenant of that name has an identity provider." in page
        texts.append(page.replace(slug, "")[page.index("<main") :])
    assert len(texts[0]) == len(texts[1])


def test_an_invitation_is_accepted_without_a_password_of_ours(
    admin: Browser, browse: Pages, provider: OidcProviderStub
) -> None:
    path, browser = invitation_path(browse, "nina@example.org", "analyst"), browse.stranger()
    assert "Join by acme" in browser.get(path).text
    answer = browser.post(path, {"by_sso": "yes"})
    assert answer.headers["location"] == "/login?tenant=acme&next=%2Ft%2Facme%2F"
    provider.claims = {"email": "nina@example.org", "sub": "nina"}
    landed = browser.get(back_from(browser, "//login/sso?tenant=acme"))
    provider.claims = {}
    assert landed.status_code == 303, landed.text
    assert "analyst" in browser.get("//account").text


def test_an_address_the_provider_does_not_keep_needs_a_password(admin: Browser, browse: Pages) -> None:
    path, browser = invitation_path(browse, "omar@elsewhere.example"), browse.stranger()
    assert "Join by acme" not in browser.get(path).text
    assert browser.post(path, {"by_sso": "yes"}).status_code == 422


def test_it_is_removed_after_a_question(browse: Pages, provider: OidcProviderStub) -> None:
    browser = browse(Role.TENANT_ADMIN, slug="delta")
    browser.post("/settings/sso", choice(provider))
    assert "Remove single sign-on?" in browser.get("/settings/sso/remove").text
    assert "is removed" in browser.follow(browser.post("/settings/sso/remove")).text
    assert browser.post("/settings/sso/remove").status_code == 303
