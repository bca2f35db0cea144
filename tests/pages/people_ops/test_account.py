"""One's own page."""

import re

from people_ops.domain.permissions import Role
from tests.pages.people_ops.conftest import code_of, people_of, with_second_factor
from tests.support.pages import Browser, Pages
from tests.support.tenants import PASSWORD

ATTACK = "<img src=x onerror=alert(1)>"
NEW = "another good password"


def test_it_says_who_one_is(browse: Pages) -> None:
    person = browse.town.person("acme", Role.ANALYST)
    page = browse.of(person, "acme").get("//account")
    assert page.status_code == 200
    assert person.email in page.text
    assert "this one" in page.text
    assert "<html" not in browse.of(person, "acme").get("//account", fragment="main").text


def test_strangers_are_sent_to_the_sign_in(browse: Pages) -> None:
    assert browse.stranger().get("//account").headers["location"] == "/login?next=%2Faccount"


def test_a_name_is_changed_and_shown_as_text(browse: Pages) -> None:
    browser = browse("viewer")
    page = browser.follow(browser.post("//account/name", {"name": ATTACK}))
    assert ATTACK not in page.text
    assert "&lt;img src=x" in page.text
    assert browser.post("//account/name", {"name": "x" * 201}).status_code == 422


def test_the_look_works_at_once(browse: Pages) -> None:
    browser = browse("viewer")
    page = browser.follow(browser.post("//account/look", {"theme": "dark", "zone": "Europe/Berlin"}))
    assert 'data-theme="dark"' in page.text
    assert 'data-shortcuts="off"' in page.text
    assert "Times in Europe/Berlin" in page.text
    browser.post("//account/look", {"theme": "<script>", "zone": "../../etc/passwd", "shortcuts": "yes"})
    page = browser.get("//account")
    assert "data-theme" not in page.text.split("<head>")[0]
    assert "Times in UTC" in page.text


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    here, elsewhere = browse.of(person, "acme"), browse.of(person, "acme")
    wrong = here.post("//account/password", {"old": "wrong", "new": NEW})
    assert wrong.status_code == 422
    assert 'id="field-old-error"' in wrong.text
    assert here.post("//account/password", {"old": PASSWORD, "new": "short"}).status_code == 422
    assert here.post("//account/password", {"old": PASSWORD, "new": NEW}).status_code == 303
    assert here.get("/").status_code == 200
    assert ended(browse, elsewhere)


def test_a_second_factor_is_set_up_and_turned_off(browse: Pages) -> None:
    browser = browse("viewer")
    assert browser.post("//account/second-factor", {"password": "wrong"}).status_code == 422
    enrolling = browser.post("//account/second-factor", {"password": PASSWORD})
    found = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", enrolling.text)
    assert found is not None
    assert 'href="otpauth://' in enrolling.text
    assert 'aria-label="QR code' in enrolling.text
    fields = {"secret": found[1], "uri": "javascript:alert(1)", "code": "000000"}
    again = browser.post("//account/second-factor/confirm", fields)
    assert again.status_code == 422
    assert found[1] in again.text
    assert 'href="javascript' not in again.text
    assert "QR code" not in again.text
    done = browser.post("//account/second-factor/confirm", fields | {"code": code_of(found[1])})
    codes = re.search(r"<pre>(.*?)</pre>", done.text, re.DOTALL)
    assert codes is not None
    recovery = codes[1].split()
    assert len(recovery) == 10
    fields = {"password": PASSWORD, "code": recovery[0]}
    assert browser.post("//account/second-factor/disable", fields).status_code == 303
    assert "Set it up" in browser.get("//account").text


def test_one_session_is_ended_from_another(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    here, elsewhere = browse.of(person, "acme"), browse.of(person, "acme")
    ends = re.findall(r'action="(/account/sessions/ses_\w+/end)"', here.get("//account").text)
    assert len(ends) == 2, "the browser elsewhere and the token of the API"
    for each in ends:
        assert here.post(f"/{each}").status_code == 303
    assert ended(browse, elsewhere)
    assert here.get("/").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(browse: Pages) -> None:
    mine, theirs = browse("viewer"), browse("viewer")
    (first, *_) = re.findall(r'action="(/account/sessions/ses_\w+/end)"', theirs.get("//account").text)
    assert mine.post(f"/{first}").status_code == 404
    assert mine.post("//account/sessions/ses_nonsense/end").status_code == 404


def test_signing_out_everywhere_ends_them_all(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    here, elsewhere = browse.of(person, "acme"), browse.of(person, "acme")
    assert here.post("//account/sessions/end").headers["location"] == "/login"
    assert ended(browse, elsewhere)
    assert here.get("/").status_code == 303


def test_who_has_a_second_factor_sees_that_it_is_on(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    browser = browse.of(person, "acme")
    with_second_factor(browse, person)
    assert "Turn it off" in browser.get("//account").text


def ended(browse: Pages, browser: Browser) -> bool:
    """Past what is remembered for a second."""
    people_of(browse).browsers.forget(browser.client.cookies["__Host-anom"])
    return browser.get("/").status_code == 303
