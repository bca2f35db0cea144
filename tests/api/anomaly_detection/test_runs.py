"""Runs over HTTP."""

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from fastapi.testclient import TestClient

from anomaly_detection.api import DetectorConfiguration, Runs
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.labels.label import Label
from anomaly_detection.presentation.http import run_results, run_thresholds, runs
from core.domain.ids import TenantId, new_id
from core.domain.public_ids import parsed, shown
from core.infrastructure.sql import Storage
from data_platform.api import ColumnChoices
from people_ops.domain.permissions import Role
from tests.support.api import client_of
from tests.support.registry import person
from tests.support.runs import PLANTED, RunDesk, run_desk_on

V1 = "/api/v1"
BODY = {"algorithm": "hbos", "contamination": 0.01, "dataset": "readings"}
PATHS = ("", "/anomalies", "/rows/3", "/score-distribution", "/result")


@pytest.fixture
def desk(storage: Storage, tmp_path: Path) -> RunDesk:
    return run_desk_on(storage, tmp_path)


@pytest.fixture
def client(desk: RunDesk) -> TestClient:
    actors = {
        "ana": desk.ana,
        "vera": person(desk.ana.tenant_id, Role.VIEWER),
        "eve": person(TenantId(new_id()), Role.TENANT_ADMIN),
    }
    routers = (runs.router, run_results.router, run_thresholds.router)
    client = client_of(routers, {Runs: desk.runs}, actors)
    client.headers["Authorization"] = "Bearer ana"
    return client


def made(desk: RunDesk, client: TestClient, **body: Any) -> str:
    """The path of a finished run."""
    asked = client.post(f"{V1}/runs", json=BODY | body)
    run_id = parsed("run", asked.json()["id"])
    assert run_id is not None
    desk.carry_out(RunId(run_id))
    return asked.headers["Location"]


def test_a_run_is_asked_for_and_then_there(desk: RunDesk, client: TestClient) -> None:
    asked = client.post(f"{V1}/runs", json=BODY)
    assert (asked.status_code, asked.json()["state"], asked.headers["Retry-After"]) == (202, "queued", "1")
    path = asked.headers["Location"]
    assert client.get(f"{path}/anomalies").json()["code"] == "run_not_finished"
    desk.carry_out(RunId(parsed("run", asked.json()["id"]) or new_id()))
    run = client.get(path)
    assert run.headers["ETag"]
    assert (run.json()["state"], run.json()["anomalies"]) == ("succeeded", 15)
    assert list(run.json()["by_severity"]) == ["none", "low", "medium", "high", "critical"]
    assert run.json()["threshold"]["alert_rate"] == pytest.approx(0.01)
    assert "file" not in str(run.json()["fitted"])
    listed = client.get(f"{V1}/runs", params={"dataset": "readings", "state": "succeeded"}).json()["items"]
    assert [each["id"] for each in listed] == [run.json()["id"]]
    assert client.get(f"{V1}/runs", params={"model": "pumps"}).json()["items"] == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"dataset": "nope"}, 404, "dataset_not_found"),
        ({"dataset": None}, 422, "dataset_needed"),
        ({"version": 2}, 404, "dataset_not_found"),
        ({"algorithm": "crystal_ball"}, 422, "unknown_algorithm"),
        ({"params": {"n_bins": "many"}}, 422, "invalid_parameter"),
        ({"detector": "nope"}, 422, "invalid_request"),
        ({"algorithm": None}, 422, "invalid_request"),
        ({"surprise": 1}, 422, "invalid_request"),
    ],
)
def test_what_cannot_be_run_is_refused_at_once(
    client: TestClient, change: dict[str, object], status: int, code: str
) -> None:
    answer = client.post(f"{V1}/runs", json=BODY | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"contamination": "0.1"}, "#/contamination", ""),
        ({"version": "1"}, "#/version", ""),
        ({"params": {"n_bin": 1}}, "#/params/n_bin", "Did you mean 'n_bins'"),
        ({"columns": {"features": ["speed", "amuont"]}}, "#/columns/features/1", "Did you mean 'amount'"),
        ({"columns": {"label": "speeed"}}, "#/columns/label", "Did you mean 'speed'"),
        ({"columns": {"id": "name", "ignore": ["name"]}}, "#/columns", "Choose one"),
    ],
)
def test_a_refused_run_points_at_what_is_wrong(
    client: TestClient, change: dict[str, object], pointer: str, words: str
) -> None:
    answer = client.post(f"{V1}/runs", json=BODY | change)
    assert (answer.status_code, [each["pointer"] for each in answer.json()["errors"]]) == (422, [pointer])
    assert words in answer.json()["fix"]


def test_a_detector_whose_columns_the_dataset_lacks_is_refused_at_once(
    desk: RunDesk, client: TestClient
) -> None:
    columns = ColumnChoices(features=("pressure",))
    desk.definitions.define(
        desk.ana,
        DetectorConfiguration(algorithm="hbos", columns=columns),
        name="Pumps",
        slug=None,
        description="",
        dataset=None,
    )
    answer = client.post(f"{V1}/runs", json={"detector": "pumps", "dataset": "readings"})
    assert (answer.status_code, answer.json()["code"]) == (422, "column_not_in_dataset")
    assert answer.json()["errors"][0]["pointer"] == "#/detector"


def test_runs_of_a_model_are_found_by_its_id_and_by_its_name(desk: RunDesk, client: TestClient) -> None:
    desk.desk.trained("pumps", dataset="readings")
    made(desk, client)
    asked = client.post(f"{V1}/runs", json={"model": "pumps", "dataset": "readings"}).json()
    model = desk.desk.registry.models.model(desk.ana.tenant_id, "pumps")
    id_, version = shown("mdl", model.id), shown("mv", model.versions[0].id)
    for named in ("pumps", "pumps:1", id_, f"{id_}:1", version):
        found = client.get(f"{V1}/runs", params={"model": named}).json()["items"]
        assert [run["id"] for run in found] == [asked["id"]], named
    assert client.get(f"{V1}/runs", params={"model": f"{id_}:2"}).json()["items"] == []
    assert client.get(f"{V1}/runs", params={"model": shown("mdl", new_id())}).status_code == 404


@pytest.mark.parametrize("by", ["detector", "model"])
def test_a_scorer_that_is_not_there_is_404(client: TestClient, by: str) -> None:
    answer = client.post(f"{V1}/runs", json={by: "nope", "dataset": "readings"})
    assert (answer.status_code, answer.json()["code"]) == (404, f"{by}_not_found")


def test_pages_of_anomalies_join_up_and_filters_narrow_them(desk: RunDesk, client: TestClient) -> None:
    path = f"{made(desk, client)}/anomalies"
    everything = client.get(path, params={"limit": 500}).json()["items"]
    found: list[dict[str, Any]] = []
    cursor = None
    for _ in range(3):
        page = client.get(path, params={"limit": 5} | ({"cursor": cursor} if cursor else {})).json()
        found, cursor = found + page["items"], page["next_cursor"]
    assert (found, cursor) == (everything, None)
    assert [row["row"] for row in everything][:3] == sorted(PLANTED)
    assert everything == sorted(everything, key=lambda row: (-row["score"], row["row"]))
    severe = client.get(path, params={"severity": "high,critical"}).json()["items"]
    assert {row["severity"] for row in severe} <= {"high", "critical"}
    near = client.get(path, params={"score_gte": 0.7, "score_lte": 0.79, "sort": "row"}).json()["items"]
    assert near
    assert not any(row["is_anomaly"] for row in near)
    assert client.get(path, params={"score_gte": 7}).status_code == 422
    assert client.get(path, params={"severe": "high"}).status_code == 400
    assert client.get(path, params={"cursor": "AAAA"}).json()["code"] == "invalid_cursor"


def test_verdicts_are_shown_and_filtered_by(desk: RunDesk, client: TestClient) -> None:
    path = made(desk, client)
    run = desk.view(RunId(parsed("run", path.rpartition("/")[2]) or new_id()))
    label = Label(
        tenant_id=desk.ana.tenant_id,
        dataset_version_id=run.dataset_version_id,
        row=PLANTED[0],
        verdict="expected",
        labelled_at=run.created_at,
    )
    with desk.desk.storage.database.of_tenant(desk.ana.tenant_id, write=True) as session:
        session.add(label)
        session.commit()
    [row] = client.get(f"{path}/anomalies", params={"verdict": "expected,unsure"}).json()["items"]
    assert (row["row"], row["verdict"]) == (PLANTED[0], "expected")
    assert client.get(f"{path}/rows/{PLANTED[0]}").json()["verdict"] == "expected"


def test_any_row_is_shown_with_its_reason(desk: RunDesk, client: TestClient) -> None:
    path = made(desk, client)
    [first, *_] = client.get(f"{path}/anomalies").json()["items"]
    assert client.get(f"{path}/rows/{first['row']}").json() == first
    usual = client.get(f"{path}/rows/11").json()
    assert (usual["row"], usual["is_anomaly"]) == (11, False)
    assert usual["reason"]
    assert client.get(f"{path}/rows/1500").json()["code"] == "no_such_row"


def test_the_distribution_counts_every_row(desk: RunDesk, client: TestClient) -> None:
    found = client.get(f"{made(desk, client)}/score-distribution").json()
    assert (len(found["counts"]), sum(found["counts"]), sum(found["counts"][40:])) == (50, 1_500, 15)


def test_the_result_is_downloaded_in_three_forms(desk: RunDesk, client: TestClient) -> None:
    path = f"{made(desk, client)}/result"
    whole = pl.read_parquet(io.BytesIO(client.get(path, params={"format": "parquet"}).content))
    text = client.get(path)
    assert text.headers["Content-Disposition"].endswith('.csv"')
    table = pl.read_csv(io.BytesIO(text.content), infer_schema_length=None)
    lines = pl.read_ndjson(io.BytesIO(client.get(path, params={"format": "ndjson"}).content))
    assert len(whole) == len(table) == len(lines) == 1_500
    assert whole.columns == table.columns == lines.columns
    assert table["name"][0] == "'=1+1"
    assert client.get(path, params={"format": "xlsx"}).status_code == 422


def test_a_threshold_needs_the_version_it_is_for(desk: RunDesk, client: TestClient) -> None:
    path = made(desk, client)
    etag = client.get(path).headers["ETag"]
    wish = {"alert_rate": 0.1}
    assert client.put(f"{path}/threshold", json=wish).status_code == 428
    moved = client.put(f"{path}/threshold", json=wish, headers={"If-Match": etag})
    assert moved.json()["threshold"]["previous_alert_rate"] == pytest.approx(0.01)
    assert moved.headers["ETag"] != etag
    assert client.put(f"{path}/threshold", json=wish, headers={"If-Match": etag}).status_code == 412
    undone = client.delete(f"{path}/threshold", headers={"If-Match": moved.headers["ETag"]})
    assert undone.json()["anomalies"] == 15


@pytest.mark.parametrize(
    "wish", [{}, {"alert_rate": 0.1, "score": 0.9}, {"score": 1}, {"alert_rate": 0}, {"contamination": 0.6}]
)
def test_a_threshold_is_said_in_one_way(desk: RunDesk, client: TestClient, wish: dict[str, float]) -> None:
    path = made(desk, client)
    assert client.post(f"{path}/threshold-previews", json=wish).status_code == 422


def test_a_preview_counts_and_shows_examples(desk: RunDesk, client: TestClient) -> None:
    path = made(desk, client)
    found = client.post(f"{path}/threshold-previews", json={"score": 0.7}).json()
    assert found["gained"] == found["flagged"] - 15 > 0
    assert all(row["is_anomaly"] for row in found["examples"])


def test_two_runs_over_the_same_rows_are_compared(desk: RunDesk, client: TestClient) -> None:
    this, other = made(desk, client), made(desk, client, algorithm="ecod", contamination=0.02)
    found = client.get(f"{this}/comparison", params={"with": other.rpartition("/")[2]}).json()
    assert (found["rows"], found["flagged_by_this"]) == (1_500, 15)
    assert 3 <= found["flagged_by_both"] <= 15
    assert len(found["both"]) == min(found["flagged_by_both"], 20)
    assert 0.3 < found["rank_correlation"] <= 1
    elsewhere = made(desk, client, dataset="pumps")
    answer = client.get(f"{this}/comparison", params={"with": elsewhere.rpartition("/")[2]})
    assert answer.json()["code"] == "runs_not_comparable"
    gone = client.get(f"{this}/comparison", params={"with": shown("run", new_id())})
    assert gone.status_code == 404


def test_a_run_is_cancelled_and_deleted(desk: RunDesk, client: TestClient) -> None:
    path = client.post(f"{V1}/runs", json=BODY).headers["Location"]
    assert client.post(f"{path}/cancellation").json()["state"] == "cancelled"
    done = made(desk, client)
    assert client.post(f"{done}/cancellation").json()["code"] == "job_is_over"
    assert client.delete(done, headers={"If-Match": '"99"'}).status_code == 412
    assert client.delete(done).status_code == 204
    assert client.get(done).status_code == 404


def test_another_tenant_sees_what_a_random_id_shows(desk: RunDesk, client: TestClient) -> None:
    path, eve = made(desk, client), {"Authorization": "Bearer eve"}
    nothing = f"{V1}/runs/{shown('run', new_id())}"
    for tail in PATHS:
        theirs, random = (client.get(base + tail, headers=eve) for base in (path, nothing))
        assert theirs.status_code == 404
        assert theirs.json() | {"instance": ""} == random.json() | {"instance": ""}
    assert client.get(f"{V1}/runs", headers=eve).json()["items"] == []
    assert client.get(f"{V1}/runs/nonsense").status_code == 404


def test_a_viewer_looks_and_changes_nothing(desk: RunDesk, client: TestClient) -> None:
    path, vera = made(desk, client), {"Authorization": "Bearer vera"}
    assert {client.get(path + tail, headers=vera).status_code for tail in PATHS} == {200}
    match = vera | {"If-Match": client.get(path).headers["ETag"]}
    refused = (
        client.post(f"{V1}/runs", json=BODY, headers=vera),
        client.delete(path, headers=vera),
        client.post(f"{path}/cancellation", headers=vera),
        client.put(f"{path}/threshold", json={"alert_rate": 0.1}, headers=match),
    )
    assert {answer.status_code for answer in refused} == {403}
