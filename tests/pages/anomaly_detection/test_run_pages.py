"""The list of runs, what is done to one, and a run without a result."""

import csv
import io

import pytest

from core.infrastructure.job_log import LogTail, kept
from tests.pages.anomaly_detection.results import fail
from tests.support.pages import Browser, Pages

BAIT = "<img src=x onerror=alert(1)>"
TRACEBACK = {
    "timestamp": "9:00",
    "level": "error",
    "logger": "core",
    "event": "job_broke",
    "exception": "/srv/x.py",
}


@pytest.fixture(scope="module")
def analyst(browse: Pages) -> Browser:
    return browse("analyst")


@pytest.fixture(scope="module")
def viewer(browse: Pages) -> Browser:
    return browse("viewer")


def run_of(browse: Pages, **body: object) -> str:
    """A run that waits for a worker."""
    asked = {"dataset": browse.acme.ids["dataset"], "algorithm": "hbos"} | body
    return str(browse.acme.owner("POST", "/runs", json=asked).json()["id"])


def test_the_list_names_what_was_searched_and_found(browse: Pages, viewer: Browser) -> None:
    page = viewer.get("/runs").text
    assert "<h1>Runs</h1>" in page
    assert f'data-href="/t/acme/runs/{browse.acme.ids["run"]}"' in page
    assert f"{browse.acme.marker} v1" in page
    assert "New detector" not in page


def test_the_list_comes_as_a_fragment_and_as_twins_with_the_same_ids(browse: Pages, viewer: Browser) -> None:
    fragment = viewer.get("/runs?state=succeeded", fragment="runs").text
    assert "<html" not in fragment
    assert "<table" in fragment
    ids = [row["run"] for row in csv.DictReader(io.StringIO(viewer.get("/runs.csv?state=succeeded").text))]
    assert browse.acme.ids["run"] in ids
    assert [row["run"] for row in viewer.get("/runs.json?state=succeeded").json()["items"]] == ids
    assert all(f'id="{each}"' in fragment for each in ids)


@pytest.mark.parametrize("query", ["dataset=nowhere", "detector=nobody", "model=none:7", "state=cancelled"])
def test_filters_that_hide_every_run_say_so_and_can_be_cleared(
    browse: Pages, viewer: Browser, query: str
) -> None:
    page = viewer.get(f"/runs?{query}").text
    assert 'data-empty="filtered"' in page
    assert "runs match" in page
    assert 'href="/t/acme/runs">Clear filters' in page


def test_no_run_of_another_tenant_is_listed_or_opened(
    browse: Pages, analyst: Browser, viewer: Browser
) -> None:
    theirs = browse.bravo.ids["run"]
    assert theirs not in viewer.get("/runs.csv").text
    for path in (f"/runs/{theirs}", f"/runs/{theirs}/compare", "/runs/run_01J8ZC5QX4T3M6W9K2R7N0B1DG"):
        assert viewer.get(path).status_code == 404
    assert analyst.post(f"/runs/{theirs}/delete").status_code == 404


def test_one_click_finds_anomalies_and_shows_how_far_it_is(browse: Pages, analyst: Browser) -> None:
    page = analyst.follow(analyst.post("/runs", {"dataset": browse.acme.marker}))
    assert page.status_code == 200
    assert "data-job=" in page.text
    assert 'http-equiv="refresh"' in page.text
    assert ">Cancel<" in page.text
    browse.town.work()
    assert "data-job=" not in analyst.client.get(page.url, headers={"Accept": "text/html"}).text


def test_a_run_is_cancelled_retried_and_deleted(browse: Pages, analyst: Browser) -> None:
    run = run_of(browse)
    page = analyst.follow(analyst.post(f"/runs/{run}/cancel")).text
    assert "This run was cancelled" in page
    assert ">Run again<" in page
    page = analyst.follow(analyst.post(f"/runs/{run}/retry")).text
    assert "data-job=" in page
    twice = analyst.post(f"/runs/{run}/retry")
    assert twice.headers["location"] == f"/t/acme/runs/{run}"
    assert analyst.post(f"/runs/{run}/delete", {"version": "99"}).status_code == 412
    assert "The run is deleted." in analyst.follow(analyst.post(f"/runs/{run}/delete")).text
    assert analyst.get(f"/runs/{run}").status_code == 404


def test_a_failed_run_says_why_and_what_to_do(browse: Pages, analyst: Browser, viewer: Browser) -> None:
    run = run_of(browse)
    tail = LogTail()
    tail.step(browse.town.service.storage.clock(), "learning from <b>")
    tail.add(kept(TRACEBACK))
    error = {"code": "no_usable_column", "title": "No column", "detail": "All <b>", "fix": "Vary."}
    job = fail(browse, run, error, tail.lines())
    page = analyst.get(f"/runs/{run}").text
    for text in (page, viewer.get(f"/jobs/{job}").text):
        assert "<summary>Last lines of its log</summary>" in text
        assert "info learning from &lt;b&gt;" in text
        assert "error job_broke</pre>" in text
        assert "/srv/" not in text
    assert "No column" in page
    assert "All &lt;b&gt; Vary." in page
    assert ">Run again<" in page
    assert ">Run again<" not in viewer.get(f"/runs/{run}").text


def test_a_run_that_is_over_is_not_cancelled(browse: Pages, analyst: Browser) -> None:
    page = analyst.follow(analyst.post(f"/runs/{browse.acme.ids['run']}/cancel")).text
    assert "The run was over already." in page


def test_a_finished_run_is_run_again_as_another(browse: Pages, analyst: Browser) -> None:
    answer = analyst.post(f"/runs/{browse.acme.ids['run']}/retry")
    assert answer.status_code == 303
    assert answer.headers["location"] != f"/t/acme/runs/{browse.acme.ids['run']}"


@pytest.mark.parametrize("path", ["/runs", "/runs/{run}/cancel", "/runs/{run}/retry", "/runs/{run}/delete"])
def test_who_may_only_look_changes_nothing(browse: Pages, viewer: Browser, path: str) -> None:
    answer = viewer.post(path.format(run=browse.acme.ids["run"]), {"dataset": browse.acme.marker})
    assert answer.status_code == 403
    assert "analyst" in answer.text


def test_names_of_detectors_are_text(browse: Pages, viewer: Browser) -> None:
    made = {"name": BAIT, "slug": "bait", "algorithm": "hbos", "dataset": browse.acme.ids["dataset"]}
    assert browse.acme.owner("POST", "/detectors", json=made).status_code == 201
    run = str(browse.acme.owner("POST", "/runs", json={"detector": "bait"}).json()["id"])
    for path in ("/runs", f"/runs/{run}", "/detectors", "/detectors/bait", f"/runs?detector={BAIT}"):
        page = viewer.get(path).text
        assert BAIT not in page, path
        assert "&lt;img src=x" in page, path


def test_two_runs_are_compared_row_by_row(browse: Pages, viewer: Browser) -> None:
    other = run_of(browse, algorithm="knn", contamination=0.1)
    browse.town.work()
    page = viewer.get(f"/runs/{browse.acme.ids['run']}/compare").text
    assert f'value="{other}"' in page
    page = viewer.get(f"/runs/{browse.acme.ids['run']}/compare?with={other}").text
    assert "Of 40 rows, both flag" in page
    assert "Rank correlation" in page
    assert "knn" in page
    assert f"/t/acme/runs/{other}/rows/" in page


def test_a_comparison_needs_the_same_rows_and_a_result(browse: Pages, analyst: Browser) -> None:
    run = browse.acme.ids["run"]
    assert analyst.get(f"/runs/{run}/compare?with={browse.bravo.ids['run']}").status_code == 404
    assert analyst.get(f"/runs/{run}/compare?with=nonsense").status_code == 404
    waiting = run_of(browse)
    assert analyst.get(f"/runs/{waiting}/compare").status_code == 409
