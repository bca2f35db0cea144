"""What holds on every page: R01 to R05, R07, R08, R10, R12, R19, R20, R23 to R25, R29 and R30 of the requirements."""

import gzip
import re
from itertools import pairwise
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from core.presentation.html import POLICY
from tests.support.web import Web
from tests.ui.pages import PAGES, KnownPage

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE: dict[Literal["light", "dark"], dict[str, object]] = {
    "light": {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}},
    # All other rules look at what is the same in the dark.
    "dark": {
        "resultTypes": ["violations"],
        "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    },
}
VIOLATIONS = """
rules => axe.run(rules).then(found => found.violations.flatMap(
  each => each.nodes.map(node => [each.id, node.html.slice(0, 160)])))
"""
INLINE = (
    r"<[^>]+\sstyle=|<[^>]+\son[a-z]+=|hx-on|[\"'=]js:|<script(?![^>]*\bsrc=)(?![^>]*application/json)"
    r'|hx-trigger="[^"]*\['
)
TABS = 25  # looked at; the rest of a long page repeats them
# Smaller than 24 pixels is allowed in running text, or where a circle of 24 around the middle meets no other target.
SMALL_TARGETS = """
() => {
  const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary')].filter(
    e => e.checkVisibility() && !e.closest('.skip, .visually-hidden, svg'));
  const box = e => e.getBoundingClientRect();
  return all.filter(e => {
    const b = box(e);
    if ((b.width >= 24 && b.height >= 24) || e.closest('p, dd, figcaption, .prose, .terms')) return false;
    const label = e.labels?.[0] && box(e.labels[0]);
    if (label && Math.max(label.bottom, b.bottom) - Math.min(label.top, b.top) >= 24) return false;
    const [x, y] = [b.left + b.width / 2, b.top + b.height / 2];
    return all.some(o => {
      if (o === e || e.contains(o) || o.contains(e)) return false;
      const c = box(o);
      const dx = Math.max(c.left - x, 0, x - c.right), dy = Math.max(c.top - y, 0, y - c.bottom);
      return Math.hypot(dx, dy) < 12;
    });
  }).map(e => e.outerHTML.slice(0, 120));
}
"""
FOCUSED = """
() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const s = getComputedStyle(e), b = e.getBoundingClientRect();
  const at = document.elementFromPoint(b.left + b.width / 2, b.top + Math.min(b.height / 2, 20));
  return {html: e.outerHTML.slice(0, 100), width: parseFloat(s.outlineWidth), style: s.outlineStyle,
          covered: !!at && !(e.contains(at) || at.contains(e) || e.labels?.[0]?.contains(at))};
}
"""
every_page = pytest.mark.parametrize("known", PAGES, ids=lambda page: page.path)


@every_page
def test_page(web: Web, known: KnownPage, subtests: pytest.Subtests) -> None:
    page = web.kept(known.role)
    answer = page.goto(known.href(web.installation))
    assert answer is not None
    assert answer.status == 200, f"{known.path}: {answer.status}"
    raw, headers = answer.body(), answer.all_headers()
    page.evaluate(Axe().axe_script)
    for scheme, rules in AXE.items():
        page.emulate_media(color_scheme=scheme)
        with subtests.test(f"R01 axe finds nothing, {scheme}"):
            assert page.evaluate(VIOLATIONS, rules) == []
    with subtests.test("R02 headings, landmarks, language and title"):
        levels = page.eval_on_selector_all(
            "h1, h2, h3, h4, h5",
            "all => all.filter(e => !e.closest('dialog')).map(e => Number(e.tagName[1]))",
        )
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise([1, *levels])), levels
        assert page.locator("html[lang=en]").count() == 1
        assert [page.locator(mark).count() for mark in ("header", "main", "footer")] == [1, 1, 1]
        parts = page.title().split(" · ")
        assert len(set(parts)) == len(parts) >= 2
        assert parts[-1] == "Anomaly Detection"
        assert not known.path.startswith("/t/{tenant}") or parts[-2] == "Demo"
    with subtests.test("R08 severity is never colour alone"):
        for badge in page.locator("[data-sev]").all()[:20]:
            text, level = badge.text_content() or "", int(badge.get_attribute("data-sev") or 0)
            assert re.search(r"\d", text), text
            assert re.search("none|low|medium|high|critical", text), text
            assert level < 2 or (badge.locator("svg").count() and re.search(r"\b[MHC]\b", text)), text
    with subtests.test("R12 charts have a name, and a table and a CSV that say the same"):
        for figure in page.locator("figure.chart").all():
            assert figure.locator("figcaption").text_content()
            assert figure.locator("svg:is([role=img], [role=group])[aria-labelledby]").count() == 1
            points = int(figure.get_attribute("data-points") or -1)
            assert figure.locator("tbody tr").count() == points <= 2000
            href = figure.locator("a[href*='chart=']:has-text('CSV')").get_attribute("href")
            assert href
            assert len(page.request.get(href).text().strip().splitlines()) == points + 1
    with subtests.test("R19 what htmx asks for is a link or a form too"):
        lost = page.eval_on_selector_all(
            "[hx-get], [hx-post]",
            "all => all.filter(e => !e.closest('a[href], form[action]')).map(e => e.outerHTML)",
        )
        assert lost == []
    with subtests.test("R20 the same address serves the page and its fragment"):
        swap = {"HX-Request": "true", "HX-Target": "main"}
        fragment = page.request.get(answer.url, headers=swap)
        restored = page.request.get(answer.url, headers=swap | {"HX-History-Restore-Request": "true"})
        assert (fragment.status, restored.status) == (200, 200)
        assert "<html" not in fragment.text()
        assert "<html" in restored.text()
        assert {"HX-Request", "HX-History-Restore-Request"} <= set(fragment.headers["vary"].split(", "))
    with subtests.test("R23 R25 headers and storage"):
        assert headers["content-security-policy"] == POLICY
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "permissions-policy" in headers
        assert headers["cache-control"] == "no-store"
        assert page.evaluate("localStorage.length") == 0
    with subtests.test("R24 nothing is inline"):
        assert re.findall(INLINE, raw.decode()) == []
    with subtests.test("R29 R30 weight"):
        page.wait_for_load_state("load")
        assert len(raw) <= 400_000
        assert len(gzip.compress(raw)) <= 60_000
        assert page.evaluate("document.querySelectorAll('*').length") <= 3000
        first = [url for url in web.asked if "chart=" not in url]
        assert len(first) <= 6, first
        assert all(url.startswith(web.installation.url) for url in web.asked)
    with subtests.test("R07 targets are large enough, or apart"):
        assert page.evaluate(SMALL_TARGETS) == []
    with subtests.test("R03 the first Tab skips to the content"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
    with subtests.test("R04 R05 focus goes in order and is seen"):
        assert page.locator("[tabindex]:not([tabindex='0'], [tabindex='-1'])").count() == 0
        unseen = []
        for _step in range(TABS):
            page.keyboard.press("Tab")
            state = page.evaluate(FOCUSED)
            if state is None:
                break
            if state["width"] < 2 or state["style"] == "none" or state["covered"]:
                unseen.append(state)
        assert unseen == []
    with subtests.test("R11 nothing moves"):
        moving = page.evaluate(
            "document.getAnimations().filter(a => a.effect.getTiming().duration > 0).length"
        )
        assert moving == 0
    with subtests.test("R10 a narrow screen scrolls no page sideways"):
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator(".scroll:not([tabindex='0'])").count() == 0


def test_r29_script_and_style_are_small(web: Web) -> None:
    page = web("")
    sizes = {}
    for name in ("app.css", "app.js", "vendor/htmx-2.min.js", "vendor/hx-sse-2.min.js"):
        answer = page.request.get(f"/static/{name}")
        sizes[name] = len(gzip.compress(answer.body())) if answer.ok else 0
    assert sizes["app.css"] <= 14_000
    assert sizes["app.js"] <= 14_000
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) <= 32_000
