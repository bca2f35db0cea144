"""Labels and explanations of runs that have really run."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from anomaly_detection.api import Explanations, Labels, Runs
from anomaly_detection.presentation.http.routes import ROUTERS
from anomaly_detection.wiring import build_explanations, build_labels
from core.domain.public_ids import shown
from core.infrastructure.sql import Storage
from tests.support.api import client_of
from tests.support.runs import PLANTED, RunDesk, run_desk_on


@pytest.fixture
def run_desk(storage: Storage, tmp_path: Path) -> RunDesk:
    return run_desk_on(storage, tmp_path)


@pytest.fixture
def client(run_desk: RunDesk, storage: Storage) -> TestClient:
    services = {
        Runs: run_desk.runs,
        Labels: build_labels(storage, lambda _, ids: ids),
        Explanations: build_explanations(run_desk.runs.reader),
    }
    client = client_of(ROUTERS, services, {"ana": run_desk.ana})
    client.headers["Authorization"] = "Bearer ana"
    return client


def test_a_run_shows_how_often_its_labelled_flags_are_right(run_desk: RunDesk, client: TestClient) -> None:
    run = f"/api/v1/runs/{shown('run', run_desk.finished().id)}"
    assert client.get(run).json()["label_precision"] is None
    for row, verdict in zip(PLANTED, ["true", "true", "false_positive"], strict=True):
        assert client.put(f"{run}/rows/{row}/label", json={"verdict": verdict}).status_code == 201
    shown_alone = client.get(run).json()["label_precision"]
    assert (shown_alone["true"], shown_alone["false_positive"]) == (2, 1)
    assert shown_alone["precision"] == pytest.approx(2 / 3)
    [listed] = client.get("/api/v1/runs").json()["items"]
    assert listed["label_precision"] == shown_alone


def test_a_row_of_a_run_is_explained_and_its_flagged_rows_are_counted(
    run_desk: RunDesk, client: TestClient
) -> None:
    run = f"/api/v1/runs/{shown('run', run_desk.finished().id)}"
    found = client.get(f"{run}/rows/{PLANTED[0]}/explanation").json()
    assert found["contributions"][0]["column"] == "amount"
    assert found["counterfactual"]["score"] < 0.8
    assert len(found["counterfactual"]["changes"]) == 1
    facets = client.get(f"{run}/facets?column=amount").json()
    assert facets["flagged"] == client.get(run).json()["anomalies"]
    assert facets["columns"][0]["values"][0]["lift"] > 1
