"""The registry over HTTP."""

import polars as pl
import pytest
from fastapi.testclient import TestClient

from core.domain.ids import new_id
from core.domain.public_ids import shown
from data_platform.api import NoUsableColumn
from tests.support.registry import ROWS, Desk

V1 = "/api/v1"
BODY = {"dataset": "pumps", "name": "pumps", "algorithm": "hbos", "contamination": 0.05}

BINARY = {"Content-Type": "application/octet-stream"}


def as_(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


def test_training_is_asked_for_and_then_there(desk: Desk, client: TestClient) -> None:
    asked = client.post(f"{V1}/train", json=BODY)
    assert asked.status_code == 202
    assert asked.json()["state"] == "queued"
    place = asked.headers["Location"]
    assert place == f"{V1}/training-runs/{asked.json()['id']}"
    [run] = desk.registry.runs.runs(desk.ana.tenant_id, model=None, limit=1, cursor=None).items
    desk.run(run.job.id)
    done = client.get(place).json()
    assert (done["state"], done["version"], done["dataset"]) == ("succeeded", 1, "pumps")
    [model] = client.get(f"{V1}/models").json()["items"]
    [version] = model["versions"]
    assert model["aliases"] == {"champion": 1}
    assert version["reference"] == "pumps:1"
    assert version["lineage"]["trained_by"]["user_id"] == shown("usr", desk.ana.user_id or new_id())
    assert version["lineage"]["dataset_version_id"] == done["dataset_version_id"]
    assert version["summary"]["alert_rate"] == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"dataset": "nope"}, 404, "dataset_not_found"),
        ({"algorithm": "crystal_ball"}, 422, "unknown_algorithm"),
        ({"params": {"n_bins": "many"}}, 422, "invalid_parameter"),
        ({"params": {"nope": 1}}, 422, "invalid_parameter"),
        ({"contamination": 0.9}, 422, "invalid_request"),
        ({"name": "\u00fc!"}, 202, None),
        ({"name": "!!!"}, 422, "invalid_model_name"),
        ({"name": "a\x00b"}, 422, "invalid_request"),
        ({"surprise": 1}, 422, "invalid_request"),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(
    client: TestClient, change: dict[str, object], status: int, code: str | None
) -> None:
    answer = client.post(f"{V1}/train", json=BODY | change)
    assert (answer.status_code, answer.json().get("code")) == (status, code)


def test_too_few_rows_and_a_label_of_many_values_are_refused_at_once(desk: Desk, client: TestClient) -> None:
    desk.datasets.frames["few"] = ROWS.head(9)
    few = client.post(f"{V1}/train", json=BODY | {"dataset": "few"})
    assert (few.status_code, few.json()["code"]) == (422, "too_few_rows")
    assert few.json()["errors"][0]["pointer"] == "#/dataset"
    label = client.post(f"{V1}/train", json=BODY | {"columns": {"label": "a"}})
    assert (label.status_code, label.json()["code"]) == (422, "invalid_label")
    assert label.json()["errors"][0]["pointer"] == "#/columns/label"
    desk.trained()
    for body, code in (
        ({"dataset": "pumps"}, "no_label_column"),
        ({"dataset": "pumps", "label": "a"}, "invalid_label"),
    ):
        answer = client.post(f"{V1}/models/pumps/versions/1/evaluations", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == "#/label"


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"algorithm": "hbo"}, "#/algorithm", "Did you mean 'hbos'"),
        ({"params": {"n_bin": 1}}, "#/params/n_bin", "Did you mean 'n_bins'"),
        ({"params": {"a/b": 1}}, "#/params/a~1b", "n_bins"),
        ({"contamination": "0.1"}, "#/contamination", ""),
        ({"seed": "1"}, "#/seed", ""),
        ({"columns": {"features": ["a", "speed"]}}, "#/columns/features/1", "Known: a, b, c."),
        ({"columns": {"label": "bb"}}, "#/columns/label", "Did you mean 'b'"),
        ({"columns": {"label": "b", "features": ["b"]}}, "#/columns", "Choose one"),
        ({"name": "!!!"}, "#/name", "in the name"),
    ],
)
def test_a_refused_training_points_at_what_is_wrong(
    client: TestClient, change: dict[str, object], pointer: str, words: str
) -> None:
    answer = client.post(f"{V1}/train", json=BODY | change)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])
    assert words in answer.json()["fix"]


def test_an_evaluation_by_a_column_that_is_not_there_is_refused_at_once(
    desk: Desk, client: TestClient
) -> None:
    desk.trained()
    body = {"dataset": "labelled", "label": "lable"}
    answer = client.post(f"{V1}/models/pumps/versions/1/evaluations", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/label")
    assert answer.json()["fix"] == "Did you mean 'label'?"


@pytest.mark.parametrize("value", ["NaN", "-Infinity", '"a\\u0000b"', "1e400", "1" * 400])
def test_odd_values_of_parameters_are_refused(client: TestClient, value: str) -> None:
    body = f'{{"dataset": "pumps", "name": "x", "algorithm": "hbos", "params": {{"n_bins": {value}}}}}'
    answer = client.post(f"{V1}/train", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


def test_a_failed_run_says_why(desk: Desk, client: TestClient) -> None:
    desk.datasets.frames["pumps"] = desk.datasets.frames["pumps"].with_columns(a=pl.lit("text"))
    asked = client.post(f"{V1}/train", json=BODY | {"columns": {"features": ["a"]}}).json()
    [run] = desk.registry.runs.runs(desk.ana.tenant_id, model="pumps", limit=1, cursor=None).items
    with pytest.raises(NoUsableColumn):
        desk.run(run.job.id)
    shown_run = client.get(f"{V1}/training-runs/{asked['id']}").json()
    assert (shown_run["state"], shown_run["version"]) == ("running", None)


def test_promoting_needs_the_version_that_was_read(desk: Desk, client: TestClient) -> None:
    for seed in range(3):
        desk.trained(seed=seed)
    tag = client.get(f"{V1}/models/pumps").headers["ETag"]
    alias = f"{V1}/models/pumps/aliases/champion"
    promoted = client.put(alias, json={"version": 2}, headers={"If-Match": tag})
    assert (promoted.status_code, promoted.json()["aliases"]) == (200, {"champion": 2})
    assert promoted.headers["ETag"] != tag
    late = client.put(alias, json={"version": 3}, headers={"If-Match": tag})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    back = client.post(f"{V1}/models/pumps/rollback", json={"note": "Worse at night."})
    assert back.json()["aliases"] == {"champion": 1}
    again = client.post(f"{V1}/models/pumps/rollback")
    assert (again.status_code, again.json()["code"]) == (409, "no_former_champion")
    history = client.get(f"{V1}/models/pumps/alias-history?limit=2").json()
    assert [move["reason"] for move in history["items"]] == ["rolled_back", "promoted"]
    assert [move["note"] for move in history["items"]] == ["Worse at night.", ""]
    older = client.get(f"{V1}/models/pumps/alias-history", params={"cursor": history["next_cursor"]})
    assert [move["reason"] for move in older.json()["items"]] == ["first_version"]


def test_an_evaluation_puts_figures_with_intervals_on_the_version(desk: Desk, client: TestClient) -> None:
    desk.trained()
    asked = client.post(f"{V1}/models/pumps/versions/1/evaluations", json={"dataset": "labelled"})
    assert asked.status_code == 202
    version = desk.registry.models.version(desk.ana.tenant_id, "pumps", 1)
    [found] = desk.registry.evaluations.evaluations(
        desk.ana.tenant_id, version.id, limit=9, cursor=None
    ).items
    desk.run(found.job.id)
    desk.run(found.job.id, attempt=2)
    done = client.get(asked.headers["Location"]).json()
    measure = done["document"]["average_precision"]
    assert done["state"] == "succeeded"
    assert measure["low"] <= measure["value"] <= measure["high"]
    curve = done["document"].pop("curve")
    assert len(curve["thresholds"]) == len(curve["true_positives"]) == len(curve["false_positives"]) <= 200
    assert client.get(f"{V1}/models/pumps/versions/1").json()["metrics"] == {
        name: value
        for name, value in done["document"].items()
        if name not in ("segments", "explanation", "days")
    }
    assert len(client.get(f"{V1}/models/pumps/versions/1/evaluations").json()["items"]) == 1


def test_a_comparison_shows_what_differs_first(desk: Desk, client: TestClient) -> None:
    desk.trained()
    desk.trained(dataset="labelled", seed=7)
    answer = client.get(f"{V1}/models/pumps/comparison?v=1,2").json()
    differs = [row["differs"] for row in answer["rows"]]
    assert differs == sorted(differs, reverse=True)
    assert {"name": "seed", "group": "training", "values": [0, 7], "differs": True} in answer["rows"]
    assert client.get(f"{V1}/models/pumps/comparison?v=1").json()["code"] == "nothing_to_compare"
    assert client.get(f"{V1}/models/pumps/comparison?v=1,9").status_code == 404


def test_versions_are_listed_archived_and_deleted(desk: Desk, client: TestClient) -> None:
    for seed in range(3):
        desk.trained(seed=seed)
    first = client.get(f"{V1}/models/pumps/versions?limit=2").json()
    rest = client.get(f"{V1}/models/pumps/versions", params={"cursor": first["next_cursor"]}).json()
    assert [v["number"] for v in first["items"] + rest["items"]] == [3, 2, 1]
    archived = client.patch(f"{V1}/models/pumps/versions/2", json={"archived": True})
    assert archived.json()["state"] == "archived"
    stale = client.delete(f"{V1}/models/pumps/versions/2", headers={"If-Match": '"1"'})
    assert (stale.status_code, archived.headers["ETag"]) == (412, '"2"')
    assert client.delete(f"{V1}/models/pumps/versions/1").json()["code"] == "version_in_use"
    assert client.delete(f"{V1}/models/pumps/versions/2").status_code == 204
    assert client.get(f"{V1}/models/pumps/versions/2").status_code == 404


def test_a_model_is_renamed_and_deleted(desk: Desk, client: TestClient) -> None:
    desk.trained()
    changed = client.patch(f"{V1}/models/pumps", json={"name": "Pumps, hall 7"})
    assert (changed.json()["name"], changed.json()["slug"]) == ("Pumps, hall 7", "pumps")
    stale = client.delete(f"{V1}/models/pumps", headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert client.delete(f"{V1}/models/{changed.json()['id']}").status_code == 204
    assert client.get(f"{V1}/models/pumps").json()["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("sort", "slugs"),
    [("slug", "abc"), ("-slug", "cba"), ("created_at", "bca"), ("-created_at", "acb")],
)
def test_models_are_listed_in_each_order_page_by_page(
    desk: Desk, client: TestClient, sort: str, slugs: str
) -> None:
    for name in "bca":
        desk.trained(name)
    found = ""
    asked = {"sort": sort, "limit": "1"}
    for _ in slugs:
        page = client.get(f"{V1}/models", params=asked).json()
        found += page["items"][0]["slug"]
        asked["cursor"] = page["next_cursor"]
    assert (found, page["has_more"]) == (slugs, False)


def test_a_download_is_the_file_the_version_was_made_of(desk: Desk, client: TestClient) -> None:
    desk.trained()
    answer = client.get(f"{V1}/models/pumps/versions/1/file")
    version = client.get(f"{V1}/models/pumps/versions/1").json()
    assert answer.headers["ETag"] == f'"{version["sha256"]}"'
    assert len(answer.content) == version["size"]
    assert 'filename="pumps-1.model"' in answer.headers["Content-Disposition"]


def test_an_import_waits_in_quarantine_until_it_is_accepted(desk: Desk, client: TestClient) -> None:
    desk.trained()
    file = client.get(f"{V1}/models/pumps/versions/1/file").content
    sent = client.post(f"{V1}/models/imports?name=Bought", content=file, headers=BINARY)
    assert sent.status_code == 202
    [run] = desk.registry.runs.runs(desk.ana.tenant_id, model="bought", limit=1, cursor=None).items
    desk.run(run.job.id)
    done = client.get(sent.headers["Location"]).json()
    assert (done["state"], done["kind"], done["version"]) == ("succeeded", "import", 1)
    place = f"{V1}/models/bought/versions/1"
    assert client.get(place).json()["state"] == "quarantined"
    promoted = client.put(f"{V1}/models/bought/aliases/champion", json={"version": 1})
    assert (promoted.status_code, promoted.json()["code"]) == (409, "not_servable")
    assert client.post(f"{place}/acceptance").json()["state"] == "ready"
    assert client.put(f"{V1}/models/bought/aliases/champion", json={"version": 1}).status_code == 200


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"x" * 100_001, BINARY, 413, "upload_too_large"),
        (b"x" * 1000, BINARY, 422, "unusable_model_file"),
        (b"{}", {"Content-Type": "application/json"}, 415, "not_binary"),
        (b"x", BINARY | as_("viewer"), 403, "forbidden"),
    ],
)
def test_what_cannot_be_imported_is_refused_and_not_kept(
    desk: Desk, client: TestClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.post(f"{V1}/models/imports?name=x", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert desk.kept == []
    assert list((desk.files.root / "staging").glob("*")) == []


def test_an_upload_that_does_not_say_how_long_it_is_ends_at_the_limit(desk: Desk, client: TestClient) -> None:
    parts = (b"x" * 60_000 for _ in range(1000))
    answer = client.post(f"{V1}/models/imports?name=x", content=parts, headers=BINARY)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")
    assert list((desk.files.root / "staging").glob("*")) == []


def test_another_tenant_sees_nothing_of_it(desk: Desk, client: TestClient) -> None:
    desk.trained()
    model = client.get(f"{V1}/models/pumps").json()
    run_id = model["versions"][0]["lineage"]["training_run_id"]
    for method, path, body in (
        ("GET", "models/{}", None),
        ("PATCH", "models/{}", {"name": "x"}),
        ("DELETE", "models/{}", None),
        ("GET", "models/{}/versions", None),
        ("GET", "models/{}/versions/1", None),
        ("PATCH", "models/{}/versions/1", {"archived": True}),
        ("DELETE", "models/{}/versions/1", None),
        ("GET", "models/{}/versions/1/file", None),
        ("POST", "models/{}/versions/1/acceptance", None),
        ("GET", "models/{}/versions/1/evaluations", None),
        ("PUT", "models/{}/aliases/champion", {"version": 1}),
        ("DELETE", "models/{}/aliases/champion", None),
        ("POST", "models/{}/rollback", None),
        ("GET", "models/{}/alias-history", None),
        ("PUT", "models/{}/versions/1/threshold", {"alert_rate": 0.1}),
        ("DELETE", "models/{}/versions/1/threshold", None),
        ("GET", "models/{}/threshold-history", None),
        ("GET", "models/{}/comparison?v=1,2", None),
    ):
        theirs, random = (
            client.request(
                method, f"{V1}/{path.format(id_)}", json=body, headers=as_("eve") | {"If-Match": '"1"'}
            )
            for id_ in (model["id"], shown("mdl", new_id()))
        )
        assert (theirs.status_code, theirs.json()["code"]) == (404, "model_not_found"), path
        assert theirs.json().keys() == random.json().keys()
    assert client.get(f"{V1}/training-runs/{run_id}", headers=as_("eve")).status_code == 404
    assert client.get(f"{V1}/training-runs?model={model['id']}", headers=as_("eve")).json()["items"] == []
    assert client.get(f"{V1}/models", headers=as_("eve")).json()["items"] == []
    assert client.get(f"{V1}/models/pumps").json() == model


def test_malformed_ids_and_unknown_parameters_are_refused(client: TestClient) -> None:
    for path in ("models/mdl_1", "models/%00", "models/a%2Fb", "training-runs/1", "training-runs/trn_%00"):
        assert client.get(f"{V1}/{path}").status_code == 404, path
    assert client.get(f"{V1}/models?color=x").json()["code"] == "unknown_parameter"
    assert client.get(f"{V1}/models?sort=x").json()["code"] == "invalid_request"
    assert client.get(f"{V1}/models?cursor=x").json()["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    ("role", "train", "promote", "accept"),
    [
        ("viewer", 403, 403, 403),
        ("analyst", 202, 403, 403),
        ("data_scientist", 202, 200, 403),
        ("tenant_admin", 202, 200, 409),
        ("operator", 403, 403, 403),
    ],
)
def test_who_may_do_what(
    desk: Desk, client: TestClient, role: str, train: int, promote: int, accept: int
) -> None:
    desk.trained()
    headers = as_(role)
    alias = f"{V1}/models/pumps/aliases/champion"
    assert client.post(f"{V1}/train", json=BODY, headers=headers).status_code == train
    assert client.put(alias, json={"version": 1}, headers=headers).status_code == promote
    path = f"{V1}/models/pumps/versions/1/acceptance"
    assert client.post(path, headers=headers).status_code == accept
