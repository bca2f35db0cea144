"""Single measurements over HTTP, and the models of their sources."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.scoring import ScoringDesk

POINT = {
    "sourceId": "pump-7",
    "values": {"a": 9.0, "b": -9.0, "c": 9},
    "timestamp": "2026-11-21T09:30:00Z",
}


@pytest.fixture
def served(scoring: ScoringDesk) -> ScoringDesk:
    scoring.desk.trained("pumps")
    assert scoring.send("PUT", "/sources/pump-7/model", json={"model": "pumps"}).status_code == 200
    return scoring


def test_a_point_is_scored_with_its_sources_model_and_kept(served: ScoringDesk) -> None:
    first = served.send("POST", "/data", json=POINT)
    assert first.status_code == 201
    body = first.json()
    assert set(body) == {"dataPointId", "anomalyScore", "isAnomaly", "severity"}
    assert (body["isAnomaly"], body["anomalyScore"] >= 0.8) == (True, True)
    assert body["severity"] in ("medium", "high", "critical")
    [kept] = served.send("GET", "/points").json()["items"]
    assert (kept["id"], kept["values"], kept["score"]) == (
        body["dataPointId"],
        POINT["values"],
        body["anomalyScore"],
    )
    usual = POINT | {"values": {"a": 0.0, "b": 0.1, "c": None}, "timestamp": "2026-11-21T09:31:00Z"}
    assert served.send("POST", "/data", json=usual).json()["severity"] in ("none", "low")


def test_the_same_point_again_gives_the_stored_answer_and_another_is_refused(served: ScoringDesk) -> None:
    first = served.send("POST", "/data", json=POINT)
    again = served.send("POST", "/data", json=POINT | {"timestamp": "2026-11-21T10:30:00+01:00"})
    assert (again.status_code, again.json()) == (200, first.json())
    other = served.send("POST", "/data", json=POINT | {"values": {"a": 1.0, "b": 1.0, "c": 1.0}})
    assert (other.status_code, other.json()["code"]) == (409, "point_differs")
    assert len(served.send("GET", "/points").json()["items"]) == 1
    assert served.counted.used == 1


def test_a_point_sent_many_times_at_once_is_stored_once(served: ScoringDesk) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: served.send("POST", "/data", json=POINT), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["dataPointId"] for answer in answers}) == 1


def test_sources_without_a_model_use_the_tenants_default(served: ScoringDesk) -> None:
    other = POINT | {"sourceId": "pump 8/b"}
    refused = served.send("POST", "/data", json=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_model_for_source")
    assert served.send("GET", "/point-sources/default/model").status_code == 404
    made = served.send("PUT", "/point-sources/default/model", json={"model": "pumps:1"})
    assert (made.json()["source_id"], made.json()["model"]) == ("default", "pumps:1")
    assert served.send("POST", "/data", json=other).status_code == 201
    assert served.send("DELETE", "/point-sources/default/model").status_code == 204
    assert served.send("DELETE", "/point-sources/default/model").status_code == 404
    assert served.audited == ["point_source.model_set"] * 2 + ["point_source.model_removed"]


def test_a_source_whose_model_was_deleted_has_none_any_more(served: ScoringDesk) -> None:
    served.desk.trained("spare")
    served.send("PUT", "/point-sources/default/model", json={"model": "spare"})
    served.desk.registry.delete_model(served.desk.ana, "pumps", version=None)
    time.sleep(1.05)  # so long it is remembered what a name means
    assert served.send("POST", "/data", json=POINT).status_code == 201  # by the default
    assert served.send("GET", "/point-sources/pump-7/model").status_code == 404
    served.desk.registry.delete_model(served.desk.ana, "spare", version=None)
    time.sleep(1.05)
    later = POINT | {"timestamp": "2026-11-21T09:31:00Z"}
    refused = served.send("POST", "/data", json=later)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_model_for_source")
    assert "PUT /api/v1/sources/{sourceId}/model" in refused.json()["fix"]
    assert served.audited == ["point_source.model_set"] * 2 + ["point_source.model_removed"] * 2


def test_a_source_has_one_model_at_a_time(served: ScoringDesk) -> None:
    assert served.send("GET", "/point-sources/pump-7/model").json()["model"] == "pumps"
    changed = served.send("PUT", "/point-sources/pump-7/model", json={"model": "pumps:1"})
    assert (changed.json()["source_id"], changed.json()["model"]) == ("pump-7", "pumps:1")
    missing = served.send("PUT", "/point-sources/pump-7/model", json={"model": "never"})
    assert missing.status_code == 404
    assert served.send("GET", "/point-sources/pump-7/model").json()["model"] == "pumps:1"


def test_points_are_listed_by_source_time_and_flag(served: ScoringDesk) -> None:
    for minute in range(5):
        served.send("POST", "/data", json=POINT | {"timestamp": f"2026-11-21T09:0{minute}:00Z"})
    served.send("POST", "/data", json=POINT | {"values": {"a": 0.0, "b": 0.0, "c": 0.0}})

    def minutes(**wanted: Any) -> list[str]:
        items = served.send("GET", "/points", params=wanted).json()["items"]
        return [item["timestamp"][14:16] for item in items]

    assert minutes() == ["30", "04", "03", "02", "01", "00"]
    assert minutes(source_id="pump-8") == []
    window = {"from": "2026-11-21T09:01:00Z", "to": "2026-11-21T09:03:00Z"}
    assert minutes(**window) == ["02", "01"]
    assert minutes(is_anomaly="false") == ["30"]
    first = served.send("GET", "/points", params={"limit": 4}).json()
    assert minutes(limit=4, cursor=first["next_cursor"]) == ["01", "00"]
    assert served.send("GET", "/points", params={"form": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"timestamp": "2026-11-21T09:30:00"}, "#/timestamp"),
        ({"timestamp": "9999-12-31T23:59:59-10:00"}, "#/timestamp"),
        ({"values": {}}, "#/values"),
        ({"values": {"a": "nul \x00"}}, "#/values/a"),
        ({"sourceId": "two\nlines"}, "#/sourceId"),
        ({"sourceId": "s" * 201}, "#/sourceId"),
    ],
)
def test_points_that_are_none(served: ScoringDesk, change: dict[str, Any], pointer: str) -> None:
    refused = served.send("POST", "/data", json=POINT | change)
    assert refused.status_code == 422
    assert all(error["pointer"].startswith(pointer) for error in refused.json()["errors"])


def test_a_point_with_other_columns_is_refused_and_not_kept(served: ScoringDesk) -> None:
    refused = served.send("POST", "/data", json=POINT | {"values": {"pressure": 3.0}})
    assert (refused.status_code, refused.json()["code"]) == (422, "schema_mismatch")
    assert served.send("GET", "/points").json()["items"] == []


def test_another_tenant_sees_no_point_and_no_models(served: ScoringDesk) -> None:
    served.send("POST", "/data", json=POINT)
    assert served.send("GET", "/points", who="bob").json()["items"] == []
    assert served.send("GET", "/point-sources/pump-7/model", who="bob").status_code == 404
    assert served.send("POST", "/data", who="bob", json=POINT).status_code == 409
    foreign = served.send("PUT", "/sources/pump-7/model", who="bob", json={"model": "pumps"})
    assert foreign.status_code == 404


def test_a_viewer_reads_points_and_writes_none(served: ScoringDesk) -> None:
    assert served.send("POST", "/data", who="vera", json=POINT).status_code == 403
    body = {"model": "pumps"}
    assert served.send("PUT", "/point-sources/pump-7/model", who="vera", json=body).status_code == 403
    assert served.send("GET", "/points", who="vera").status_code == 200
