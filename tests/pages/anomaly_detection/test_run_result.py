"""The page of a run's result."""

import csv
import io
from xml.etree import ElementTree

import pytest

from anomaly_detection.api import Runs
from anomaly_detection.application.runs.finished_runs import result_file
from anomaly_detection.domain.ids import RunId
from core.application.files import FileKind
from core.domain.public_ids import parsed
from tests.pages.anomaly_detection.results import (
    HOSTILE,
    PLANTED,
    ROWS,
    Result,
    fail,
    field_of,
    ids_of,
    result_of,
)
from tests.support.belongings import made
from tests.support.pages import Pages


@pytest.fixture(scope="module")
def result(browse: Pages) -> Result:
    return result_of(browse)


def test_the_page_answers_first_and_lists_the_flagged_rows(result: Result) -> None:
    page = result().get(result.path)

    assert page.status_code == 200
    assert f"3 of {ROWS} rows (1.5 %) score 80 or more." in page.text
    assert sorted(ids_of(page.text)) == list(PLANTED)
    assert 'data-points="50"' in page.text


def test_values_are_text_never_markup(result: Result) -> None:
    page = result().get(f"{result.path}?row=7&cols=site")

    assert HOSTILE not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text


def test_the_slider_swaps_every_part_that_depends_on_it(result: Result) -> None:
    fragment = result().get(f"{result.path}?min_score=50", fragment="answer")

    assert "<html" not in fragment.text
    for part in ("chart", "rows", "facets", "effect", "chips", "exports", "chooser"):
        assert f'id="{part}"' in fragment.text
    assert fragment.text.count('hx-swap-oob="true"') == 7


def test_a_value_swaps_the_rows_and_what_speaks_of_the_filters(result: Result) -> None:
    page = result().get(f"{result.path}?row=7").text
    link = next(each for each in page.split("<a ") if 'id="facet-0_1"' in each)
    href = link.split('href="')[1].split('"')[0].replace("&amp;", "&")

    rows = result().get(f"/{href}", fragment="rows")

    assert 'hx-target="#rows"' in link
    assert f'hx-get="{link.split("href=")[1].split(chr(34))[1]}"' in link
    assert "<html" not in rows.text
    assert 'id="chart"' not in rows.text
    for part in ("chips", "facets", "kept", "exports", "drawer"):
        assert f'id="{part}"' in rows.text
    assert 'aria-current="true"' in rows.text
    assert "Why this row scores" not in rows.text


def test_another_order_swaps_the_rows_and_leaves_the_open_row_alone(result: Result) -> None:
    rows = result().get(f"{result.path}?sort=row&row=7", fragment="rows")

    assert ids_of(rows.text) == sorted(PLANTED)
    assert 'id="drawer"' not in rows.text


def test_another_score_says_what_it_would_do_as_the_threshold(result: Result) -> None:
    page = result().get(f"{result.path}?min_score=79.9")

    assert "As the threshold, 79.9 would flag" in page.text
    assert "Make it the threshold" in page.text


def test_rows_are_narrowed_to_a_value_that_they_share(result: Result) -> None:
    page = result().get(result.path, params={"facet": f"site:{HOSTILE}"})

    assert sorted(ids_of(page.text)) == list(PLANTED)


def test_the_chip_of_a_range_is_short_and_says_all_of_it_to_the_pointer(result: Result) -> None:
    page = result().get(f"{result.path}?facet=flow:20..98765")

    assert ">flow: 20 to 98,765 " in page.text
    assert 'title="flow: 20..98765"' in page.text


def test_a_drawing_stands_alone_as_svg(result: Result) -> None:
    answer = result().get(f"{result.path}?chart=scores.svg")

    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"] == 'attachment; filename="scores.svg"'
    root = ElementTree.fromstring(answer.text)  # noqa: S314 - of our own making
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert ".chart .bar" in (root[0].text or "")


def test_filters_that_leave_nothing_say_so_and_can_be_cleared(result: Result) -> None:
    page = result().get(f"{result.path}?facet=site:north")

    assert 'data-empty="filtered"' in page.text
    assert "0 of 3 flagged rows match" in page.text
    assert "Clear filters" in page.text


@pytest.mark.parametrize(
    "query", ["facet=site", "facet=nowhere:1", "facet=flow:soon", "min_score=101", "x=1"]
)
def test_queries_that_mean_nothing_are_refused(result: Result, query: str) -> None:
    assert result().get(f"{result.path}?{query}").status_code == 400


def test_an_emptied_score_is_the_threshold(result: Result) -> None:
    assert len(ids_of(result().get(f"{result.path}?min_score=").text)) == 3


def test_more_rows_come_without_the_page_around_them(result: Result) -> None:
    first = result().get(f"{result.path}?min_score=0")
    following = first.text.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")

    more = result().get(f"/{following}", fragment="anomalies_body")

    assert "<html" not in more.text
    assert len(ids_of(more.text)) == 50
    assert not set(ids_of(more.text)) & set(ids_of(first.text))
    assert 'id="anomalies_pager"' in more.text


def test_a_file_holds_the_rows_of_the_filter_and_no_formula(result: Result) -> None:
    answer = result().get(f"{result.path}/export?format=csv&min_score=80")

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 3
    assert {row["site"] for row in rows} == {HOSTILE}


def test_a_viewer_sees_no_form_that_changes_anything(result: Result) -> None:
    page = result("viewer").get(f"{result.path}?min_score=90&row=7")

    assert page.status_code == 200
    assert "Make it the threshold" not in page.text
    assert 'name="verdict"' not in page.text
    assert (
        result("viewer").post(f"{result.path}/threshold", {"score": "90", "version": "1"}).status_code == 403
    )


def test_of_a_deleted_dataset_the_name_stays_and_no_run_is_offered(browse: Pages) -> None:
    result = result_of(browse)
    kept = result().get(result.path).text
    failed = made(browse.acme.owner("POST", "/runs", json={"dataset": result.dataset, "algorithm": "hbos"}))
    fail(browse, failed, {"code": "rows_lost", "title": "No rows"})
    slug = str(browse.acme.owner("GET", f"/datasets/{result.dataset}").json()["slug"])
    assert browse.acme.owner("DELETE", f"/datasets/{result.dataset}").status_code == 204

    pages = [result().get(path).text for path in (result.path, f"/runs/{failed}")]

    assert f'href="/t/acme/datasets/{slug}"' in kept
    assert ">Run again<" in kept
    for page in pages:
        assert f"{slug} v1 (deleted)" in page
        assert f'href="/t/acme/datasets/{slug}' not in page
        assert ">Run again<" not in page


def test_the_threshold_moves_and_moves_back(browse: Pages) -> None:
    result = result_of(browse)
    page = result().get(f"{result.path}?min_score=99.9").text
    move = {"score": "99.9", "version": field_of(page, "version")}

    after = result().follow(result().post(f"{result.path}/threshold", move))

    assert "Threshold moved: 0 rows are flagged now, 3 before." in after.text
    assert 'data-empty="healthy"' in after.text
    assert f"{ROWS} rows checked, 0 anomalies" in after.text
    assert "Open a row" not in after.text
    assert "Label chosen rows" not in after.text
    assert 'id="scores"' in after.text
    undo = {"undo": "yes", "version": field_of(after.text.split('name="undo"')[1], "version")}
    back = result().follow(result().post(f"{result.path}/threshold", undo))
    assert sorted(ids_of(back.text)) == list(PLANTED)


def test_two_who_move_the_threshold_at_once_are_told(browse: Pages) -> None:
    result = result_of(browse)
    version = field_of(result().get(f"{result.path}?min_score=70").text, "version")
    assert result().post(f"{result.path}/threshold", {"score": "70", "version": version}).status_code == 303

    late = result("data_scientist").post(f"{result.path}/threshold", {"score": "75", "version": version})

    assert late.status_code == 409
    assert "It was changed since you read it" in late.text
    assert 'id="answer"' in late.text


def test_a_run_of_another_tenant_is_none(result: Result, browse: Pages) -> None:
    other = browse(slug="bravo")

    assert other.get(result.path).status_code == 404
    assert other.get(f"{result.path}/rows/7").status_code == 404
    assert other.post(f"{result.path}/rows/7/label", {"verdict": "true"}).status_code == 404


def test_a_chart_the_page_does_not_have_is_not_found(result: Result) -> None:
    answer = result().get(f"{result.path}?chart=nonsense")

    assert answer.status_code == 404
    assert "The page has no such chart" in answer.text


@pytest.mark.parametrize(("sort", "header", "turned"), [("-score", "Score", "score"), ("row", "Row", "-row")])
def test_the_header_in_force_turns_the_order_round(
    result: Result, sort: str, header: str, turned: str
) -> None:
    page = result().get(f"{result.path}?sort={sort}").text
    link = page.split("aria-sort=")[1].split("</th>")[0]
    assert f">{header}</a>" in link
    assert f"?sort={turned}" in link

    other = result().get(f"{result.path}?sort={turned}").text

    assert ids_of(other) == ids_of(page)[::-1]
    assert 'aria-sort="ascending"' in page + other
    assert 'aria-sort="descending"' in page + other


def test_the_map_shows_where_the_flagged_rows_lie(result: Result) -> None:
    page = result("viewer").get(f"{result.path}/map").text
    assert "3 flagged rows among 197 others." in page
    assert "of the variance of 2 numeric columns" in page
    assert page.count('class="marker') == 3
    assert f'href="/t/acme{result.path}/rows/7" aria-label="Row 7, score' in page
    assert result().get(f"{result.path}/map?chart=map").text.startswith("flagged row,axis 1")
    fragment = result().get(f"{result.path}/map", fragment="map_of_rows").text
    assert fragment.strip().startswith('<div id="map_of_rows"')
    assert f'hx-get="/t/acme{result.path}/map"' in result().get(result.path).text


def test_a_result_that_is_gone_has_no_map_and_says_so(browse: Pages) -> None:
    result = result_of(browse)
    service, tenant_id, run_id = browse.town.service, browse.acme.owner.tenant_id, parsed("run", result.run)
    assert run_id is not None
    stored = service.bundles[Runs].queries.finished(tenant_id, RunId(run_id))
    service.files.delete(tenant_id, FileKind.RESULTS, result_file(stored.file))

    page = result().get(f"{result.path}/map")

    assert page.status_code == 200
    assert "Its file is gone or damaged. Restore it from a backup, or run again." in page.text
    assert "<svg viewBox" not in page.text.split("<main")[1]
