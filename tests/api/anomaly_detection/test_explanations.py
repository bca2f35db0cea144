"""Explanations and facets of a run over HTTP."""

import pytest
from fastapi.testclient import TestClient

from anomaly_detection.api import Explanations
from anomaly_detection.application.runs.reading import FinishedRun
from anomaly_detection.presentation.http import explanations
from core.domain.ids import TenantId, new_id
from core.domain.public_ids import shown
from people_ops.domain.permissions import Role
from tests.support.api import client_of
from tests.support.explaining import ODD, TENANT, explanations_of, finished_run, orders
from tests.support.registry import person


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    return finished_run(orders(), tmp_path_factory.mktemp("runs"))


@pytest.fixture
def client(run: FinishedRun) -> TestClient:
    actors = {
        "vera": person(TENANT, Role.VIEWER),
        "olga": person(TENANT, Role.OPERATOR),
        "bob": person(TenantId(new_id()), Role.TENANT_ADMIN),
    }
    client = client_of([explanations.router], {Explanations: explanations_of(run)}, actors)
    client.headers["Authorization"] = "Bearer vera"
    return client


def path(run: FinishedRun, rest: str) -> str:
    return f"/api/v1/runs/{shown('run', run.id)}/{rest}"


def test_a_row_is_explained_with_its_neighbours_and_what_would_change_it(
    client: TestClient, run: FinishedRun
) -> None:
    body = client.get(path(run, f"rows/{ODD}/explanation")).json()
    assert body["is_anomaly"] is True
    assert body["contributions"][0]["column"] == "amount"
    assert body["contributions"][0]["usual"].keys() == {"low", "median", "high", "missing_share"}
    assert body["values"]["paid.at"] == "2026-03-02T09:49:00"
    assert len(body["nearest_normal"]) == 5
    [change] = body["counterfactual"]["changes"]
    assert (change["column"], change["bound"], change["before"]) == ("amount", "at_most", 9820.0)
    assert body["counterfactual"]["words"].startswith("would score below 0.8 if amount <= ")


def test_facets_are_counted_for_one_column_or_the_most_telling(client: TestClient, run: FinishedRun) -> None:
    [only] = client.get(path(run, "facets?column=country")).json()["columns"]
    assert only["column"] == "country"
    assert {value["value"] for value in only["values"]} <= {"DE", "FR", "IT", None}
    some = client.get(path(run, "facets")).json()
    assert (some["rows"], some["flagged"]) == (600, 12)
    assert "amount" in [column["column"] for column in some["columns"]]


@pytest.mark.parametrize(
    ("rest", "status", "code"),
    [
        ("rows/600/explanation", 404, "no_such_row"),
        ("rows/99999999999999999999/explanation", 422, "invalid_request"),
        ("rows/x/explanation", 422, "invalid_request"),
        ("facets?column=nope", 404, "no_such_column"),
        ("facets?column=%00row", 404, "no_such_column"),
        ("facets?by=country", 400, "unknown_parameter"),
    ],
)
def test_what_is_not_there_is_said(
    client: TestClient, run: FinishedRun, rest: str, status: int, code: str
) -> None:
    answer = client.get(path(run, rest))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("rest", ["rows/0/explanation", "facets"])
def test_a_run_of_another_tenant_is_as_unknown_as_one_that_never_was(
    client: TestClient, run: FinishedRun, rest: str
) -> None:
    bob, unknown = {"Authorization": "Bearer bob"}, f"/api/v1/runs/{shown('run', new_id())}/{rest}"
    foreign, never = client.get(path(run, rest), headers=bob), client.get(unknown, headers=bob)
    assert foreign.status_code == never.status_code == 404
    assert foreign.json() | {"instance": ""} == never.json() | {"instance": ""}
    assert client.get(path(run, rest), headers={"Authorization": "Bearer olga"}).status_code == 403
