"""What pages say where there is little, or nothing, or something that was meant to do harm: R26, R27, R35, R40."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Request, expect

from core.presentation.look import Look
from interfaces.bootstrap.http import page_routers
from tests.support.web import Installation, Web, ids_of
from tests.ui.desk import Desk, joins, rows_of, until
from tests.ui.pages import PAGES, KnownPage

LOADS = "<img src=x onerror=alert(1)>"
BREAKS = '"><svg onload=alert(1)>'
RENDERS = "{{7*7}}"
COUNTS = "=cmd()"
PAYLOADS = (LOADS, BREAKS, RENDERS, COUNTS)
FIRST_USE = {
    "": "Here you will see what is unusual",
    "datasets": "A dataset is a table whose unusual rows you want to find",
    "runs": "",
    "detectors": "",
    "models": "",
    "labels": "Once a run has found something",
    "labels/history": "",
}
FILTERED = (
    "datasets?q=zzz",
    "runs?state=failed",
    "models?q=zzz",
    "labels/history?from=2020-01-01&to=2020-01-02",
    "datasets/card-payments/rows?where=category:eq:zzz",
)


@pytest.fixture(scope="module")
def newcomer(kept_web: Web) -> Any:
    """Cookies of somebody of the tenant beta, which has nothing."""
    page = joins(kept_web, "beta", "bea@beta.example", "analyst")
    return page.context.cookies()


@pytest.mark.parametrize("path", FIRST_USE)
def test_r35_e0_of_a_tenant_without_data_says_what_will_be_here(web: Web, newcomer: Any, path: str) -> None:
    page = web("")
    page.context.add_cookies(newcomer)
    page.goto(f"/t/beta/{path}")
    empty = page.locator("main [data-empty]")
    expect(empty).to_have_count(1)
    expect(empty).to_have_attribute("data-empty", "first-use")
    assert FIRST_USE[path] in str(page.locator("main").text_content())
    assert page.locator("main [data-empty] a, main [data-empty] button").count() >= 1


@pytest.mark.parametrize("path", FILTERED)
def test_r35_e3_says_that_filters_hide_what_there_is(web: Web, path: str) -> None:
    with web.installation.api() as api:
        api.put(f"/runs/{web.installation.ids['run']}/rows/2999/label", json={"verdict": "true"})
    page = web("analyst")
    page.goto(f"/t/demo/{path}")
    empty = page.locator("main [data-empty=filtered]")
    expect(empty).to_have_count(1)
    assert re.search(r"\b0 of [\d,]+\b|No \w+ (name )?(has|match)", empty.inner_text()), empty.inner_text()
    empty.get_by_role("link", name=re.compile("Clear")).first.click()
    expect(page.locator("main [data-empty=filtered]")).to_have_count(0)


def test_r35_e2_of_a_run_that_found_nothing_shows_the_proof(web: Web, desk: Desk) -> None:
    rows = "flow,heat\n" + "".join(f"{20 + n % 37 / 10},{60 + n % 23 / 10}\n" for n in range(300))
    run = desk.run(desk.dataset("Meters without faults", rows.encode()), algorithm="ecod")
    with desk.at.api() as api:
        version = api.get(f"/runs/{run}").headers["etag"]
        moved = api.put(f"/runs/{run}/threshold", json={"alert_rate": 1e-9}, headers={"If-Match": version})
        assert moved.json()["anomalies"] == 0, moved.text
    page = web("analyst")
    page.goto(f"/t/demo/runs/{run}")
    empty = page.locator("main [data-empty=healthy]")
    expect(empty).to_contain_text("300 rows checked, 0 anomalies")
    expect(page.locator("#chart figure.chart svg")).to_be_visible()
    empty.get_by_role("link", name="Lower the score filter").click()
    expect(page).to_have_url(re.compile("min_score=50"))


def test_r35_e4_of_a_run_that_failed_names_the_cause_and_the_way_on(web: Web, desk: Desk) -> None:
    dataset = desk.dataset("Meters that stand still", b"flow,heat\n" + b"20.5,60\n" * 300)
    with desk.at.api() as api:
        run = api.post("/runs", json={"dataset": dataset, "algorithm": "hbos"}).json()["id"]
        until(lambda: api.get(f"/runs/{run}").json()["state"] == "failed")
    page = web("analyst")
    page.goto(f"/t/demo/runs/{run}")
    broken = page.locator("main [data-empty=stale]")
    expect(broken).to_contain_text("No column can be used")
    expect(broken).to_contain_text("constant: 20.5 in every row")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    expect(page.locator("main [data-empty]")).to_have_count(1)


# R40


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 Oct 2026 02:30"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 Oct 2026 02:30"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "25 Oct 2026 03:30"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "29 Mar 2026 01:59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "29 Mar 2026 03:00"),
    ],
)
def test_r40_moments_of_the_days_with_23_and_25_hours(at: datetime, shown: str) -> None:
    moment = Look(zone="Europe/Berlin").moment(at)
    assert moment.shown == shown
    assert moment.iso == f"{at:%Y-%m-%dT%H:%M:%SZ}"


def test_r40_another_zone_changes_texts_and_no_datetime(web: Web) -> None:
    page = web("scientist")

    def times(path: str) -> list[tuple[str, str]]:
        page.goto(path)
        return [
            (str(each.get_attribute("datetime")), each.inner_text())
            for each in page.locator("main tbody time").all()
        ]

    paths = ("/t/demo/runs", "/t/demo/datasets", "/t/demo/jobs")
    before = {path: times(path) for path in paths}
    page.goto("/account")
    page.select_option("[name=zone]", "Asia/Kolkata")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("footer")).to_contain_text("Times in Asia/Kolkata")
    for path, utc in before.items():
        local = times(path)
        assert utc
        assert [iso for iso, _ in local] == [iso for iso, _ in utc]
        assert all(iso.endswith("Z") for iso, _ in local)
        assert all(one != other for (_, one), (_, other) in zip(local, utc, strict=True))


def lists() -> Iterator[KnownPage]:
    paths = {getattr(route, "path", "") for router in page_routers() for route in router.routes}
    return (page for page in PAGES if f"{page.path}.json" in paths)


@pytest.mark.parametrize("known", list(lists()), ids=lambda known: known.path)
def test_r40_a_list_and_its_twins_have_the_same_rows(web: Web, known: KnownPage) -> None:
    page = web(known.role)
    href = known.href(web.installation)
    page.goto(href)
    if page.locator("main [data-empty]").count():
        assert page.request.get(f"{href}.json").json()["items"] == []
        return
    pager = page.locator("main [id$=_pager]")
    twins = [
        str(pager.get_by_role("link", name=name, exact=True).get_attribute("href"))
        for name in ("CSV", "JSON")
    ]
    table = str(pager.first.get_attribute("id")).removesuffix("_pager")
    rows = page.locator(f"#{table}_body tr")
    texts = [(str(row.get_attribute("id")), row.inner_text()) for row in rows.all()]
    as_csv, as_json = (page.request.get(href).text() for href in twins)
    records = list(csv.DictReader(io.StringIO(as_csv)))
    items = json.loads(as_json)["items"]
    assert [list(each) for each in items] == [list(each) for each in records]
    assert len(items) == len(records) >= len(texts) > 0
    for (row_id, text), item in zip(texts, items, strict=False):
        told = [str(value) for value in item.values() if value not in (None, "")]
        assert row_id in told or any(value in text for value in told if len(value) > 2), (row_id, item)


# R26


def test_r26_a_form_without_its_token_is_refused_in_place(web: Web, desk: Desk) -> None:
    run = web.installation.ids["run"]
    page = web("analyst")
    page.goto(f"/t/demo/runs/{run}")
    form = page.locator("#rows form.answers").first
    number = str(rows_of(page).first.get_attribute("id")).removeprefix("row-")
    history = f"/runs/{run}/rows/{number}/label/history"
    before = desk.get(history)
    page.evaluate("document.body.setAttribute('hx-headers', '{}')")
    form.locator("[name=csrf]").evaluate("field => { field.value = 'guessed'; }")
    form.locator("button").first.click()
    alert = page.locator("main [role=alert]")
    expect(alert).to_contain_text("This form is too old, or of another site")
    expect(alert.locator("code")).to_have_text(re.compile(r"\w{8,}"))
    plain = page.request.post(str(form.get_attribute("action")), form={"verdict": "true"})
    assert plain.status == 403
    fragment = page.request.post(
        str(form.get_attribute("action")), form={"verdict": "true"}, headers={"HX-Request": "true"}
    )
    assert fragment.status == 403
    assert "<html" not in fragment.text()
    assert desk.get(history) == before
    assert [each for each in web.complaints if "403" not in each] == []
    web.complaints.clear()


# R27


@dataclass(frozen=True, slots=True)
class Hostile:
    """A tenant whose names are all meant to do harm."""

    at: Installation
    run: str
    dataset: str
    cookies: Any

    def hrefs(self) -> Iterator[str]:
        run, dataset = f"/t/hostile/runs/{self.run}", f"/t/hostile/datasets/{self.dataset}"
        yield from (
            known.href(self.at)
            for known in PAGES
            if known.path.startswith("/t/{tenant}/") and "models/" not in known.path
        )
        yield from (f"{run}?row=0", f"{run}?min_score=0", f"{run}/rows/0", f"{run}/label?row=0:", dataset)
        yield from (f"{dataset}?col={n}" for n in ("flow", *map(quote, PAYLOADS)))


@pytest.fixture(scope="module")
def hostile(installation: Installation, kept_web: Web) -> Hostile:
    installation.run("tenant", "create", "hostile", "--plan", "enterprise")
    words = ("-t", "hostile", "--name", LOADS, "--scope", "ingest,read,label,manage", "-o", "json")
    key = installation.run("key", "create", *words).document["key"]
    at = replace(installation, key=key)
    desk = Desk(at)
    for name in (BREAKS, RENDERS, COUNTS):
        desk.dataset(name, b"flow,heat\n1,2\n3,4\n")
    dataset = desk.dataset(LOADS, _hostile_csv())
    run = desk.run(dataset, algorithm="ecod", contamination=0.1)
    with at.api() as api:
        for place, note in enumerate(PAYLOADS):
            label = api.put(f"/runs/{run}/rows/{place}/label", json={"verdict": "true", "note": note})
            assert label.status_code < 300, label.text
            body = {"name": note, "description": note, "dataset": dataset, "algorithm": "hbos"}
            made = api.post("/detectors", json=body)
            assert made.status_code < 300, made.text
    member = joins(kept_web, "hostile", "mallory@hostile.example", "tenant_admin")
    ids = ids_of(installation.url, key) | {"tenant": "hostile", "run": run, "dataset": dataset}
    return Hostile(replace(at, ids=ids), run, dataset, member.context.cookies())


def _hostile_csv() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["flow", *PAYLOADS])
    for row in range(120):
        flow, loads = (row % 7, row % 11) if row > 3 else (900, -900)
        writer.writerow([flow, loads, *(PAYLOADS[(row + n) % 4] for n in range(3))])
    return out.getvalue().encode()


def test_r27_stored_payloads_are_text_on_every_page(web: Web, hostile: Hostile) -> None:
    page = web("")
    page.context.add_cookies(hostile.cookies)
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    seen: dict[str, set[str]] = {words: set() for words in PAYLOADS}
    for href in hostile.hrefs():
        answer = page.goto(href)
        assert answer is not None
        assert answer.status == 200, f"{href}: {answer.status}"
        assert page.locator("img, svg[onload], [onerror]").count() == 0, href
        text = page.locator("body").inner_text()
        assert "49" not in re.findall(r"(?<![\d.,:])49(?![\d.,:])", text) or RENDERS in text, href
        for words in PAYLOADS:
            if words in text:
                seen[words].add(href.partition("?")[0])
    for words, pages in seen.items():
        assert len(pages) >= 5, (words, pages)
    assert [url for url in asked if url.endswith("/x")] == []


def test_r27_charts_take_names_as_text(web: Web, hostile: Hostile) -> None:
    page = web("")
    page.context.add_cookies(hostile.cookies)
    page.goto(f"/t/hostile/datasets/{hostile.dataset}?col={quote(LOADS)}")
    expect(page.locator("#column figcaption")).to_contain_text(LOADS)
    assert page.locator("#column svg title").count() > 0
    assert page.locator("#column svg title *").count() == 0
    text = page.request.get(str(page.locator("#column a[href*='chart=']").first.get_attribute("href"))).text()
    assert not [cell for row in csv.reader(io.StringIO(text)) for cell in row if cell.startswith("=")]


@pytest.mark.parametrize("path", ["datasets", "labels/history"])
def test_r27_files_for_spreadsheets_carry_no_formula(web: Web, hostile: Hostile, path: str) -> None:
    page = web("")
    page.context.add_cookies(hostile.cookies)
    text = page.request.get(f"/t/hostile/{path}.csv").text()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{COUNTS}" in cells
    assert not [cell for cell in cells if cell.startswith("=")]
    assert LOADS in cells


def test_r27_rows_of_a_run_as_a_file_carry_no_formula(web: Web, hostile: Hostile) -> None:
    page: Page = web("")
    page.context.add_cookies(hostile.cookies)
    text = page.request.get(f"/t/hostile/runs/{hostile.run}/export?format=csv&min_score=0").text()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert f"'{COUNTS}" in cells
    assert not [cell for cell in cells if cell.startswith("=")]
