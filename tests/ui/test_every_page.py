"""What holds on every page: R01 to R08, R10, R12, R19, R20, R23 to R25, R29, R30 of the requirements."""

import gzip
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from core.presentation.html import POLICY
from tests.support.web import Web
from tests.ui.pages import PAGES, KnownPage

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
every_page = pytest.mark.parametrize("known", PAGES, ids=lambda page: page.path)
SMALL_TARGETS = """
() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')].filter(e => {
  const box = e.getBoundingClientRect();
  if (!box.width || !box.height || e.closest('.skip, .visually-hidden, p, dd, li li, svg, figcaption, .prose')) return false;
  if (box.width >= 24 && box.height >= 24) return false;
  if (e.tagName === 'INPUT' && e.labels && e.labels.length) {
    const label = e.labels[0].getBoundingClientRect();
    if (Math.max(label.bottom, box.bottom) - Math.min(label.top, box.top) >= 24) return false;
  }
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')].some(o => {
    const b = o.getBoundingClientRect();
    if (o === e || !b.width || e.contains(o) || o.contains(e)) return false;
    const dx = Math.max(b.left - x, 0, x - b.right), dy = Math.max(b.top - y, 0, y - b.bottom);
    return Math.hypot(dx, dy) < 24 && Math.hypot(dx, dy) < 12 + Math.min(12, b.width / 2);
  });
}).map(e => e.outerHTML.slice(0, 120))
"""


def opened(web: Web, known: KnownPage, **options: object) -> tuple[Page, Response]:
    page = web(known.role, **options)
    answer = page.goto(known.href(web.installation))
    assert answer is not None
    assert answer.status == 200, f"{known.path}: {answer.status}"
    return page, answer


@every_page
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_r01_axe_finds_no_violation(web: Web, known: KnownPage, scheme: str) -> None:
    page, _ = opened(web, known, color_scheme=scheme)
    found = Axe().run(
        page, options={"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
    )
    violations = [
        (each["id"], node["html"][:160]) for each in found.response["violations"] for node in each["nodes"]
    ]
    assert violations == []


@every_page
def test_r02_headings_landmarks_language_and_title_are_whole(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known)
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4, h5", "all => all.filter(e => !e.closest('dialog')).map(e => Number(e.tagName[1]))"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False)), levels
    assert page.locator("html[lang=en]").count() == 1
    assert [page.locator(mark).count() for mark in ("header", "main", "footer")] == [1, 1, 1]
    parts = page.title().split(" · ")
    assert parts[-1] == "Anomaly Detection"
    assert parts[0] != "Anomaly Detection"
    if known.path.startswith("/t/{tenant}"):
        assert parts[-2] == "Demo"


@every_page
def test_r03_the_first_tab_skips_to_the_content(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@every_page
def test_r04_r05_focus_goes_in_order_is_seen_and_comes_around(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known)
    assert page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0
    unseen = []
    for _step in range(25):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => { const e = document.activeElement; if (e === document.body) return null;
            const s = getComputedStyle(e); const b = e.getBoundingClientRect();
            const at = document.elementFromPoint(b.left + b.width / 2, b.top + Math.min(b.height / 2, 20));
            return {html: e.outerHTML.slice(0, 100), width: parseFloat(s.outlineWidth), style: s.outlineStyle,
                    covered: !!at && !(e.contains(at) || at.contains(e) || e.labels?.[0]?.contains(at))}; }"""
        )
        if state is None:
            break
        if state["width"] < 2 or state["style"] == "none" or state["covered"]:
            unseen.append(state)
    assert unseen == []


@every_page
def test_r07_targets_are_large_enough_or_apart(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known)
    assert page.evaluate(SMALL_TARGETS) == []


@every_page
def test_r08_severity_is_never_colour_alone(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known)
    for badge in page.locator("[data-sev]").all():
        text, level = badge.text_content() or "", int(badge.get_attribute("data-sev") or 0)
        assert re.search(r"\d", text), text
        assert re.search("none|low|medium|high|critical", text), text
        assert level < 2 or (badge.locator("svg").count() and re.search(r"\b[MHC]\b", text)), text


@every_page
def test_r10_a_narrow_screen_scrolls_no_page_sideways(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known, reduced_motion="reduce")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.locator(".scroll:not([tabindex='0'])").count() == 0


@every_page
def test_r12_every_chart_has_a_name_and_a_table_that_says_the_same(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known)
    for figure in page.locator("figure.chart").all():
        assert figure.locator("figcaption").text_content()
        assert figure.locator("svg[role=img][aria-labelledby]").count() == 1
        points = int(figure.get_attribute("data-points") or -1)
        assert figure.locator("tbody tr").count() == points
        assert points <= 2000
        href = figure.locator("a[href*='chart=']").get_attribute("href")
        assert href
        lines = page.request.get(href).text().strip().splitlines()
        assert len(lines) == points + 1


@every_page
def test_r19_what_htmx_asks_for_is_a_link_or_a_form_too(web: Web, known: KnownPage) -> None:
    page, _ = opened(web, known)
    lost = page.eval_on_selector_all(
        "[hx-get], [hx-post]",
        "all => all.filter(e => !e.closest('a[href], form[action]')).map(e => e.outerHTML)",
    )
    assert lost == []


@every_page
def test_r20_the_same_address_serves_the_page_and_its_fragment(web: Web, known: KnownPage) -> None:
    page, answer = opened(web, known)
    href = known.href(web.installation)
    asked = {"HX-Request": "true", "HX-Target": "main"}
    fragment = page.request.get(href, headers=asked)
    restored = page.request.get(href, headers=asked | {"HX-History-Restore-Request": "true"})
    assert "<html" not in fragment.text()
    assert "<html" in restored.text()
    assert "<html" in answer.text()
    assert {"HX-Request", "HX-History-Restore-Request"} <= set(fragment.headers["vary"].split(", "))


@every_page
def test_r23_r25_headers_are_strict(web: Web, known: KnownPage) -> None:
    _, answer = opened(web, known)
    headers = answer.all_headers()
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "permissions-policy" in headers
    assert headers["cache-control"] == "no-store"


@every_page
def test_r24_nothing_is_inline(web: Web, known: KnownPage) -> None:
    page, answer = opened(web, known)
    text = answer.text()
    assert not re.search(
        r"<[^>]+\sstyle=|<[^>]+\son[a-z]+=|hx-on|js:|<script(?![^>]*\bsrc=)(?![^>]*application/json)", text
    )
    assert not re.search(r'hx-trigger="[^"]*\[', text)
    assert page.evaluate("localStorage.length") == 0


@every_page
def test_r29_r30_pages_are_light(web: Web, known: KnownPage) -> None:
    page = web(known.role)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(known.href(web.installation))
    assert answer is not None
    page.wait_for_load_state("load")
    raw = answer.body()
    assert len(raw) <= 400_000
    assert len(gzip.compress(raw)) <= 60_000
    assert page.evaluate("document.querySelectorAll('*').length") <= 3000
    assert len(asked) <= 6, asked
    assert all(url.startswith(web.installation.url) for url in asked)
