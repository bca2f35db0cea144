"""A tenant's own severity cut-offs, wherever severities are shown."""

import pytest

from people_ops.domain.permissions import Role
from tests.support.tenants import Person, Town

LOW, HIGH, CRITICAL = 0.2, 0.82, 0.85
CSV = {"Content-Type": "text/csv"}
ROWS = b"flow,heat\n" + b"".join(b"%d.5,%d\n" % (i % 17, i % 5) for i in range(200)) + b"90,40\n40,-20\n"
ODD = {"flow": 90.0, "heat": 40.0}


def severity(score: float) -> str:
    begins = {"critical": CRITICAL, "high": HIGH, "medium": 0.8, "low": LOW}
    return next((name for name, at in begins.items() if score >= at), "none")


@pytest.fixture
def me(town: Town) -> Person:
    """Of a tenant with a dataset, a model and cut-offs of its own."""
    found = town.person("alpha", Role.TENANT_ADMIN)
    cut_offs = {"low": LOW, "high": HIGH, "critical": CRITICAL}
    assert found("PATCH", "/tenant", json={"cut_offs": cut_offs}).status_code == 200
    assert found("POST", "/datasets/uploads?name=pumps", content=ROWS, headers=CSV).status_code == 201
    training = {"dataset": "pumps", "name": "pumps", "algorithm": "hbos", "contamination": 0.1}
    assert found("POST", "/train", json=training).status_code == 202
    town.work()
    return found


def test_rows_scored_at_once_are_as_severe_as_the_tenant_says(me: Person) -> None:
    by_rows = {"dataset_id": "pumps", "algorithm": "hbos", "contamination": 0.1}
    by_model = {"dataset_id": "pumps", "model": "pumps"}
    few = {"data": [ODD, {"flow": 3.5, "heat": 2.0}], "model": "pumps"}
    for body in (by_rows, by_model, few, few):  # the second time all is remembered
        results = me("POST", "/detect", json=body).json()["results"]
        assert [each["severity"] for each in results] == [severity(each["score"]) for each in results]
    assert "critical" in {each["severity"] for each in results}


def test_a_point_is_as_severe_as_the_tenant_says(me: Person) -> None:
    assert me("PUT", "/point-sources/default/model", json={"model": "pumps"}).status_code == 200
    point = {"sourceId": "a", "values": ODD, "timestamp": "2026-11-21T09:30:00Z"}
    answer = me("POST", "/data", json=point).json()
    assert answer["severity"] == severity(answer["anomalyScore"])


def test_a_run_keeps_the_cut_offs_it_was_scored_with(town: Town, me: Person) -> None:
    asked = {"dataset": "pumps", "algorithm": "hbos", "contamination": 0.1}
    path = f"/runs/{me('POST', '/runs', json=asked).json()['id']}"
    town.work()
    run = me("GET", path).json()
    rows = me("GET", f"{path}/anomalies", params={"score_gte": 0.01, "limit": 500}).json()["items"]

    assert [row["severity"] for row in rows] == [severity(row["score"]) for row in rows]
    usual = {"cut_offs": {"low": 0.5, "high": 0.9, "critical": 0.95}}
    assert me("PATCH", "/tenant", json=usual).status_code == 200
    again = me("GET", f"{path}/anomalies", params={"score_gte": 0.01, "limit": 500}).json()["items"]
    assert (me("GET", path).json()["by_severity"], again) == (run["by_severity"], rows)
    critical = me("GET", f"{path}/anomalies", params={"severity": "critical", "count": "exact"}).json()
    assert critical["total"] == run["by_severity"]["critical"] > 0
