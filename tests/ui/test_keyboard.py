"""Work by keyboard alone: R16, R37 and R38."""

import re

import pytest
from playwright.sync_api import Page, expect

from core.presentation.shortcuts import SHORTCUTS
from tests.support.web import Web
from tests.ui.desk import Desk, labels_of, rows_of, until

ENOUGH, KEYSTROKES = 20, 45
CURSOR = "tr[data-cursor]"


@pytest.fixture(scope="module")
def run(desk: Desk) -> str:
    return desk.result("Meters by keyboard")


@pytest.fixture
def typist(web: Web, run: str) -> "Typist":
    page = web("analyst")
    page.goto(f"/t/demo/runs/{run}")
    return Typist(page)


class Typist:
    """Counts what they press."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def __call__(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1


def test_r16_a_question_mark_lists_every_shortcut(web: Web) -> None:
    page = web("analyst")
    page.goto("/t/demo/")
    page.keyboard.press("?")
    overlay = page.get_by_role("dialog", name="Shortcuts")
    expect(overlay).to_be_visible()
    assert overlay.locator("dt").all_text_contents() == [keys for keys, _ in SHORTCUTS]
    page.keyboard.press("Escape")
    expect(overlay).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.locator("h1")).to_have_text("Datasets")


def test_r16_keys_do_nothing_while_somebody_types(web: Web) -> None:
    page = web("analyst")
    page.goto("/t/demo/datasets")
    page.keyboard.press("/")
    page.keyboard.type("j?x1gd")
    expect(page.locator("[type=search]")).to_have_value("j?x1gd")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(CURSOR)).to_have_count(0)
    expect(page.locator("h1")).to_have_text("Datasets")


def test_r16_keys_do_nothing_where_the_profile_turns_them_off(web: Web, run: str) -> None:
    page = web("viewer")
    for is_on in (False, True):
        page.goto("/account")
        page.locator("[name=shortcuts]").set_checked(is_on)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".notice")).to_contain_text("Saved")
        page.goto(f"/t/demo/runs/{run}")
        page.keyboard.press("j")
        expect(page.locator(CURSOR)).to_have_count(int(is_on))
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_have_count(int(is_on))


def test_r37_twenty_rows_are_labelled_in_few_keystrokes(typist: Typist, desk: Desk, run: str) -> None:
    page = typist.page
    typist("j")
    for done in range(ENOUGH):
        typist("1" if done % 2 else "2")
        expect(labels_of(page)).to_have_count(done + 1)
    assert typist.keys <= KEYSTROKES
    pressed = rows_of(page).locator("[aria-pressed=true]").all_text_contents()
    assert pressed == ["2", "1"] * (ENOUGH // 2)
    assert page.evaluate(f"document.activeElement.closest('{CURSOR}') !== null")

    last = rows_of(page).nth(ENOUGH - 1)
    typist("u")
    expect(last.locator("[aria-pressed=true]")).to_have_count(0)
    expect(page.locator("#toast")).to_contain_text("label removed")
    number = str(last.get_attribute("id")).removeprefix("row-")
    history = desk.get(f"/runs/{run}/rows/{number}/label/history")["items"]
    assert [each["verdict"] for each in history] == [None, "true"]
    actions = [each["action"] for each in desk.get("/audit", limit=2)["items"]]
    assert actions == ["label.removed", "label.created"], actions


def test_r37_enter_opens_and_undo_brings_the_verdict_before_back(typist: Typist) -> None:
    page = typist.page
    row = rows_of(page).nth(30)
    for _ in range(31):
        typist("j")
    expect(page.locator(CURSOR)).to_have_id(str(row.get_attribute("id")))
    typist("4")
    expect(row.locator("[aria-pressed=true]")).to_have_text("4")
    typist("k", "3")
    expect(row.locator("[aria-pressed=true]")).to_have_text("3")
    typist("u")
    expect(row.locator("[aria-pressed=true]")).to_have_text("4")
    typist("Enter")
    expect(page.locator("#row-title")).to_be_visible()
    assert "row=" in page.url


def test_r38_the_chosen_rows_are_labelled_and_no_others(typist: Typist, web: Web, run: str) -> None:
    page = typist.page
    for _ in range(40):
        typist("j")
    typist("x", "j", "x", "j", "x")
    chosen = rows_of(page).locator("[type=checkbox]:checked")
    expect(chosen).to_have_count(3)
    values = [str(each.get_attribute("value")) for each in chosen.all()]
    page.get_by_role("button", name="Label chosen rows").click()
    expect(page.locator("h1")).to_have_text("Label 3 rows")
    assert [each.input_value() for each in page.locator("[name=row]").all()] == values

    other = web("scientist")
    number = values[0].removesuffix(":")
    other.goto(f"/t/demo/runs/{run}?row={number}")
    other.locator(f"[id^=label-][id$='-{number}']").get_by_role("button", name=re.compile("unsure")).click()
    expect(other.locator("#toast")).to_contain_text("unsure")

    page.get_by_label("Expected", exact=True).check()
    page.get_by_role("button", name=re.compile("^Label")).click()
    expect(page.locator(".notice")).to_contain_text("2 rows labelled expected, 1 skipped")
    until(lambda: page.locator(f"[id^=label-][id$='-{number}'] [aria-pressed=true]").text_content() == "0")
