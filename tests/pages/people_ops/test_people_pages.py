"""People of a tenant: the list, invitations, roles, and taking somebody out."""

import re

import pytest

from core.domain.public_ids import shown
from people_ops.domain.permissions import Role
from tests.pages.people_ops.conftest import invitation_path, people_of, with_second_factor
from tests.support.pages import Browser, Pages
from tests.support.tenants import Person

ATTACK = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def admin(browse: Pages) -> Browser:
    return browse(Role.TENANT_ADMIN)


def page_of(person: Person, *steps: str) -> str:
    return "/".join(["/settings/people", shown("usr", person.user_id), *steps])


def test_the_list_has_twins_with_the_same_people(browse: Pages, admin: Browser) -> None:
    page = admin.get("/settings/people?limit=500")
    listed = re.findall(r'<tr id="(usr_\w+)"', page.text)
    twin = admin.get("/settings/people.json").json()["items"]
    assert len(listed) == len(twin) > 1
    assert browse.acme.marker in page.text
    assert browse.bravo.marker not in page.text
    sheet = admin.get("/settings/people.csv")
    assert sheet.text.splitlines()[0].startswith("email,name,roles")
    assert "<html" not in admin.get("/settings/people", fragment="people").text


def test_people_are_for_administrators(browse: Pages) -> None:
    viewer = browse(Role.VIEWER)
    for path in ("", ".csv", ".json", "/usr_00000000000000000000000000"):
        assert viewer.get(f"/settings/people{path}").status_code == 403
    assert (
        viewer.post("/settings/invite", {"email": "x@acme.example", "roles": ["viewer"]}).status_code == 403
    )


def test_another_tenants_person_is_as_one_that_nobody_knows(browse: Pages, admin: Browser) -> None:
    theirs = browse.bravo.ids["member"]
    for path in (f"/settings/people/{theirs}", "/settings/people/usr_00000000000000000000000000"):
        assert admin.get(path).status_code == 404
        assert admin.post(f"{path}/remove").status_code == 404


def test_an_invitation_waits_is_sent_again_and_withdrawn(admin: Browser) -> None:
    fields = {"email": "rita@acme.example", "roles": ["viewer"]}
    page = admin.follow(admin.post("/settings/invite", fields))
    assert "rita@acme.example is invited" in page.text
    assert "mail_printed" in page.text, "without a mail server it says where the link is"
    assert admin.post("/settings/invite", fields).status_code == 422
    again = next(iter(re.findall(r'action="(/t/acme/settings/invitations/\w+/resend)"', page.text)))
    assert admin.post(f"/{again}").status_code == 303
    gone = admin.follow(admin.post(f"/{again.replace('resend', 'withdraw')}"))
    assert "Withdrawn." in gone.text
    assert "rita@acme.example" not in gone.text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"email": "no address", "roles": ["viewer"]}, "That is no e-mail address"),
        ({"email": "x@acme.example"}, "field-roles"),
        ({"email": "x@acme.example", "roles": ["emperor"]}, "There is no such role"),
    ],
)
def test_a_wrong_invitation_comes_back(admin: Browser, fields: dict[str, object], at: str) -> None:
    answer = admin.post("/settings/invite", fields)
    assert answer.status_code == 422
    assert at in answer.text
    assert f'value="{fields["email"]}"' in answer.text


def test_roles_are_changed_unless_somebody_else_did_meanwhile(browse: Pages, admin: Browser) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    found = re.search(r'name="version" value="(\d+)"', admin.get(page_of(person)).text)
    assert found is not None
    fields = {"roles": ["analyst", "data_scientist"], "version": found[1]}
    page = admin.follow(admin.post(page_of(person), fields))
    assert "The roles are changed" in page.text
    late = admin.post(page_of(person), {"roles": ["viewer"], "version": found[1]})
    assert late.status_code == 422
    assert "It was changed since you read it" in late.text


def test_who_is_disabled_is_out_until_enabled(browse: Pages, admin: Browser) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    browser = browse.of(person, "acme")
    assert "Let them in again" in admin.follow(admin.post(page_of(person, "disable"))).text
    people_of(browse).browsers.forget(browser.client.cookies["__Host-anom"])
    assert browser.get("/").status_code in (303, 404)
    assert "Disable" in admin.follow(admin.post(page_of(person, "enable"))).text


@pytest.mark.parametrize("step", ["remove", "erase"])
def test_taking_somebody_out_asks_once_more(browse: Pages, admin: Browser, step: str) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    asked = admin.get(page_of(person, step))
    assert person.email in asked.text
    page = admin.follow(admin.post(page_of(person, step)))
    assert "They are out" in page.text
    assert person.email not in page.text
    assert admin.get(page_of(person)).status_code == 404


def test_the_last_administrator_stays(browse: Pages) -> None:
    owner = browse.town.person("charlie", Role.TENANT_ADMIN)
    browser = browse.of(owner, "charlie")
    answer = browser.post(page_of(owner, "remove"))
    assert answer.status_code == 422
    assert "A tenant keeps one administrator" in answer.text


def test_a_second_factor_is_taken_away_from_who_belongs_here_alone(browse: Pages, admin: Browser) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    with_second_factor(browse, person)
    assert admin.get(page_of(person, "second-factor")).status_code == 200
    assert "is taken away" in admin.follow(admin.post(page_of(person, "second-factor"))).text
    assert admin.post(page_of(person, "second-factor")).status_code == 422


def test_who_belongs_to_other_tenants_too_keeps_their_second_factor(browse: Pages, admin: Browser) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    with_second_factor(browse, person)
    join = browse.stranger()
    join.post(invitation_path(browse, person.email, slug="bravo"))
    answer = admin.post(page_of(person, "second-factor"))
    assert answer.status_code == 422
    assert "This person belongs to other tenants, too" in answer.text


def test_nobody_takes_out_who_may_do_more(browse: Pages) -> None:
    rights = ["members:read", "members:write", "datasets:read"]
    browse.acme.owner("POST", "/roles", json={"name": "doorkeeper", "permissions": rights})
    doorkeeper, owner = browse("doorkeeper"), browse.town.person("acme", Role.TENANT_ADMIN)
    for step in ("remove", "erase", "disable"):
        answer = doorkeeper.post(page_of(owner, step))
        assert answer.status_code == 422
        assert "Nobody gives more rights than they have" in answer.text
    assert "tenant_admin" not in doorkeeper.get("/settings/invite").text


def test_a_name_is_shown_as_text(browse: Pages, admin: Browser) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    browse.of(person, "acme").post("//account/name", {"name": ATTACK})
    for path in ("/settings/people?limit=500", page_of(person)):
        page = admin.get(path)
        assert ATTACK not in page.text
        assert "&lt;img src=x" in page.text
