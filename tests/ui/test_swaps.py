"""What swaps do to focus, to readers of screens, to addresses and to errors: R14, R15, R17, R21, R22, R34, R36."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.web import Web
from tests.ui.desk import Desk, asked_of, rows_of

SCORE, RANGE = "#field-score", "#field-score-range"
WATCH = """
() => {
  window.seen = {said: [], busy: [], settled: 0};
  const live = document.getElementById("live");
  new MutationObserver((all) => { for (const _ of all) seen.said.push(live.textContent); })
    .observe(live, {childList: true, characterData: true, subtree: true});
  new MutationObserver((all) => { for (const each of all) seen.busy.push(each.target.getAttribute("aria-busy")); })
    .observe(document.body, {attributes: true, attributeFilter: ["aria-busy"], subtree: true});
  document.addEventListener("htmx:afterSettle", () => { seen.settled += 1; });
}
"""
IS_DONE = "() => seen.settled > 0 && seen.said.length > 0 && !document.querySelector('[aria-busy=true]')"
FOCUS = "() => document.activeElement.id || document.activeElement.outerHTML.slice(0, 100)"
WHEN_SKELETON = """
() => {
  window.covered = new Promise((done) => {
    let since = 0;
    const look = () => {
      const answer = document.querySelector("#answer"), skeleton = getComputedStyle(answer, "::after");
      if (answer.getAttribute("aria-busy")) since ||= performance.now();
      if (since && skeleton.content !== "none" && skeleton.visibility === "visible") {
        const {width, height} = answer.getBoundingClientRect();
        done({
          after: performance.now() - since,
          narrower: Math.abs(parseFloat(skeleton.width) - width),
          lower: Math.abs(parseFloat(skeleton.height) - height),
          moves: parseFloat(skeleton.animationDuration) + parseFloat(skeleton.transitionDuration),
        });
      } else requestAnimationFrame(look);
    };
    look();
  });
}
"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def run(desk: Desk) -> str:
    return desk.result("Meters in swaps")


@pytest.fixture
def page(web: Web, run: str) -> Page:
    page = web("analyst")
    page.goto(f"/t/demo/runs/{run}")
    return page


def chooses_score(page: Page) -> str:
    page.fill(SCORE, "90")
    return "field-score"


def loads_more(page: Page) -> str:
    page.locator("[rel=next]").focus()
    page.keyboard.press("Enter")
    return r"anomalies_next|<input.*Choose row-"


def labels(page: Page) -> str:
    button = rows_of(page).nth(3).get_by_role("button", name=re.compile("bad data"))
    button.focus()
    page.keyboard.press("Enter")
    return r"label-\w+-\d+_\w+|<a href"  # where the answer takes the cursor


def opens_a_row(page: Page) -> str:
    link = rows_of(page).first.locator("td a").first
    link.focus()
    page.keyboard.press("Enter")
    return "<a href"


def searches(page: Page) -> str:
    page.goto("/t/demo/datasets")
    page.evaluate(WATCH)
    page.fill("[type=search]", "meters")
    page.keyboard.press("Enter")
    return "field-q"


def chooses_a_value(page: Page) -> str:
    link = page.locator("#facets a", has_text="harbour")
    expected = str(link.get_attribute("id"))
    link.focus()
    page.keyboard.press("Enter")
    return expected


def takes_a_filter_away(page: Page) -> str:
    page.goto(f"{page.url}?facet=site:harbour")
    page.evaluate(WATCH)
    page.locator("#chip-1").focus()
    page.keyboard.press("Enter")
    return r"anomalies_by_\d|facet-|<a href"  # it is gone: into what came


def sorts(page: Page) -> str:
    page.locator("thead a", has_text="Row").focus()
    page.keyboard.press("Enter")
    return "anomalies_by_2"


SWAPS = (
    chooses_score,
    chooses_a_value,
    takes_a_filter_away,
    sorts,
    loads_more,
    labels,
    opens_a_row,
    searches,
)


@pytest.mark.parametrize("act", SWAPS, ids=lambda act: act.__name__)
def test_r14_r15_focus_stays_and_what_came_is_said_once(page: Page, act: Callable[[Page], str]) -> None:
    page.evaluate(WATCH)
    expected = act(page)
    page.wait_for_function(IS_DONE)
    page.evaluate(TWO_FRAMES)
    seen = page.evaluate("seen")
    assert re.match(expected, page.evaluate(FOCUS)), page.evaluate(FOCUS)
    assert len(seen["said"]) == 1, seen["said"]
    assert seen["said"][0].strip()
    assert "true" in seen["busy"]


def test_r14_the_open_row_says_what_was_labelled_beside_it(page: Page) -> None:
    row = rows_of(page).nth(5)
    row.locator("td a").first.click()
    expect(page.locator("#row_label")).to_contain_text("Nobody has labelled it")
    row.get_by_role("button", name=re.compile("expected")).click()
    expect(page.locator("#row_label [aria-pressed=true]")).to_contain_text("Expected")
    page.fill("[name=note]", "seen beside it")
    page.locator("#row_label").get_by_role("button", name="Expected").click()
    expect(page.locator("#row_label")).to_contain_text("seen beside it")
    expect(row.locator("[aria-pressed=true]")).to_have_text("3")


def test_r37_keys_label_the_open_row(page: Page) -> None:
    row = rows_of(page).nth(6)
    row.locator("td a").first.click()
    expect(page.locator("#compared-title")).to_be_visible()
    page.keyboard.press("0")
    expect(page.locator("#row_label [aria-pressed=true]")).to_contain_text("Unsure")
    expect(row.locator("[aria-pressed=true]")).to_have_text("0")
    expect(page.locator("#toast")).to_contain_text("unsure")
    page.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')")
    page.keyboard.press("u")
    expect(page.locator("#toast")).to_contain_text("label removed")
    expect(page.locator("#row_label [aria-pressed=true]")).to_have_count(0)
    expect(row.locator("[aria-pressed=true]")).to_have_count(0)


def test_r17_dragging_keys_and_the_number_field_give_the_same_address(page: Page) -> None:
    start, asked = page.url, {}
    plot = page.locator("[data-drag] svg")
    box = plot.bounding_box()
    assert box is not None
    width = float(str(plot.get_attribute("viewBox")).split()[2])
    at = (48 + 0.9 * (width - 60)) / width  # 90 of 100
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + at * box["width"], box["y"] + 40, steps=3)
    page.mouse.up()
    _settles_at(page, "90")
    asked["dragged"] = asked_of(page)

    page.goto(start)
    page.fill(SCORE, "90")
    _settles_at(page, "90")
    asked["number"] = asked_of(page)

    page.goto(start)
    page.focus(RANGE)
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    _settles_at(page, "90")
    asked["arrows"] = asked_of(page)

    page.goto(start)
    for _ in range(10):
        page.keyboard.press(".")
    _settles_at(page, "90")
    asked["shortcut"] = asked_of(page)
    assert asked == {way: [("min_score", "90")] for way in asked}


def _settles_at(page: Page, score: str) -> None:
    expect(page).to_have_url(re.compile(rf"min_score={score}\b"))
    expect(page.locator(SCORE)).to_have_value(score)
    expect(page.locator(RANGE)).to_have_value(score)
    expect(page.locator("#answer")).to_contain_text(f"score {score} or more")


def test_r21_back_goes_through_the_steps_there_were(page: Page) -> None:
    steps = [_state(page)]
    page.locator("#facets a", has_text="harbour").click()
    expect(page.locator("#chips")).to_contain_text("harbour")
    steps.append(_state(page))
    rows_of(page).nth(2).locator("td a").first.click()
    expect(page.locator("#row-title")).to_be_visible()
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
    opened = _state(page)
    assert opened["panel"]
    page.reload()
    expect(page.locator("#row-title")).to_be_visible()
    assert _state(page) == opened
    for before in reversed(steps):
        page.go_back()
        expect(page).to_have_url(before["url"])
        expect(page.locator("#row-title")).to_have_count(0)
        assert _state(page) == before


def test_r21_back_returns_to_where_the_reader_was(page: Page) -> None:
    link = rows_of(page).nth(40).locator("td a").first
    link.scroll_into_view_if_needed()
    there = page.evaluate("scrollY")
    assert there > 200
    link.click()
    expect(page.locator("#row-title")).to_have_count(1)
    page.go_back()
    expect(page.locator("#row-title")).to_have_count(0)
    page.wait_for_function(f"() => Math.abs(scrollY - {there}) < 50")


def _state(page: Page) -> dict[str, Any]:
    return {
        "url": page.url,
        "answer": page.locator("#answer").text_content(),
        "chips": page.locator("#chips").all_inner_texts(),
        "rows": [each.get_attribute("id") for each in rows_of(page).all()],
        "panel": page.locator("#row-title").all_text_contents(),
        "score": page.locator(SCORE).input_value(),
    }


def test_r22_an_address_says_the_same_in_another_session(page: Page, web: Web) -> None:
    page.locator("#facets a", has_text="harbour").click()
    page.fill(SCORE, "85")
    expect(page).to_have_url(re.compile("min_score=85"))
    page.locator("thead a", has_text="Row").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_count(1)
    rows_of(page).nth(1).locator("td a").first.click()
    expect(page.locator("#row-title")).to_be_visible()
    other = web("")
    other.goto(page.url)
    other.fill("[name=email]", "analyst@demo.example")
    other.fill("[name=password]", web.installation.password)
    other.click("main button")
    expect(other).to_have_url(page.url)
    assert _state(other) == _state(page)


def test_r34_a_skeleton_stands_for_a_slow_answer_and_shifts_nothing(page: Page) -> None:
    held: list[Route] = []
    page.route("**/runs/*min_score=*", lambda route: held.append(route))
    page.evaluate(WHEN_SKELETON)
    before = _state(page) | {"box": page.locator("#answer").bounding_box()}
    page.fill(SCORE, "80.5")
    covered = page.evaluate("covered")
    assert covered["after"] >= 200
    assert covered["narrower"] <= 4
    assert covered["lower"] <= 4
    assert covered["moves"] == 0
    assert page.locator("main [data-empty]").count() == 0
    assert _state(page) | {"box": page.locator("#answer").bounding_box(), "score": "80"} == before
    held[0].continue_()
    expect(page.locator("#answer")).to_contain_text("score 80.5 or more")
    assert page.evaluate("getComputedStyle(document.querySelector('#answer'), '::after').content") == "none"
    assert page.locator("#answer").bounding_box() == before["box"]


def test_r36_a_failure_is_told_with_its_request_and_the_rest_goes_on(page: Page, web: Web) -> None:
    def fails(route: Route) -> None:
        nobody = route.fetch(url=f"{web.installation.url}/t/demo/runs/run_00000000000000000000000000")
        route.fulfill(response=nobody, status=500)

    page.route("**/runs/*min_score=*", fails)
    alert = _asks_in_vain(page)
    expect(alert.locator("code")).to_have_text(re.compile(r"^\w{8,}"))
    _goes_on(page, web, "500")


def test_r36_a_page_of_a_proxy_is_not_shown(page: Page, web: Web) -> None:
    proxys = "<html><body><h1>Bad gateway</h1><form action=/evil></form></body></html>"
    page.route("**/runs/*min_score=*", lambda route: route.fulfill(status=502, body=proxys))
    alert = _asks_in_vain(page)
    expect(alert).to_contain_text("502")
    assert page.locator("[action='/evil']").count() == 0
    _goes_on(page, web, "502")


@pytest.mark.parametrize("way", ["timedout", "internetdisconnected"])
def test_r36_no_answer_is_told(page: Page, web: Web, way: str) -> None:
    if way == "timedout":
        page.evaluate("() => { htmx.config.timeout = 200; }")
        page.route("**/runs/*min_score=*", lambda _: None)  # never answered
    else:
        page.route("**/runs/*min_score=*", lambda route: route.abort(way))
    expect(_asks_in_vain(page)).to_contain_text("did not answer")
    _goes_on(page, web, "Failed to load resource")


def _asks_in_vain(page: Page) -> Any:
    before = page.locator("#answer").text_content()
    page.fill(SCORE, "91")
    alert = page.locator("main [role=alert]")
    expect(alert).to_have_count(1)
    expect(alert.get_by_role("link", name="Try again")).to_have_attribute("href", re.compile("/t/demo/runs/"))
    expect(page.locator("#answer")).to_have_text(str(before))
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert page.evaluate(FOCUS) == "field-score"
    return alert


def _goes_on(page: Page, web: Web, complaint: str) -> None:
    """The rows are still there to be opened, and the next answer takes the box away."""
    page.evaluate("() => { htmx.config.timeout = 30000; }")
    rows_of(page).first.locator("td a").first.click()
    expect(page.locator("#row-title")).to_be_visible()
    page.unroute("**/runs/*min_score=*")
    page.fill(SCORE, "92")
    expect(page.locator("#answer")).to_contain_text("score 92 or more")
    expect(page.locator("main [role=alert]")).to_have_count(0)
    assert [each for each in web.complaints if complaint not in each and "htmx:" not in each] == []
    web.complaints.clear()


def test_r36_a_refused_form_keeps_what_was_entered(web: Web) -> None:
    page = web("scientist")
    page.goto("/t/demo/models/new?dataset=card-payments&algorithm=hbos")
    page.eval_on_selector("main form[method=post]", "form => { form.noValidate = true; }")
    page.fill("[name=name]", "Kept name")
    page.fill("[name=contamination]", "99")
    page.get_by_role("button", name="Train", exact=True).click()
    summary = page.locator("#problem")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("There is a problem")
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator("[name=name]")).to_have_value("Kept name")
    expect(page.locator("[name=contamination]")).to_have_value("99")
    summary.get_by_role("link").first.click()
    expect(page.locator("[name=contamination]")).to_be_focused()
    assert [each for each in web.complaints if "422" not in each] == []
    web.complaints.clear()


def test_what_comes_anew_by_itself_waits_for_who_types(web: Web) -> None:
    page = web("analyst")
    page.goto("/t/demo/?refresh=on")
    page.fill("[name=from]", "2026-01-02")
    page.eval_on_selector("#refresh", "link => { link.dataset.every = 1; }")
    page.wait_for_timeout(2500)
    expect(page.locator("[name=from]")).to_have_value("2026-01-02")
    page.focus("#refresh")
    expect(page.locator("[name=from]")).to_have_value("")


def test_no_menu_lies_over_a_sheet_of_paper(web: Web) -> None:
    page = web("analyst")
    page.goto(f"/t/demo/runs/{web.installation.ids['run']}")
    page.emulate_media(media="print")
    expect(page.locator(".chart .drawing").first).to_be_visible()
    assert [menu for menu in page.locator(".menu > .items").all() if menu.is_visible()] == []
