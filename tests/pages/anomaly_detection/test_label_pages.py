"""The queue of rows to label, and what was said so far."""

import csv
import io
import re

import pytest

from tests.pages.anomaly_detection.results import HOSTILE, Result, places_of, result_of
from tests.support.belongings import made
from tests.support.pages import Pages


@pytest.fixture(scope="module")
def result(browse: Pages) -> Result:
    return result_of(browse)


def test_the_queue_holds_rows_of_every_dataset_that_nobody_has_labelled(
    result: Result, browse: Pages
) -> None:
    other = result_of(browse)
    before = places_of(result().get("/labels?limit=500").text)
    first = next(row for run, row in before if run == result.run)
    result.label(first, "true")

    after = places_of(result().get("/labels?limit=500").text)

    assert {result.run, other.run} <= {run for run, _ in before}
    assert (result.run, first) in before
    assert (result.run, first) not in after


def test_the_queue_of_a_run_goes_on_where_the_page_ends(result: Result) -> None:
    first = result().get(f"/labels?run={result.run}")
    following = first.text.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")

    second = result().get(f"/{following}")

    assert len(places_of(second.text)) == 50
    assert {run for run, _ in places_of(second.text)} == {result.run}
    assert not set(places_of(second.text)) & set(places_of(first.text))


def test_the_queue_of_a_detector_holds_its_rows_alone(result: Result) -> None:
    owner = result.browse.acme.owner
    body = {"name": "Queued", "dataset": result.dataset, "algorithm": "ecod", "contamination": 0.02}
    detector = made(owner("POST", "/detectors", json=body))
    run = made(owner("POST", "/runs", json={"detector": detector}))
    result.browse.town.work()

    page = result().get("/labels?detector=queued")

    assert {found for found, _ in places_of(page.text)} == {run}
    nobody = result().get("/labels?detector=nobody")
    assert (nobody.status_code, "There is no such detector" in nobody.text) == (404, True)


def test_a_label_is_given_in_the_queue_without_leaving_it(result: Result) -> None:
    page = result().get(f"/labels?run={result.run}").text
    run, row = places_of(page)[0]
    target = result.answers(row)

    answer = result().post(
        f"/runs/{run}/rows/{row}/label", {"verdict": "unsure", "version": ""}, fragment=target
    )

    assert f'id="{target}"' in answer.text
    assert ">Undo" in answer.text


def test_the_queue_has_twins_and_an_api_with_the_same_rows(result: Result) -> None:
    page = places_of(result().get("/labels?detector=-&limit=500").text)
    rows = result().get("/labels.json?detector=-").json()["items"]
    listed = result.browse.acme.owner("GET", "/labels/queue?detector=-&limit=500").json()["items"]

    places = [(each["run"], each["row"]) for each in rows]
    assert page == places[: len(page)] != []
    assert places[:500] == [(each["run"], each["row"]) for each in listed]
    assert len(set(places)) == len(places)
    assert '<option value="-" selected>No detector' in result().get("/labels?detector=-").text
    assert "reason" in result().get(f"/labels.csv?run={result.run}").text.split("\n")[0]


def test_rows_of_a_deleted_dataset_leave_the_queue_at_once_and_their_run_stays(browse: Pages) -> None:
    result = result_of(browse)
    owner = browse.acme.owner
    queue, of_run = "/labels/queue?limit=500", f"/labels/queue?run={result.run}&count=exact"
    result.label(7, "true")
    before = result().get("/labels.csv").text
    assert owner("GET", of_run).json()["total"] > 0

    assert owner("DELETE", f"/datasets/{result.dataset}").status_code == 204

    assert result.run in before
    assert result.run not in result().get("/labels.csv").text
    assert result.run not in result().get("/labels.json").text
    assert result.run not in {run for run, _ in places_of(result().get("/labels?limit=500").text)}
    assert result.run not in {each["run"] for each in owner("GET", queue).json()["items"]}
    listed = owner("GET", of_run).json()
    assert (listed["items"], listed["total"]) == ([], 0)
    assert "its dataset is deleted" in result().get(f"/labels?run={result.run}").text
    assert result.history(7) == ["true"]
    assert result().get(result.path).status_code == 200


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

    listed = [row["row"] for row in rows]
    assert 61 in listed
    assert [int(row["row"]) for row in csv.DictReader(io.StringIO(text))] == listed
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
    assert 'data-empty="learning"' in page.text
    assert re.search(r"\d+ of 30 labels", page.text)


def test_a_tenant_without_labels_is_told_where_to_begin(browse: Pages) -> None:
    fresh = browse(slug="charlie")

    assert 'data-empty="first-use"' in fresh.get("/labels").text
    assert 'data-empty="first-use"' in fresh.get("/labels/history").text
    assert 'data-empty="first-use"' in fresh.get("/labels/precision").text


@pytest.mark.parametrize("path", ["/labels", "/labels/history", "/labels/precision"])
def test_strangers_are_sent_to_the_log_in(browse: Pages, path: str) -> None:
    assert browse.stranger().get(path).status_code in (303, 401)
