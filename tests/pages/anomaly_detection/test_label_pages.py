"""The queue of rows to label, and what was said so far."""

import pytest

from tests.pages.anomaly_detection.results import HOSTILE, Result, ids_of, result_of
from tests.support.pages import Pages


@pytest.fixture(scope="module")
def result(browse: Pages) -> Result:
    return result_of(browse)


def test_the_queue_holds_rows_without_a_label_of_the_newest_run(result: Result) -> None:
    before = result().get("/labels")
    first = ids_of(before.text)[0]
    result.label(first, "true")

    after = result().get("/labels")

    assert before.status_code == 200
    assert f'value="{result.run}" selected' in before.text
    assert first not in ids_of(after.text)


def test_the_queue_of_a_run_goes_on_where_the_page_ends(result: Result) -> None:
    first = result().get(f"/labels?run={result.run}")
    following = first.text.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")

    second = result().get(f"/{following}")

    assert len(ids_of(second.text)) == 50
    assert not set(ids_of(second.text)) & set(ids_of(first.text))


@pytest.mark.parametrize("run", ["run_01J8ZC5QX4T3M6W9K2R7N0B1DG", "nonsense"])
def test_the_queue_of_a_run_that_is_not_there_is_none(result: Result, run: str) -> None:
    assert result().get(f"/labels?run={run}").status_code == 404


def test_a_viewer_sees_the_queue_without_buttons(result: Result) -> None:
    page = result("viewer").get("/labels")

    assert page.status_code == 200
    assert 'name="verdict"' not in page.text


def test_the_history_says_who_said_what_of_which_row(result: Result) -> None:
    result.label(60, "false_positive", note=HOSTILE)

    page = result().get("/labels/history?verdict=false_positive")

    assert HOSTILE not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text
    assert f"{result.path}/rows/60" in page.text
    assert "analyst-" in page.text


def test_the_history_has_twins_with_the_same_rows(result: Result) -> None:
    result.label(61, "bad_data", note="=1+1")

    rows = result().get("/labels/history.json?verdict=bad_data").json()["items"]
    text = result().get("/labels/history.csv?verdict=bad_data").text

    assert [row["row"] for row in rows] == [61]
    assert "'=1+1" in text


def test_a_history_without_a_match_says_so(result: Result) -> None:
    page = result().get("/labels/history?dataset=nowhere")

    assert 'data-empty="filtered"' in page.text
    assert result().get("/labels/history?from=soon").status_code >= 400
    assert result().get("/labels/history?to=9999-12-31").status_code == 200


def test_the_precision_of_what_flags_is_shown_with_its_interval(browse: Pages) -> None:
    result = result_of(browse)
    result.label(7, "true")
    result.label(50, "false_positive")

    page = result().get("/labels/precision")

    assert page.status_code == 200
    assert "hbos, without a detector" in page.text


def test_a_tenant_without_labels_is_told_where_to_begin(browse: Pages) -> None:
    fresh = browse(slug="charlie")

    assert 'data-empty="first-use"' in fresh.get("/labels").text
    assert 'data-empty="first-use"' in fresh.get("/labels/history").text
    assert 'data-empty="first-use"' in fresh.get("/labels/precision").text


@pytest.mark.parametrize("path", ["/labels", "/labels/history", "/labels/precision"])
def test_strangers_are_sent_to_the_log_in(browse: Pages, path: str) -> None:
    assert browse.stranger().get(path).status_code in (303, 401)
