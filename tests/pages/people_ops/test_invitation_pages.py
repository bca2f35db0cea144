"""Joining by a link, and setting a forgotten password by another."""

import re

import pytest

from people_ops.domain.permissions import Role
from tests.pages.people_ops.conftest import invitation_path, people_of, reset_path
from tests.support.pages import Pages
from tests.support.tenants import PASSWORD

ATTACK = "<img src=x onerror=alert(1)>"
NEW = "another good password"
TOKENS = re.compile(r"[0-9a-f]{40}")


def test_who_is_new_gives_name_and_password_and_is_signed_in(browse: Pages) -> None:
    path, browser = invitation_path(browse, "nina@acme.example", "analyst"), browse.stranger()
    offer = browser.get(path)
    assert offer.status_code == 200
    assert "nina@acme.example" in offer.text
    answer = browser.post(path, {"name": ATTACK, "password": NEW})
    assert answer.headers["location"] == "/t/acme/"
    page = browser.get("/")
    assert page.status_code == 200
    assert ATTACK not in page.text
    assert "&lt;img src=x" in page.text


def test_a_password_or_a_name_that_is_refused_keeps_what_was_typed(browse: Pages) -> None:
    path, browser = invitation_path(browse, "omar@acme.example"), browse.stranger()
    short = browser.post(path, {"name": "Omar", "password": "short"})
    assert short.status_code == 422
    assert 'value="Omar"' in short.text
    assert "<title>Error: " in short.text
    assert browser.post(path, {"name": "", "password": NEW}).status_code == 422
    assert browser.post(path, {"name": "Omar", "password": NEW}).status_code == 303


def test_who_has_an_account_keeps_its_password_and_signs_in_with_it(browse: Pages) -> None:
    pia = browse.town.person("bravo", Role.VIEWER)
    path, browser = invitation_path(browse, pia.email), browse.stranger()
    assert 'name="password"' not in browser.get(path).text
    answer = browser.post(path, {"password": NEW, "name": "Other"})
    assert answer.headers["location"] == "/login?next=%2Ft%2Facme%2F"
    assert browser.get("/").status_code == 303, "the link alone signs nobody in"
    fields = {"email": pia.email, "password": PASSWORD, "next": "/t/acme/"}
    assert browser.post("//login", fields).headers["location"] == "/t/acme/"


def test_a_link_works_once_and_says_what_to_do_then(browse: Pages) -> None:
    path, browser = invitation_path(browse, "quin@acme.example"), browse.stranger()
    browser.post(path, {"name": "Quin", "password": NEW})
    again = browse.stranger().get(path)
    assert again.status_code == 410
    assert "Ask whoever invited you" in again.text
    assert browse.stranger().get("//invitation/nobody-has-made-this-token").text.count("<h1>") == 1


def test_asking_for_a_reset_says_the_same_to_everybody(browse: Pages) -> None:
    known, stranger = browse.town.person("acme", Role.VIEWER).email, "nobody@acme.example"
    answers = [browse.stranger().post("//password-reset", {"email": each}) for each in (known, stranger)]
    assert [answer.status_code for answer in answers] == [200, 200]
    texts = [TOKENS.sub("", answer.text) for answer in answers]
    assert "Look into your mailbox" in texts[0]
    assert texts[0] == texts[1]
    assert browse.stranger().post("//password-reset", {"email": "no address"}).status_code == 422


def test_a_new_password_ends_all_sessions_and_the_link(browse: Pages) -> None:
    person = browse.town.person("acme", Role.VIEWER)
    signed_in, browser = browse.of(person, "acme"), browse.stranger()
    path = reset_path(browse, person.email)
    assert browser.get(path).status_code == 200
    assert browser.post(path, {"password": "short"}).status_code == 422
    assert browser.post(path, {"password": NEW}).headers["location"] == "/login"
    people_of(browse).browsers.forget(signed_in.client.cookies["__Host-anom"])
    assert signed_in.get("/").status_code == 303
    assert browser.get(path).status_code == 410
    assert browser.post("//login", {"email": person.email, "password": NEW}).status_code == 303


@pytest.mark.parametrize("path", ["//invitation/%00", "//password-reset/" + "x" * 3000])
def test_odd_tokens_are_dead_links(browse: Pages, path: str) -> None:
    assert browse.stranger().get(path).status_code == 410
