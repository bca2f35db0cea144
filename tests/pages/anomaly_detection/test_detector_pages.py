"""Detectors: the list, one of them, and the wizard that makes, copies and changes them."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from people_ops.domain.permissions import Role
from tests.pages.anomaly_detection.results import fail
from tests.support.pages import Browser, Pages

BAIT = '"><svg onload=alert(1)>'


@pytest.fixture(scope="module")
def analyst(browse: Pages) -> Browser:
    return browse("analyst")


@pytest.fixture(scope="module")
def viewer(browse: Pages) -> Browser:
    return browse("viewer")


def made(browse: Pages, name: str, **body: object) -> str:
    """A detector's slug."""
    asked = {"name": name, "algorithm": "hbos", "dataset": browse.acme.marker} | body
    return str(browse.acme.owner("POST", "/detectors", json=asked).json()["slug"])


def test_a_detector_shows_how_it_searches_and_what_it_found(
    browse: Pages, analyst: Browser, viewer: Browser
) -> None:
    slug = made(browse, "Slow pumps", contamination=0.1)
    assert 'data-empty="first-use"' in viewer.get(f"/detectors/{slug}").text
    analyst.post("/runs", {"detector": slug})
    browse.town.work()
    page = viewer.get(f"/detectors/{slug}").text
    assert "<h1>Slow pumps</h1>" in page
    assert "10 % of the rows" in page
    assert 'id="volume"' in page
    assert "Run now" not in page
    assert "Delete" not in page
    assert viewer.get(f"/detectors/{slug}?chart=volume").text.startswith("Run of,Anomalies,Rows")
    rows = viewer.get("/detectors.json").json()["items"]
    [row] = [each for each in rows if each["detector"] == slug]
    assert (row["dataset"], row["state"]) == (browse.acme.marker, "succeeded")
    fragment = viewer.get("/detectors", fragment="detectors").text
    assert "Slow pumps" in fragment
    assert "<html" not in fragment


def test_a_detector_runs_on_its_own_dataset_among_others(browse: Pages, analyst: Browser) -> None:
    other = browse.acme.owner("POST", "/datasets", json={"name": "Not for pumps"}).json()["slug"]
    slug = made(browse, "Own pumps")
    page = analyst.get(f"/detectors/{slug}").text
    assert f'name="dataset" value="{browse.acme.marker}"' in page
    assert other not in page


def test_a_detector_is_deleted_and_its_runs_stay(browse: Pages, analyst: Browser, viewer: Browser) -> None:
    slug = made(browse, "Gone soon")
    run = analyst.post("/runs", {"detector": slug}).headers["location"]
    assert viewer.post(f"/detectors/{slug}/delete").status_code == 403
    assert analyst.post(f"/detectors/{slug}/delete", {"version": "7"}).status_code == 412
    assert "Its runs stay." in analyst.follow(analyst.post(f"/detectors/{slug}/delete")).text
    assert analyst.get(f"/detectors/{slug}").status_code == 404
    assert "deleted detector" in analyst.get(run.removeprefix("/t/acme")).text


def test_another_tenants_detector_is_not_there(browse: Pages, analyst: Browser) -> None:
    theirs = browse.bravo.ids["detector"]
    assert analyst.get(f"/detectors/{theirs}").status_code == 404
    assert analyst.get(f"/detectors/new?edit={theirs}").status_code == 404
    assert analyst.get(f"/detectors/new?dataset={browse.bravo.marker}").status_code == 404
    assert analyst.post("/detectors/new", {"edit": theirs, "name": "Mine"}).status_code == 404
    assert browse.bravo.marker not in analyst.get("/detectors.csv").text


@pytest.mark.parametrize("path", ["/detectors/new", "/detectors/new?step=sensitivity&preview=yes"])
def test_who_may_only_look_makes_none(viewer: Browser, path: str) -> None:
    assert viewer.get(path).status_code == 403
    assert viewer.post("/detectors/new", {"name": "Mine"}).status_code == 403


def test_the_wizard_leads_from_data_to_a_run(browse: Pages, analyst: Browser) -> None:
    marker = browse.acme.marker
    assert f'<option value="{marker}"' in analyst.get("/detectors/new").text
    page = analyst.get(f"/detectors/new?dataset={marker}").text
    assert "Recommended: there is nothing to set" in page
    assert 'value="heat" checked' in page
    forest = {"algorithm": "isolation_forest", "of": "isolation_forest", "p.n_estimators": "30"}
    state = {"dataset": marker, "cut": "5"} | forest
    page = analyst.get(f"/detectors/new?{urlencode(state | {'step': 'sensitivity', 'preview': 'yes'})}").text
    assert re.search(r"Would flag [1-4] of 40 rows", page)
    assert 'name="p.n_estimators" value="30"' in page
    page = analyst.get(f"/detectors/new?{urlencode(state | {'step': 'name'})}").text
    assert f"Isolation forest on {marker}" in page
    answer = analyst.post("/detectors/new", state | {"name": "Odd pumps", "then": "run"})
    assert "/runs/run_" in answer.headers["location"]
    stored = browse.acme.owner("GET", "/detectors/odd-pumps").json()["configuration"]
    assert (stored["algorithm"], stored["params"], stored["contamination"]) == (
        "isolation_forest",
        {"n_estimators": 30},
        0.05,
    )


def test_columns_left_as_they_are_offered_are_no_choice(browse: Pages, analyst: Browser) -> None:
    state = {"dataset": browse.acme.marker, "algorithm": "auto", "of": "auto"}
    page = analyst.get(f"/detectors/new?{urlencode(state | {'step': 'method'})}").text
    offered = re.findall(r'name="column" value="([^"]+)" checked', page)
    assert offered
    sent = urlencode(state | {"column": offered, "step": "sensitivity", "preview": "yes"}, doseq=True)
    assert analyst.get(f"/detectors/new?{sent}").text.count('name="column"') == len(offered)
    analyst.post("/detectors/new", state | {"column": offered, "name": "All of it"})
    stored = browse.acme.owner("GET", "/detectors/all-of-it").json()["configuration"]
    assert stored["columns"]["features"] is None


def test_a_preview_in_which_no_row_stands_out_says_what_to_do(browse: Pages, analyst: Browser) -> None:
    state = {"dataset": browse.acme.marker, "step": "sensitivity", "preview": "yes"}
    alike = state | {"algorithm": "hbos", "cut": "5"}  # the highest scores are equal
    page = analyst.get(f"/detectors/new?{urlencode(alike)}").text
    assert "Would flag none of 40 rows." in page
    assert "choose a larger share" in page


def test_only_the_preview_is_swapped(browse: Pages, analyst: Browser) -> None:
    state = {"dataset": browse.acme.marker, "step": "sensitivity"}
    page = analyst.get(f"/detectors/new?{urlencode(state)}").text
    assert "Show what it would flag" in page
    fragment = analyst.get(f"/detectors/new?{urlencode(state | {'preview': 'yes'})}", fragment="preview").text
    assert fragment.strip().startswith('<section class="panel stack" id="preview"')
    assert "Would flag" in fragment
    settings = {"dataset": browse.acme.marker, "step": "method", "algorithm": "knn", "of": "auto"}
    fragment = analyst.get(f"/detectors/new?{urlencode(settings)}", fragment="parameters").text
    assert 'name="of" value="knn"' in fragment
    assert 'name="p.n_neighbors" value="20"' in fragment
    assert 'type="radio"' not in fragment


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"algorithm": "vae"}, "No preview of this method"),
        ({"column": "label"}, "Would flag"),
        ({"column": "gone"}, "no such column"),
        ({"cut": "own", "share": "lots"}, "The share is"),
        ({"dataset": "few"}, "Too few rows"),
        ({"dataset": "flat"}, "No column to learn from"),
    ],
)
def test_a_preview_says_why_there_is_none(
    browse: Pages, analyst: Browser, state: dict[str, str], words: str
) -> None:
    for name, rows in (("Few", b"a\n1\n2\n3\n"), ("Flat", b"code\n" + b"7\n" * 20)):
        if browse.acme.owner("GET", f"/datasets/{name.lower()}").status_code == 404:
            dataset = browse.acme.owner("POST", "/datasets", json={"name": name}).json()["id"]
            upload = {"content": rows, "headers": {"Content-Type": "text/csv"}}
            browse.acme.owner("POST", f"/datasets/{dataset}/versions", **upload)
    browse.town.work()
    asked = {"dataset": browse.acme.marker, "step": "sensitivity", "preview": "yes", **state}
    page = analyst.get(f"/detectors/new?{urlencode(asked)}", fragment="preview")
    assert page.status_code == 200
    assert words in unescape(page.text)


@pytest.mark.parametrize(
    ("state", "step", "words"),
    [
        ({"algorithm": "knn", "of": "knn", "p.n_neighbors": "many"}, "sensitivity", "n_neighbors is"),
        ({"algorithm": "knn", "of": "knn", "p.n_neighbors": "0"}, "name", "n_neighbors is 0"),
        ({"algorithm": "knn", "of": "knn", "p.depth": "4"}, "name", "no parameter"),
        ({"algorithm": "nonsense"}, "name", "no algorithm"),
        ({"cut": "own", "share": "90"}, "name", "The share is"),
    ],
)
def test_a_wrong_answer_leads_back_to_its_step(
    browse: Pages, analyst: Browser, state: dict[str, str], step: str, words: str
) -> None:
    asked = {"dataset": browse.acme.marker, "step": step, **state}
    page = analyst.get(f"/detectors/new?{urlencode(asked)}")
    assert page.status_code == 422
    assert "<title>Error: New detector" in page.text
    assert words in unescape(page.text)


@pytest.mark.parametrize("name", ["", "x" * 201, "Slow\npumps", "***"])
def test_a_name_that_cannot_be_comes_back_with_the_form(browse: Pages, analyst: Browser, name: str) -> None:
    fields = {"dataset": browse.acme.marker, "algorithm": "hbos", "name": name, "description": BAIT}
    page = analyst.post("/detectors/new", fields)
    assert page.status_code == 422
    assert BAIT not in page.text
    assert BAIT in unescape(page.text)


def test_a_taken_name_is_said_at_its_field(browse: Pages, analyst: Browser) -> None:
    made(browse, "Taken")
    page = analyst.post("/detectors/new", {"dataset": browse.acme.marker, "name": "Taken"})
    assert page.status_code == 422
    assert "Choose another name." in page.text


def test_an_edit_keeps_what_the_wizard_does_not_ask_for(browse: Pages, analyst: Browser) -> None:
    columns = {"features": ["flow"], "categorical": ["pump"], "missing": "zero"}
    slug = made(browse, "Edited", params={"n_bins": 12}, columns=columns, seed=9, contamination=0.02)
    page = analyst.get(f"/detectors/new?edit={slug}&version=1&step=method").text
    assert 'name="p.n_bins" value="12"' in page
    assert 'value="flow" checked' in page
    assert 'value="heat" checked' not in page
    fields = {"edit": slug, "version": "1", "cut": "1", "name": "Edited", "description": "Now known."}
    assert "Edited is saved." in analyst.follow(analyst.post("/detectors/new", fields)).text
    stored = browse.acme.owner("GET", f"/detectors/{slug}").json()
    assert stored["description"] == "Now known."
    configuration = stored["configuration"]
    assert (configuration["params"], configuration["seed"]) == ({"n_bins": 12}, 9)
    assert configuration["contamination"] == 0.01
    assert configuration["columns"]["features"] == ["flow"]
    assert configuration["columns"]["missing"] == "zero"
    again = analyst.post("/detectors/new", fields)
    assert again.status_code == 422
    assert "Someone else changed the detector." in again.text


def test_a_copy_starts_as_its_model(browse: Pages, analyst: Browser) -> None:
    slug = made(browse, "Original", params={"n_bins": 7})
    page = analyst.get(f"/detectors/new?copy={slug}&step=name").text
    assert 'value="Copy of Original"' in page
    answer = analyst.post("/detectors/new", {"copy": slug, "name": "Twin"})
    assert answer.headers["location"] == "/t/acme/detectors/twin"
    assert browse.acme.owner("GET", "/detectors/twin").json()["configuration"]["params"] == {"n_bins": 7}


def test_a_detector_that_is_called_new_can_be_opened(browse: Pages, viewer: Browser) -> None:
    made(browse, "New")
    [row] = [each for each in viewer.get("/detectors.json").json()["items"] if each["detector"] == "new"]
    id_ = browse.acme.owner("GET", "/detectors/new").json()["id"]
    assert f'href="/t/acme/detectors/{id_}"' in viewer.get("/detectors").text
    assert "<h1>New</h1>" in viewer.get(f"/detectors/{id_}").text
    assert row["algorithm"] == "hbos"


def test_a_preview_is_of_a_sample_where_there_are_many_rows(browse: Pages, analyst: Browser) -> None:
    rows = b"amount,speed\n" + b"".join(b"%d,%d\n" % (i % 97, i % 89) for i in range(12_000))
    owner = browse.acme.owner
    dataset = owner("POST", "/datasets", json={"name": "Many"}).json()["id"]
    upload = {"content": rows, "headers": {"Content-Type": "text/csv"}}
    owner("POST", f"/datasets/{dataset}/versions", **upload)
    browse.town.work()
    page = analyst.get("/detectors/new?dataset=many&step=sensitivity&preview=yes&cut=1").text
    assert "of 12,000 rows" in page
    assert "random sample of 10,000" in page


def test_a_class_of_pyod_can_be_chosen(browse: Pages, analyst: Browser) -> None:
    asked = {"dataset": browse.acme.marker, "step": "method", "algorithm": "pyod:KNN"}

    page = analyst.get(f"/detectors/new?{urlencode(asked)}").text

    assert page.count('name="algorithm" value="pyod:') == page.count('id="field-algorithm-pyod-')
    assert 'name="algorithm" value="pyod:KNN" checked' in page
    assert "(PyOD)</h2>" in page


def test_a_detector_whose_first_run_is_under_way_says_so(
    browse: Pages, analyst: Browser, viewer: Browser
) -> None:
    slug = made(browse, "Early pumps")
    analyst.post("/runs", {"detector": slug})

    page = viewer.get(f"/detectors/{slug}").text

    assert 'data-empty="learning"' in page
    assert "Waiting for a worker" in page
    assert f'href="/t/acme/datasets/{browse.acme.marker}/rows"' in page
    assert 'http-equiv="refresh"' in page
    browse.town.work()
    assert "data-empty" not in viewer.get(f"/detectors/{slug}").text


def test_a_detector_whose_last_run_failed_says_why_since_when_and_who_started_it(
    browse: Pages, analyst: Browser
) -> None:
    slug = made(browse, "Broken pumps")
    run = analyst.post("/runs", {"detector": slug}).headers["location"].rpartition("/")[2]
    fail(
        browse, run, {"code": "no_usable_column", "title": "No column", "detail": "All <b>.", "fix": "Vary."}
    )

    page = analyst.get(f"/detectors/{slug}").text
    of_run = analyst.get(f"/runs/{run}").text

    assert 'data-empty="stale"' in page
    assert "No column. All &lt;b&gt;. Vary. Since " in page
    assert re.search(r"started by analyst-\w+", page)
    assert f'href="/t/acme/runs/{run}">Open the run' in page
    assert 'data-empty="stale"' in of_run
    assert re.search(r"started by analyst-\w+", of_run)


def test_later_runs_are_measured_against_the_baseline(
    browse: Pages, analyst: Browser, viewer: Browser
) -> None:
    slug = made(browse, "Measured", contamination=0.1)
    runs = [
        analyst.post("/runs", {"detector": slug}).headers["location"].removeprefix("/t/acme") for _ in "ab"
    ]
    browse.town.work()
    first, second = runs
    owner, id_ = browse.acme.owner, first.rpartition("/")[2]
    assert "Set as baseline" in analyst.get(first).text
    assert "baseline" not in viewer.get(first).text

    answer = analyst.post(f"/detectors/{slug}/baseline", {"run": id_, "back": f"/t/acme{first}"})

    assert "Measured has this run as its baseline now." in analyst.follow(answer).text
    assert "This run is the baseline of Measured." in viewer.get(first).text
    later = viewer.get(second).text
    assert re.search(r"Baseline run of [^<]+: [\d.]+ %; this run flags the same share\.", later)
    assert f"{second}/compare?with={id_}" in later
    assert f'href="/t/acme{first}">Run of ' in viewer.get(f"/detectors/{slug}").text
    assert owner("GET", f"/detectors/{slug}").json()["baseline_run"] == id_
    assert viewer.post(f"/detectors/{slug}/baseline", {"run": ""}).status_code == 403
    assert analyst.post(f"/detectors/{slug}/baseline", {"run": "run_x"}).status_code == 404
    cleared = analyst.follow(analyst.post(f"/detectors/{slug}/baseline"))
    assert "Measured has no baseline any more." in cleared.text
    assert "Clear the baseline" not in cleared.text


def test_a_run_of_something_else_is_no_baseline(browse: Pages, analyst: Browser) -> None:
    slug, owner = made(browse, "Unmeasured"), browse.acme.owner
    other, theirs = browse.acme.ids["run"], browse.bravo.ids["run"]
    assert analyst.post(f"/detectors/{slug}/baseline", {"run": other}).status_code == 422
    assert analyst.post(f"/detectors/{slug}/baseline", {"run": theirs}).status_code == 404
    assert analyst.post(f"/detectors/{browse.bravo.ids['detector']}/baseline").status_code == 404
    refused = owner("PATCH", f"/detectors/{slug}", json={"baseline_run": other})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_its_run")
    assert refused.json()["errors"][0]["pointer"] == "#/baseline_run"
    assert owner("PATCH", f"/detectors/{slug}", json={"baseline_run": theirs}).status_code == 404
    assert owner("PATCH", f"/detectors/{slug}", json={"baseline_run": "run_1"}).status_code == 422
    assert owner("GET", f"/detectors/{slug}").json()["baseline_run"] is None


def test_without_a_detector_one_is_recommended_for_the_newest_datasets(browse: Pages) -> None:
    owner = browse.town.person("golf", Role.TENANT_ADMIN)
    newcomer = browse("analyst", slug="golf")
    assert 'href="/t/golf/datasets/new">Add a dataset' in newcomer.get("/detectors").text
    owner("POST", "/datasets", json={"name": "<b>Orders", "slug": "orders"})
    page = newcomer.get("/detectors").text
    assert 'href="/t/golf/detectors/new?dataset=orders">Recommended detector for &lt;b&gt;Orders' in page
    assert "Recommended" not in browse("viewer", slug="golf").get("/detectors").text
