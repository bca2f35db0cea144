"""Signing in with a second factor: the password is typed once."""

import re

import pytest

from core.domain.actor import Actor
from tests.pages.people_ops.conftest import code_of, people_of, with_second_factor
from tests.support.pages import Browser, Pages
from tests.support.tenants import PASSWORD, Person

PROOF = re.compile(r'name="proof" value="([^"]+)"')


@pytest.fixture
def ana(browse: Pages) -> Person:
    return browse.town.person("acme", "analyst")


def proof_of(browser: Browser, person: Person) -> str:
    asked = browser.post("//login", {"email": person.email, "password": PASSWORD, "next": "/t/acme/"})
    assert asked.status_code == 200
    assert 'name="password"' not in asked.text
    found = PROOF.search(asked.text)
    assert found is not None
    return found[1]


def test_the_code_is_asked_for_on_a_page_of_its_own(browse: Pages, ana: Person) -> None:
    secret, _ = with_second_factor(browse, ana)
    browser = browse.stranger()
    proof = proof_of(browser, ana)
    fields = {"proof": proof, "otp": code_of(secret, seconds=30), "next": "/t/acme/"}
    answer = browser.post("//login/code", fields)
    assert answer.headers["location"] == "/t/acme/"
    assert browser.get("/").status_code == 200


def test_a_recovery_code_opens_too_and_counts_once(browse: Pages, ana: Person) -> None:
    _, recovery = with_second_factor(browse, ana)
    first, second = browse.stranger(), browse.stranger()
    assert first.post("//login/code", {"proof": proof_of(first, ana), "otp": recovery[0]}).status_code == 303
    again = second.post("//login/code", {"proof": proof_of(second, ana), "otp": recovery[0]})
    assert again.status_code == 422
    assert PROOF.search(again.text), "the next try needs no password either"


def test_wrong_codes_lead_to_a_wait_that_the_page_names(browse: Pages, ana: Person) -> None:
    with_second_factor(browse, ana)
    browser = browse.stranger()
    proof = proof_of(browser, ana)
    answers = [browser.post("//login/code", {"proof": proof, "otp": "000000"}) for _ in range(7)]
    assert answers[0].status_code == 422
    assert "Try again in" in answers[-1].text
    assert (answers[-1].status_code, answers[-1].headers["retry-after"].isdigit()) == (429, True)


@pytest.mark.parametrize("proof", ["", "forged", "gAAAAABnot-a-proof"])
def test_a_proof_that_is_none_leads_back_to_the_password(browse: Pages, proof: str) -> None:
    answer = browse.stranger().post("//login/code", {"proof": proof, "otp": "123456"})
    assert answer.status_code == 422
    assert 'name="password"' in answer.text
    assert "That took too long" in answer.text


def test_a_proof_ends_with_the_password_it_is_of(browse: Pages, ana: Person) -> None:
    secret, _ = with_second_factor(browse, ana)
    browser = browse.stranger()
    proof = proof_of(browser, ana)
    actor = Actor(tenant_id=ana.tenant_id, user_id=ana.user_id)
    people_of(browse).change_password(actor, old=PASSWORD, new="another good password", keep=None)
    answer = browser.post("//login/code", {"proof": proof, "otp": code_of(secret, seconds=30)})
    assert answer.status_code == 422
