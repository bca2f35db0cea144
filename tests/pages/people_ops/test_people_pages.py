"""People of a tenant: the list, invitations, roles, and taking somebody out."""

import re
from dataclasses import replace

import pytest

from core.domain.public_ids import shown
from people_ops.api import PeopleOps
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


def test_people_are_searched_filtered_and_sorted(browse: Pages, admin: Browser) -> None:
    out = browse.town.person("acme", Role.DATA_SCIENTIST, email="zoe-50%@acme.example")
    assert admin.post(page_of(out, "disable")).status_code == 303

    def found(query: str) -> list[str]:
        answer = admin.get(f"/settings/people.json?{query}")
        assert answer.status_code == 200, answer.text
        return [each["email"] for each in answer.json()["items"]]

    assert found("q=ZOE-50%25") == found("q=zoe&role=data_scientist&state=disabled") == [out.email]
    assert found("q=zoe&state=active") == found("q=zoe_50") == found("q=zoe&role=scientist") == []
    assert found("q=%00") == []
    everybody = found("sort=email")
    assert everybody == sorted(everybody) == found("sort=-email")[::-1]
    assert set(found("role=data_scientist")) < set(everybody)
    first = admin.get("/settings/people.json?limit=2&sort=-email").json()["items"]
    assert [each["email"] for each in first] == everybody[::-1][: len(first)]
    page = admin.get("/settings/people?q=nobody-at-all&role=viewer")
    assert 'data-empty="filtered"' in page.text
    assert "Role: viewer" in page.text
    assert admin.get("/settings/people?sort=password").status_code == 422


def test_pages_of_a_sorted_list_follow_each_other(admin: Browser) -> None:
    page, seen = admin.get("/settings/people?limit=1&sort=-email"), []
    while True:
        seen += re.findall(r'<tr id="(usr_\w+)"', page.text)
        following = re.search(r'rel="next" data-key="\]" href="([^"]+)"', page.text)
        if following is None:
            break
        page = admin.get("/" + following[1].replace("&amp;", "&"))
    twin = admin.get("/settings/people.csv?sort=-email").text.splitlines()[1:]
    assert len(seen) == len(set(seen)) == len(twin) > 2


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


def test_invitations_are_a_list_of_their_own(admin: Browser) -> None:
    email = "list@acme.example"
    assert admin.post("/settings/invite", {"email": email, "roles": ["viewer"]}).status_code == 303
    asked = "/settings/invitations{}?q=LIST@&state={}&sort=-expires_at"
    (item,) = admin.get(asked.format(".json", "open")).json()["items"]
    assert (item["email"], item["state"]) == (email, "open")
    for state in ("expired", "accepted", "revoked"):
        assert admin.get(asked.format(".json", state)).json()["items"] == []
    page = admin.get(asked.format("", "open"))
    assert "Send again" in page.text
    admin.post(f"/settings/invitations/{item['id']}/withdraw")
    assert email in admin.get(asked.format(".csv", "revoked")).text
    assert 'data-empty="filtered"' in admin.get(asked.format("", "open")).text


def test_without_mail_the_one_tenants_administrator_gets_the_link(browse: Pages, admin: Browser) -> None:
    """Which this installation has not: it has two tenants, and then a link proves nothing."""

    def mails() -> int:
        return len(browse.acme.owner("GET", "/jobs?kind=mail.send&limit=500").json()["items"])

    people, before = people_of(browse), mails()
    services = browse.town.client.app.state.services  # type: ignore[attr-defined]  # of our application
    assert not people.ways_in.shows_links()
    services[PeopleOps] = replace(people, ways_in=replace(people.ways_in, shows_links=lambda: True))
    try:
        shown_once = admin.post("/settings/invite", {"email": "uma@acme.example", "roles": ["viewer"]})
        (first,) = re.findall(r"<pre id=\"link\".*?>(.*?)</pre>", shown_once.text)
        (item,) = admin.get("/settings/invitations.json?q=uma@").json()["items"]
        again = admin.post(f"/settings/invitations/{item['id']}/resend")
        (second,) = re.findall(r"<pre id=\"link\".*?>(.*?)</pre>", again.text)
    finally:
        services[PeopleOps] = people
    assert mails() == before
    stranger = browse.stranger()
    assert stranger.get("//invitation/" + first.rpartition("/")[2]).status_code == 410
    assert "uma@acme.example" in stranger.get("//invitation/" + second.rpartition("/")[2]).text


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"email": "no address", "roles": ["viewer"]}, "#field-email"),
        ({"email": "x@acme.example"}, "field-roles"),
        ({"email": "x@acme.example", "roles": ["emperor"]}, "#field-roles"),
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
    assert late.status_code == 409
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
