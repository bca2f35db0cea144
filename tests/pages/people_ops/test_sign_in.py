"""Signing in and out, and what protects forms and sessions."""

import pytest

from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.presentation.html import POLICY
from enterprise.api import Enterprise
from people_ops.domain.permissions import Role
from tests.pages.people_ops.conftest import invitation_path, people_of
from tests.support.pages import TOKEN, Pages
from tests.support.tenants import PASSWORD


def test_a_page_leads_a_stranger_to_the_log_in_and_back(browse: Pages) -> None:
    stranger, person = browse.stranger(), browse.town.person("acme", Role.VIEWER)
    sent_away = stranger.get("/?")
    assert sent_away.headers["location"] == "/login?next=%2Ft%2Facme%2F"

    answer = stranger.post("//login", {"email": person.email, "password": PASSWORD, "next": "/t/acme/"})
    assert answer.headers["location"] == "/t/acme/"
    assert stranger.follow(answer).status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"]
)
def test_the_log_in_leads_nowhere_else(browse: Pages, elsewhere: str) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    fields = {"email": person.email, "password": PASSWORD, "next": elsewhere}
    assert browse.stranger().post("//login", fields).headers["location"] == "/"


def test_a_wrong_password_keeps_the_address_and_says_not_what_was_wrong(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    wrong = browse.stranger().post("//login", {"email": person.email, "password": "wrong"})
    nobody = browse.stranger().post("//login", {"email": "nobody@acme.example", "password": "wrong"})
    assert wrong.status_code == nobody.status_code == 422
    assert "<title>Error: Sign in" in wrong.text
    assert person.email in wrong.text
    assert "E-mail, password or tenant do not match." in wrong.text
    assert "E-mail, password or tenant do not match." in nobody.text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browse: Pages) -> None:
    person, stranger = browse.town.person("acme", Role.VIEWER), browse.stranger()
    answer = stranger.post("//login", {"email": person.email, "password": PASSWORD})
    (cookie,) = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-anom=")]
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


def test_signing_in_again_ends_the_session_before(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    browser = browse.of(person, "acme")
    old = browser.client.cookies["__Host-anom"]
    browser.post("//login", {"email": person.email, "password": PASSWORD})
    browser.client.cookies.set("__Host-anom", old, domain="localhost.local", path="/")
    assert browser.client.cookies["__Host-anom"] == old
    assert browser.get("/").status_code == 303


def test_a_session_ends_at_the_sign_out(browse: Pages) -> None:
    browser = browse("viewer")
    cookie = browser.client.cookies["__Host-anom"]
    assert browser.post("//logout").status_code == 303
    thief = browse.stranger()
    thief.client.cookies.set("__Host-anom", cookie, domain="localhost.local", path="/")
    assert thief.get("/").headers["location"].startswith("/login")


@pytest.mark.parametrize("fragment", ["", "rows"])
def test_a_form_sent_after_its_session_ended_is_told_so_and_leads_back(browse: Pages, fragment: str) -> None:
    browser, form = browse(Role.ANALYST), "/t/acme/datasets/new?way=paste"
    browser.client.cookies.delete("__Host-anom")
    sent = browser.post(
        "/datasets/new", {"name": "x"}, fragment=fragment, headers={"Referer": f"https://localhost{form}"}
    )
    to = sent.headers["hx-redirect" if fragment else "location"]
    assert to == "/login?next=%2Ft%2Facme%2Fdatasets%2Fnew%3Fway%3Dpaste"
    page = browser.get(f"/{to}").text
    assert "what you sent was not done" in page
    assert 'name="next" value="/t/acme/datasets/new?way=paste"' in page
    assert "what you sent was not done" not in browser.get("//login").text


def test_a_form_of_another_site_leads_to_no_page_of_it(browse: Pages) -> None:
    sent = browse.stranger().post(
        "/datasets/new", {"name": "x"}, headers={"Referer": "https://evil.example/t/acme/"}
    )
    assert sent.headers["location"] == "/login"


def test_a_form_without_its_token_is_refused_and_so_is_one_of_another_site(browse: Pages) -> None:
    browser = browse("viewer")
    bare = browser.client.post("/logout", headers={"Accept": "text/html"})
    foreign = browser.post("//logout", headers={"Sec-Fetch-Site": "cross-site"})
    assert bare.status_code == foreign.status_code == 403
    assert "This form is too old, or of another site" in bare.text
    assert browser.get("/").status_code == 200


def test_the_token_of_one_session_is_none_of_another(browse: Pages) -> None:
    mine, theirs = browse("viewer"), browse("viewer")
    token = TOKEN.search(theirs.get("/").text)
    assert token is not None
    assert mine.client.post("/logout", data={"csrf": token[1]}).status_code == 403


def test_htmx_gets_a_refusal_it_can_show(browse: Pages) -> None:
    refused = browse("viewer").get("//admin/tenants", fragment="rows")
    assert refused.status_code in (403, 404)
    assert "<html" not in refused.text


def test_over_plain_http_from_elsewhere_nobody_signs_in(browse: Pages) -> None:
    page = browse.town.client.get("/login", headers={"Accept": "text/html", "Host": "anom.example"})
    assert "service.public_url" in page.text
    assert "security.insecure_http" in page.text
    assert 'name="password"' not in page.text


def test_the_cookie_opens_no_route_of_the_api(browse: Pages) -> None:
    browser = browse("tenant_admin")
    assert browser.client.get("/api/v1/me").status_code == 401
    assert browser.client.post("/api/v1/datasets", json={"name": "x"}).status_code == 401


def test_another_tenants_page_is_as_one_that_nobody_has(browse: Pages) -> None:
    browser = browse("tenant_admin")
    theirs, nobodys = browser.get("//t/bravo/"), browser.get("//t/nobody/")
    assert theirs.status_code == nobodys.status_code == 404
    assert "bravo" not in theirs.text


def test_pages_state_their_policy_and_are_not_kept(browse: Pages) -> None:
    page = browse("viewer").get("/")
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-store"
    assert "HX-Request" in page.headers["vary"]
    assert page.headers["referrer-policy"] == "same-origin"


def test_a_suspended_tenant_keeps_nobody_out_of_their_others(browse: Pages) -> None:
    person = browse.town.person("shut", Role.VIEWER)
    enterprise = browse.town.service.bundles[Enterprise]
    browse.stranger().post(invitation_path(browse, person.email))
    enterprise.suspend(Actor(tenant_id=PLATFORM), browse.town.tenant("shut"))
    browser = browse.of(person, "acme")
    assert browser.get("/").status_code == 200
    assert browser.get("//account").status_code == 200
    assert browser.get("//t/shut/").status_code == 403
    assert browser.post("//logout").status_code == 303


def test_the_choice_of_tenants_is_for_who_has_several(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    browser = browse.of(person, "acme")
    assert browser.get("//t/").headers["location"] == "/t/acme/"
    browse.stranger().post(invitation_path(browse, person.email, slug="bravo"))
    people_of(browse).browsers.forget(browser.client.cookies["__Host-anom"])
    assert "/t/bravo/" in browser.get("//t/").text
    assert browse.stranger().get("//t/").headers["location"] == "/login"
