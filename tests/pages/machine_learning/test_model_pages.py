"""Models in the browser: found, trained, judged, compared."""

import json
import re

import pytest
from httpx2 import Response

from tests.support.pages import Browser, Pages

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def model(browse: Pages) -> str:
    """With two versions that were measured on their training rows' labels."""
    trained(browse, "Pumps", "hbos")
    return trained(browse, "Pumps", "ecod")


def trained(browse: Pages, name: str, algorithm: str, **more: object) -> str:
    body = {"dataset": browse.acme.ids["dataset"], "name": name, "algorithm": algorithm} | more
    answer = browse.acme.owner("POST", "/train", json=body)
    assert answer.status_code == 202, answer.text
    browse.town.work()
    return str(answer.json()["model"])


def heading(answer: Response) -> str:
    found = re.search(r"<h1>(.*?)</h1>", answer.text)
    assert found is not None, answer.text[:500]
    return found[1]


def test_the_list_shows_models_with_their_versions_and_figures(
    browse: Pages, model: str, viewer: Browser, analyst: Browser
) -> None:
    page = viewer.get("/models")
    assert (page.status_code, heading(page)) == (200, "Models")
    assert f'href="/t/acme/models/{model}"' in page.text
    assert "Train a model" not in page.text
    assert "Train a model" in analyst.get("/models").text


def test_the_twins_hold_the_rows_of_the_page(browse: Pages, model: str, viewer: Browser) -> None:
    items = viewer.get("/models.json?q=pumps").json()["items"]
    assert [(item["slug"], item["champion"], item["versions"]) for item in items] == [(model, 1, 2)]
    assert viewer.get("/models.csv?q=pumps").text.splitlines()[1].startswith("pumps,1,")


def test_a_search_that_finds_nothing_can_be_cleared(browse: Pages, model: str, viewer: Browser) -> None:
    page = viewer.get("/models?q=nothing-like-it")
    assert 'data-empty="filtered"' in page.text
    assert 'href="/t/acme/models"' in page.text


def test_a_measured_version_shows_curves_threshold_and_cost(
    browse: Pages, model: str, viewer: Browser
) -> None:
    page = viewer.get(f"/models/{model}?v=2&vs=1")
    assert (page.status_code, heading(page)) == (200, "Pumps")
    for chart in ("precision", "roc", "cost", "anomalies", "normal"):
        assert f'<figure class="chart" id="{chart}"' in page.text
    assert "Too few labels" in page.text
    assert "dash-1" in page.text
    assert "From a score of 80 on" in page.text
    assert "alerts a day" not in page.text  # the rows tell nothing of time
    for fact in ("seed 0, release ", ", data ", "version 1: 40 rows"):
        assert fact in page.text


def test_each_threshold_of_a_curve_is_a_link_that_tries_it(
    browse: Pages, model: str, viewer: Browser
) -> None:
    page = viewer.get(f"/models/{model}?v=1&vs=2&cost_fn=7")
    assert 'id="roc" data-points="21"' in page.text
    tried = re.findall(r'href="/t/acme(/models/[^"]*threshold=65)">65</a>', page.text)
    assert len(tried) == 2  # of both curves
    asked = tried[0].replace("&amp;", "&")
    assert "cost_fn=7" in asked
    assert "From a score of 65 on" in viewer.get(asked).text
    assert '<th scope="col">version 2, recall</th>' in page.text


def test_false_alarms_are_looked_at_closely(browse: Pages, model: str, viewer: Browser) -> None:
    whole = viewer.get(f"/models/{model}?v=1")
    zoom = re.search(r'href="/t/acme(/models/[^"]*fpr=0.05)#roc"', whole.text)
    assert zoom is not None
    close = viewer.get(zoom[1].replace("&amp;", "&"))
    assert "Show the whole curve" in close.text
    assert '<input type="hidden" name="fpr" value="0.05">' in close.text
    assert viewer.get(f"/models/{model}?fpr=0.2").status_code == 422


def test_models_are_read_with_that_permission_alone(browse: Pages, model: str) -> None:
    owner = browse.acme.owner
    role = owner("POST", "/roles", json={"name": "model_reader", "permissions": ["models:read"]})
    assert role.status_code == 201, role.text
    reader = browse("model_reader")
    page = reader.get(f"/models/{model}?v=2&vs=1")
    assert page.status_code == 200
    shown = page.text[page.text.index("<main") : page.text.index("</main")]
    for absent in (
        "Retrain",
        "Make ch",
        "Apply this",
        "Train a version",
        "/datasets/",
        'method="post"',
        "Evaluate on",
    ):
        assert absent not in shown, absent
    for path in (
        "/models",
        f"/models/{model}/compare?v=1,2",
        f"/models/{model}/versions",
        f"/models/{model}/trainings",
    ):
        assert reader.get(path).status_code == 200, path
    for path in (f"/models/{model}/versions/1/card.md", f"/models/{model}/versions/1/file"):
        assert reader.get(path).status_code == 200, path
    for path in (
        "/models/new",
        f"/models/{model}/name",
        f"/models/{model}/versions/1/threshold?threshold=60",
    ):
        assert reader.get(path).status_code == 403, path


def test_each_chart_is_a_csv_with_a_row_for_each_point(browse: Pages, model: str, viewer: Browser) -> None:
    page = viewer.get(f"/models/{model}?v=1")
    points = re.search(r'id="roc" data-points="(\d+)"', page.text)
    assert points is not None
    answer = viewer.get(f"/models/{model}?v=1&chart=roc")
    assert answer.headers["content-type"].startswith("text/csv")
    assert len(answer.text.splitlines()) == int(points[1]) + 1
    assert answer.text.splitlines()[1] == "0,1.0,1.0"


def test_another_threshold_swaps_the_figures_and_the_curves(
    browse: Pages, model: str, viewer: Browser
) -> None:
    answer = viewer.get(f"/models/{model}?v=1&threshold=0&cost_fn=7", fragment="thr")
    assert "<html" not in answer.text
    assert "From a score of 0 on, 40 of 40 rows are flagged (100 %), 38 of them wrongly" in answer.text
    assert "It cannot be applied" in answer.text
    assert '<div id="curves" class="stack" hx-swap-oob="true">' in answer.text


@pytest.mark.parametrize("query", ["threshold=101", "cost_fp=-1", "cost_fn=nan", "threshold=x"])
def test_figures_that_cannot_be_are_refused(browse: Pages, model: str, query: str, viewer: Browser) -> None:
    answer = viewer.get(f"/models/{model}?{query}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


def test_empty_figures_mean_the_usual_ones(browse: Pages, model: str, viewer: Browser) -> None:
    page = viewer.get(f"/models/{model}?threshold=&cost_fp=&cost_fn=&vs=&source=&v=")
    assert "From a score of 80 on" in page.text


def test_without_labels_there_are_no_curves_and_that_is_said(browse: Pages, analyst: Browser) -> None:
    owner = browse.acme.owner
    plain = owner("POST", "/datasets", json={"name": "plain"}).json()["id"]
    rows = b"a,b\n" + b"".join(b"%d,%d\n" % (i % 7, i % 5) for i in range(40))
    owner("POST", f"/datasets/{plain}/versions", content=rows, headers={"Content-Type": "text/csv"})
    browse.town.work()
    slug = trained(browse, "Plain", "hbos", dataset=plain)
    page = analyst.get(f"/models/{slug}")
    assert "No labels, so no curves" in page.text
    assert 'id="roc"' not in page.text
    assert 'id="alerts"' in page.text
    assert analyst.get(f"/models/{slug}", fragment="thr").status_code == 200


def test_a_model_is_trained_in_two_steps(browse: Pages, analyst: Browser) -> None:
    dataset = browse.acme.marker
    first = analyst.get("/models/new")
    assert first.status_code == 200
    assert first.text.index('value="auto"') < first.text.index('value="hbos"')

    second = analyst.get(f"/models/new?dataset={dataset}&algorithm=hbos")
    assert 'name="parameter-n_bins"' in second.text
    fields = {"dataset": dataset, "algorithm": "hbos", "name": "By hand", "contamination": "5"}
    answer = analyst.post("/models/new", fields | {"label": "label", "seed": "3"})
    page = analyst.follow(answer)
    assert "Training on" in page.text
    assert "data-job=" in page.text

    browse.town.work()
    page = analyst.get("/models/by-hand")
    assert "data-job=" not in page.text
    version = browse.acme.owner("GET", "/models/by-hand/versions/1").json()
    assert version["summary"]["alert_rate"] == pytest.approx(0.05)
    assert version["summary"]["seed"] == 3


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("contamination", "99", "field-contamination"),
        ("contamination", "many", "field-contamination"),
        ("seed", "-1", "field-seed"),
        ("name", "???", "field-name"),
        ("name", "new", "field-name"),
        ("name", "n" * 121, "field-name"),
        ("parameter-n_bins", "1.5", "field-parameter-n_bins"),
    ],
)
def test_a_training_that_cannot_be_comes_back_with_what_was_entered(
    browse: Pages, field: str, value: str, at: str, analyst: Browser
) -> None:
    fields = {"dataset": browse.acme.marker, "algorithm": "hbos", "name": "kept-name", "seed": "1"}
    answer = analyst.post("/models/new", fields | {field: value})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert f'href="#{at}"' in answer.text
    assert f'value="{value}"' in answer.text


def test_a_version_is_trained_anew_with_its_settings(browse: Pages, analyst: Browser) -> None:
    slug = trained(browse, "Settings", "hbos", params={"n_bins": 17})
    page = analyst.get(f"/models/new?of={slug}:1&contamination=0.4")
    assert 'value="17"' in page.text
    assert 'value="0.4"' in page.text
    assert f'value="{slug}"' in page.text


def test_a_version_is_evaluated_on_a_labelled_dataset(browse: Pages, model: str, analyst: Browser) -> None:
    dataset = browse.acme.marker
    path = f"/models/{model}/versions/2/evaluations"
    wrong = analyst.post(path, {"dataset": dataset, "label": "nope"})
    assert wrong.status_code == 422
    assert 'href="#field-label"' in wrong.text

    page = analyst.follow(analyst.post(path, {"dataset": dataset, "label": "label"}))
    assert "is being evaluated" in page.text
    browse.town.work()
    sources = re.findall(r"source=(evl_\w+)", analyst.get(f"/models/{model}?v=2").text)
    assert len(set(sources)) == 2
    assert analyst.get(f"/models/{model}?v=2&source={sources[-1]}").status_code == 200


def test_a_version_shows_what_it_goes_by_and_where_it_does_worst(browse: Pages, viewer: Browser) -> None:
    owner = browse.acme.owner
    dataset = owner("POST", "/datasets", json={"name": "by-hall"}).json()["id"]
    lines = [f"{i % 7},{'north' if i % 2 else HOSTILE},0" for i in range(60)]
    lines += [f"{900 + i},{'north' if i else HOSTILE},1" for i in range(3)] + ["3,north,1"]
    dated = [f"2026-01-{1 + at // 3:02},{line}" for at, line in enumerate(lines)]
    rows = "\n".join(["at,a,hall,label", *dated]).encode()
    owner("POST", f"/datasets/{dataset}/versions", content=rows, headers={"Content-Type": "text/csv"})
    browse.town.work()
    slug = trained(browse, "Halls", "ecod", dataset=dataset, contamination=0.05)
    page = viewer.get(f"/models/{slug}")
    assert '<figure class="chart" id="contributions"' in page.text
    worst = page.text.index("hall: north"), page.text.index("hall: &lt;img")
    assert worst[0] < worst[1]
    assert HOSTILE not in page.text
    answer = viewer.get(f"/models/{slug}?chart=contributions").text.splitlines()
    name, share = answer[1].split(",")
    assert name == "a"
    assert 0 < float(share) < 1
    assert re.search(r"You would see [\d.]+ alerts a day, [\d.]+ of them false", page.text)
    found = owner("GET", f"/models/{slug}/versions/1/evaluations").json()["items"][0]["document"]
    assert [one["value"] for one in found["segments"]] == ["north", HOSTILE]
    assert sum(one["anomalies"] for one in found["segments"]) == 4


def test_too_few_rows_and_labels_of_three_kinds_are_refused_on_the_form(
    browse: Pages, model: str, analyst: Browser
) -> None:
    owner = browse.acme.owner
    for name, rows in (("one-row", 1), ("three-kinds", 12)):
        dataset = owner("POST", "/datasets", json={"name": name}).json()["id"]
        content = b"a,b\n" + b"".join(b"%d,%d\n" % (i, i % 3) for i in range(rows))
        owner("POST", f"/datasets/{dataset}/versions", content=content, headers={"Content-Type": "text/csv"})
    browse.town.work()
    answer = analyst.get("/models/new?dataset=one-row&algorithm=hbos")
    assert answer.status_code == 422
    assert 'href="#field-dataset"' in answer.text
    assert "at least 10 are needed" in answer.text
    fields = {"dataset": "three-kinds", "algorithm": "hbos", "name": "kept", "label": "b"}
    answer = analyst.post("/models/new", fields)
    assert answer.status_code == 422
    assert 'href="#field-label"' in answer.text
    assert 'value="kept"' in answer.text
    evaluations = f"/models/{model}/versions/1/evaluations"
    for label in ("b", ""):
        answer = analyst.post(evaluations, {"dataset": "three-kinds", "label": label})
        assert answer.status_code == 422
        assert 'href="#field-label"' in answer.text


def test_chosen_versions_are_compared(browse: Pages, model: str, viewer: Browser, scientist: Browser) -> None:
    sent = viewer.get(f"/models/{model}/compare?row=v2&row=v1")
    assert sent.headers["location"].endswith("/compare?v=2%2C1")
    page = viewer.follow(sent)
    assert heading(page) == "Pumps: versions 2, 1"
    assert page.text.index('id="differs"') < page.text.index('id="measures"')
    assert "dash-1" in page.text
    assert "champion</a>" not in page.text
    assert "Make version 2 champion" in scientist.get(f"/models/{model}/compare?v=1,2").text


@pytest.mark.parametrize("v", ["", "1", "1,2,3,4,5,6"])
def test_a_comparison_needs_two_to_five_versions(browse: Pages, model: str, v: str, viewer: Browser) -> None:
    answer = viewer.get(f"/models/{model}/compare?v={v}")
    assert answer.status_code == 422
    assert "Choose two to five" in answer.text


def test_a_version_is_downloaded_with_its_card(browse: Pages, model: str, viewer: Browser) -> None:
    file = viewer.get(f"/models/{model}/versions/1/file")
    assert file.headers["content-disposition"] == f'attachment; filename="{model}-1.model"'
    card = viewer.get(f"/models/{model}/versions/1/card.md")
    assert card.text.startswith(f"# {model}, version 1\n")
    assert "- PR AUC: " in card.text
    assert "- `flow`: feature" in card.text


def test_history_lists_moves_and_trainings_with_who_did_it(
    browse: Pages, model: str, viewer: Browser
) -> None:
    moves = viewer.get(f"/models/{model}/alias-history.json").json()["items"]
    assert [(move["alias"], move["after"], move["reason"]) for move in moves] == [
        ("champion", 1, "first_version")
    ]
    assert moves[0]["who"] not in ("", "the console", "a former member")
    trainings = viewer.get(f"/models/{model}/trainings.json").json()["items"]
    assert [(run["version"], run["state"]) for run in trainings] == [(2, "succeeded"), (1, "succeeded")]
    assert viewer.get(f"/models/{model}/versions").status_code == 200
    versions = json.loads(viewer.get(f"/models/{model}/versions.json").text)["items"]
    assert [version["number"] for version in versions] == [2, 1]


def test_hostile_names_are_text(browse: Pages, scientist: Browser) -> None:
    slug = trained(browse, HOSTILE, "hbos")
    for path in ("/models", f"/models/{slug}", f"/models/{slug}/versions", f"/models/{slug}/name"):
        page = scientist.get(path)
        assert "<img src=x" not in page.text, path
        assert "&lt;img src=x" in page.text, path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "?v=1",
        "/versions",
        "/compare?v=1,2",
        "/alias-history",
        "/threshold-history",
        "/trainings",
        "/versions/1/file",
        "/name",
    ],
)
def test_another_tenants_model_is_not_there(browse: Pages, path: str, admin: Browser) -> None:
    foreign = admin.get(f"/models/{browse.bravo.marker}{path}")
    unknown = admin.get(f"/models/nothing-here{path}")
    assert foreign.status_code == unknown.status_code == 404
    assert browse.bravo.marker not in foreign.text.replace(f"/models/{browse.bravo.marker}", "").replace(
        f"&#39;{browse.bravo.marker}&#39;", ""
    )
