"""Every page, by role and by tenant: what holds for the routes of the API holds for pages."""

import re
from collections import defaultdict
from collections.abc import Iterator
from uuid import uuid4

import pytest
from fastapi import FastAPI

from core.presentation.ids import shown
from people_ops.domain.permissions import PERMISSIONS, Role
from tests.support.belongings import Belongings
from tests.support.pages import Browser, Pages
from tests.support.routes import StatedRoute, stated_pages

# Would end the session that the test goes on with, or are the visitor's own whatever their role.
OWN = re.compile(r"^/(logout|account|t/$)")
# The visitor's own words, or words of the product, no ids.
WORDS = {
    "n": "3",
    "number": "1",
    "name": "nobody",
    "tag": "datasets",
    "slug": "none",
    "alias": "champion",
    "row": "3",
}


def pages_of(browse: Pages) -> Iterator[StatedRoute]:
    app = browse.town.client.app
    assert isinstance(app, FastAPI)
    return (route for route in stated_pages(app) if not route.public and not OWN.match(route.path))


def asked(browser: Browser, route: StatedRoute, ids: dict[str, str]) -> tuple[int, str]:
    values = defaultdict(lambda: shown("xx", uuid4()), WORDS | ids | {"tenant": browser.slug})
    path = "/" + route.filled(values)
    answer = browser.get(path) if route.method == "GET" else browser.post(path)
    return answer.status_code, answer.text


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_the_pages_it_may_and_no_other(browse: Pages, role: Role) -> None:
    slug = "platform" if role is Role.OPERATOR else "acme"
    browser, wrong = browse(role, slug=slug), defaultdict(list)
    for route in pages_of(browse):
        is_for_others = route.path.startswith("/admin") and role is not Role.OPERATOR
        allowed = not is_for_others and all(asks is None or asks in PERMISSIONS[role] for asks in route.asks)
        status, _ = asked(browser, route, {})
        if allowed == (status == 403):
            wrong[status].append(route.name)
    assert wrong == {}


def test_a_stranger_is_led_to_the_log_in_from_every_page(browse: Pages) -> None:
    stranger = browse.stranger()
    answers = {
        route.name: stranger.client.get(
            route.filled(defaultdict(lambda: "x")), headers={"Accept": "text/html"}, follow_redirects=False
        ).headers.get("location", "")
        for route in pages_of(browse)
        if route.method == "GET"
    }
    assert [name for name, location in answers.items() if not location.startswith("/login")] == []


def without_ids(text: str) -> str:
    return re.sub(r"\b[a-z]{2,4}_[0-9A-Za-z]{26}\b|\b[0-9a-f]{32,56}\b|secret[0-9a-f]{8}|nobody", "ID", text)


def made_up(ids: dict[str, str]) -> dict[str, str]:
    return {
        name: shown(id_.partition("_")[0], uuid4()) if "_" in id_ else "nobody" for name, id_ in ids.items()
    }


def test_another_tenants_ids_are_pages_that_nobody_has(browse: Pages) -> None:
    browser, theirs, unlike = browse.of(browse.acme.owner, "acme"), ids_of(browse.bravo), []
    for route in pages_of(browse):
        if not set(route.parameters) & set(theirs) or route.path.startswith("/admin"):
            continue
        of_theirs, of_nobody = asked(browser, route, theirs), asked(browser, route, made_up(theirs))
        if of_theirs[0] != of_nobody[0] or without_ids(of_theirs[1]) != without_ids(of_nobody[1]):
            unlike.append((route.name, of_theirs[0], of_nobody[0]))
    assert unlike == []


def test_another_tenants_address_is_one_that_nobody_has(browse: Pages) -> None:
    browser, wrong = browse.of(browse.acme.owner, "acme"), []
    for route in pages_of(browse):
        if route.method == "GET" and "tenant" in route.parameters:
            path = "/" + route.filled(defaultdict(lambda: "x", ids_of(browse.bravo) | {"tenant": "bravo"}))
            answer = browser.get(path)
            if answer.status_code != 404 or browse.bravo.marker in answer.text:
                wrong.append((route.name, answer.status_code))
    assert wrong == []


def test_nothing_of_another_tenant_is_on_any_page_of_mine(browse: Pages) -> None:
    browser, leaks = browse.of(browse.acme.owner, "acme"), []
    secrets = {browse.bravo.marker, *(id_ for id_ in browse.bravo.ids.values() if "_" in id_)}
    for route in pages_of(browse):
        if route.method == "GET" and not route.path.endswith("/events"):
            _, text = asked(browser, route, ids_of(browse.acme))
            leaks += [(route.name, secret) for secret in secrets if secret in text]
    assert leaks == []


def test_the_same_queries_find_nothing_of_another_tenant(browse: Pages) -> None:
    browser, theirs = browse.of(browse.acme.owner, "acme"), browse.bravo.ids
    for path in (
        f"/datasets?search={browse.bravo.marker}",
        f"/runs?dataset={theirs['dataset']}",
        f"/runs?detector={theirs['detector']}",
        f"/labels/history?dataset={theirs['dataset']}",
        f"/settings/audit?action={browse.bravo.marker}",
        f"/runs/{browse.acme.ids['run']}/compare?with={theirs['run']}",
    ):
        answer = browser.get(path)
        assert answer.status_code in (200, 400, 404, 422), path
        shown_text = answer.text.replace(f'value="{browse.bravo.marker}"', "").replace(
            f"={browse.bravo.marker}", ""
        )
        assert "bravo" not in shown_text, path


def ids_of(belongings: Belongings) -> dict[str, str]:
    return {name: id_ for name, id_ in belongings.ids.items() if name != "tenant"}
