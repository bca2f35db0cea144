"""R18: all that people do, with JavaScript off."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.web import Web
from tests.ui.desk import asked_of, heading, is_told, labels_of, meters_csv, reload_until, rows_of


def test_r18_from_log_in_to_sign_out_without_javascript(web: Web, tmp_path: Path) -> None:
    page = web("", java_script_enabled=False)
    _signs_in(web, page)
    _uploads(page, tmp_path)
    _runs(page)
    _filters_and_pages(page)
    row = _opens_and_labels(page)
    _moves_the_threshold_and_back(page)
    _finds_the_label(page, row)
    page.locator("summary", has_text="Analyst").click()
    page.get_by_role("button", name="Sign out").click()
    expect(heading(page)).to_have_text("Sign in")
    page.goto("/t/demo/runs")
    expect(heading(page)).to_have_text("Sign in")


def _signs_in(web: Web, page: Page) -> None:
    page.goto("/login")
    page.fill("[name=email]", "analyst@demo.example")
    page.fill("[name=password]", web.installation.password)
    page.get_by_role("button", name="Sign in").click()
    expect(heading(page)).to_have_text("Overview")


def _uploads(page: Page, folder: Path) -> None:
    (folder / "meters.csv").write_bytes(meters_csv())
    page.goto("/t/demo/datasets")
    page.get_by_role("link", name="Upload a file").click()
    page.set_input_files("[name=file]", folder / "meters.csv")
    page.fill("[name=name]", "Meters without script")
    page.get_by_role("button", name="Read the rows").click()
    expect(heading(page)).to_have_text("Columns of Meters without script")
    expect(page.locator("#schema tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Confirm").click()
    expect(heading(page)).to_have_text("Meters without script")
    reload_until(page, page.locator("#columns tbody tr"))
    expect(page.locator("#columns tbody tr")).to_have_count(3)


def _runs(page: Page) -> None:
    page.get_by_role("button", name="Find anomalies").click()
    reload_until(page, page.locator("#answer"))
    expect(page.locator("#answer")).to_contain_text("of 1,500 rows")


def _filters_and_pages(page: Page) -> None:
    page.fill("[name=min_score]", "0")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#anomalies_pager")).to_contain_text("1,500 rows match")
    first = rows_of(page).first.get_attribute("id")
    page.locator("[rel=next]").click()
    expect(page).to_have_url(re.compile("cursor="))
    assert rows_of(page).first.get_attribute("id") != first
    page.get_by_role("link", name="First page").click()
    assert rows_of(page).first.get_attribute("id") == first
    page.get_by_role("link", name="Clear filters").first.click()
    page.locator("#facets a", has_text="harbour").click()
    assert ("facet", "site:harbour") in asked_of(page)
    expect(page.locator("#chips")).to_contain_text("site: harbour")


def _opens_and_labels(page: Page) -> str:
    link = rows_of(page).first.locator("td a").first
    row = str(link.text_content())
    link.click()
    expect(page.locator("#row-title")).to_contain_text("Why this row scores")
    page.fill("[name=note]", "a meter was changed")
    page.locator("#row_label").get_by_role("button", name="False positive").click()
    is_told(page, f"Row {row}: false positive.")
    expect(labels_of(page)).to_have_count(1)
    return row


def _moves_the_threshold_and_back(page: Page) -> None:
    page.goto(page.url.partition("?")[0])
    before = str(page.locator("#answer").text_content())
    page.fill("[name=min_score]", "99")
    page.get_by_role("button", name="Show", exact=True).click()
    page.get_by_role("button", name="Make it the threshold").click()
    is_told(page, "Threshold moved:")
    assert page.locator("#answer").text_content() != before
    page.get_by_role("button", name="Undo the last move").click()
    is_told(page, "Threshold moved:")
    expect(page.locator("#answer")).to_have_text(before)


def _finds_the_label(page: Page, row: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Labels").click()
    page.get_by_role("link", name="History").click()
    label = page.locator("tbody tr", has_text="a meter was changed")
    expect(label).to_contain_text(row)
    expect(label).to_contain_text("false positive")
