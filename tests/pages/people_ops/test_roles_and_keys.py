"""Roles of a tenant's own, and API keys."""

import html
import re

import pytest

from people_ops.domain.permissions import Role
from tests.support.pages import Browser, Pages

KEY = re.compile(r'<pre id="key"[^>]*>(anom_\w+[-\w]*)</pre>')
NOBODYS = "00000000000000000000000000"


@pytest.fixture(scope="module")
def admin(browse: Pages) -> Browser:
    return browse(Role.TENANT_ADMIN)


def test_a_role_is_made_changed_and_removed(admin: Browser) -> None:
    fields = {"name": "night_shift", "permissions": ["datasets:read", "runs:read"]}
    page = admin.follow(admin.post("/settings/roles/new", fields))
    found = re.search(r'href="(/t/acme/settings/roles/role_\w+)">night_shift', page.text)
    assert found is not None
    path = f"/{found[1]}"
    assert 'value="datasets:read" checked' in admin.get(path).text
    version = re.search(r'name="version" value="(\d+)"', admin.get(path).text)
    assert version is not None
    changed = {"permissions": ["labels:read"], "version": version[1]}
    assert admin.post(path, changed).status_code == 303
    assert admin.post(path, changed).status_code == 409, "somebody else was faster"
    assert admin.get(f"{path}/remove").status_code == 200
    assert "night_shift is gone" in admin.follow(admin.post(f"{path}/remove")).text
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "viewer", "permissions": ["runs:read"]},
        {"name": "Big Name", "permissions": ["runs:read"]},
        {"name": "<img src=x onerror=alert(1)>", "permissions": []},
        {"name": "spy", "permissions": ["platform:write"]},
        {"name": "idle"},
    ],
)
def test_a_wrong_role_comes_back_with_what_was_typed(admin: Browser, fields: dict[str, object]) -> None:
    answer = admin.post("/settings/roles/new", fields)
    assert answer.status_code == 422
    assert f'value="{html.escape(str(fields["name"]))}"' in answer.text
    assert "<img src=x" not in answer.text


def test_who_may_not_see_the_overview_lands_on_the_first_page_they_may_see(
    browse: Pages, admin: Browser
) -> None:
    admin.post("/settings/roles/new", {"name": "modeller", "permissions": ["models:read", "labels:read"]})
    admin.post("/settings/roles/new", {"name": "nothing_shown", "permissions": ["jobs:read"]})
    modeller = browse("modeller")
    assert modeller.get("/").headers["location"] == "/t/acme/models"
    assert ">Overview<" not in modeller.get("/models").text
    refused = browse("nothing_shown").get("/")
    assert refused.status_code == 403
    assert "analyst" in refused.text, "it names the roles that may"


def test_the_roles_have_twins_and_a_matrix(admin: Browser) -> None:
    page, twin = admin.get("/settings/roles"), admin.get("/settings/roles.json").json()
    assert {"viewer", "tenant_admin"} <= {role["name"] for role in twin["items"]}
    assert "What each role permits" in page.text


def test_a_key_is_shown_once_and_works(browse: Pages, admin: Browser) -> None:
    fields = {"name": "<b>nightly</b>", "scopes": ["read"], "days": "30"}
    made = admin.post("/settings/keys/new", fields)
    found = KEY.search(made.text)
    assert found is not None
    assert f"export ANOM_KEY={found[1]}" in made.text
    assert "https://localhost/api/v1/me" in made.text
    assert "<b>nightly</b>" not in made.text
    bearer = {"Authorization": f"Bearer {found[1]}"}
    assert browse.town.client.get("/api/v1/me", headers=bearer).status_code == 200
    listed = admin.get("/settings/keys").text
    assert found[1] not in listed
    assert "&lt;b&gt;nightly" in listed


def test_a_key_is_replaced_and_revoked(browse: Pages, admin: Browser) -> None:
    admin.post("/settings/keys/new", {"name": "import", "scopes": ["ingest"], "days": "30"})
    found = re.search(r'href="(/t/acme/settings/keys/key_\w+)">import<', admin.get("/settings/keys").text)
    assert found is not None
    path = f"/{found[1]}"
    new = KEY.search(admin.post(f"{path}/replace", {"overlap_hours": "24", "days": "30"}).text)
    assert new is not None
    assert admin.post(f"{path}/replace", {"overlap_hours": "lots", "days": "30"}).status_code == 422
    assert "is revoked" in admin.follow(admin.post(f"{path}/revoke")).text
    assert "Revoke the key" not in admin.get(path).text
    assert admin.post(f"{path}/replace", {"overlap_hours": "1", "days": "30"}).status_code == 422


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "scopes": ["read"], "days": "30"},
        {"name": "x" * 101, "scopes": ["read"], "days": "30"},
        {"name": "none", "days": "30"},
        {"name": "odd", "scopes": ["everything"], "days": "30"},
        {"name": "old", "scopes": ["read"], "days": "0"},
        {"name": "word", "scopes": ["read"], "days": "many"},
    ],
)
def test_a_wrong_key_comes_back(admin: Browser, fields: dict[str, object]) -> None:
    answer = admin.post("/settings/keys/new", fields)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert not KEY.search(answer.text)


def test_what_is_wrong_with_a_number_is_said_in_words(admin: Browser) -> None:
    answer = admin.post("/settings/keys/new", {"name": "old", "scopes": ["read"], "days": "0"})
    assert "Type 1 or more." in answer.text
    assert "Input should" not in answer.text


def test_keys_are_searched_filtered_and_sorted(admin: Browser) -> None:
    for name in ("Zeta line", "Alpha line"):
        admin.post("/settings/keys/new", {"name": name, "scopes": ["read"], "days": "30"})

    def names(query: str) -> list[str]:
        return [each["name"] for each in admin.get(f"/settings/keys.json?q=LINE&{query}").json()["items"]]

    assert names("sort=name") == names("sort=name&state=active") == ["Alpha line", "Zeta line"]
    assert names("sort=-name") == ["Zeta line", "Alpha line"]
    assert names("state=revoked") == names("state=expired") == []
    listed = admin.get("/settings/keys?q=Zeta&limit=20").text
    path = re.search(r'href="(/t/acme/settings/keys/key_\w+)">Zeta line', listed)
    assert path is not None
    admin.post(f"/{path[1]}/revoke")
    assert names("state=revoked") == ["Zeta line"]
    assert 'data-empty="filtered"' in admin.get("/settings/keys?q=Zeta&state=active").text


def test_keys_and_roles_are_for_administrators(browse: Pages) -> None:
    analyst = browse(Role.ANALYST)
    for path in (
        "/settings/keys",
        "/settings/keys.csv",
        "/settings/roles",
        "/settings/sso",
        "/settings/roles/new",
    ):
        refused = analyst.get(path)
        assert refused.status_code == 403
        assert "tenant_admin" in refused.text, "it names the role that may"


def test_what_is_another_tenants_is_as_nothing(browse: Pages, admin: Browser) -> None:
    for path in (f"keys/{browse.bravo.ids['key']}", f"roles/{browse.bravo.ids['role']}"):
        kind = path.partition("/")[2].partition("_")[0]
        nothing = admin.get(f"/settings/{path.partition('/')[0]}/{kind}_{NOBODYS}")
        assert admin.get(f"/settings/{path}").status_code == nothing.status_code == 404
    assert admin.post(f"/settings/keys/{browse.bravo.ids['key']}/revoke").status_code == 404
    assert admin.post(f"/settings/roles/{browse.bravo.ids['role']}/remove").status_code == 404
