"""Named detectors and the catalogue over HTTP."""

import pytest

from tests.support.scoring import ScoringDesk

BODY = {
    "name": "Large orders",
    "algorithm": "Isolation-Forest",
    "params": {"n_estimators": 50},
    "contamination": 0.02,
    "columns": {"id": "order", "missing": "median"},
    "dataset": "pumps",
}


def test_a_detector_is_created_and_found_by_id_and_slug(scoring: ScoringDesk) -> None:
    made = scoring.send("POST", "/detectors", json=BODY)
    assert made.status_code == 201
    body = made.json()
    assert body["slug"] == "large-orders"
    assert body["configuration"]["algorithm"] == "isolation_forest"
    assert body["configuration"]["params"] == {"n_estimators": 50}
    assert body["configuration"]["columns"]["missing"] == "median"
    assert body["dataset_id"].startswith("ds_")
    assert made.headers["Location"] == f"/api/v1/detectors/{body['id']}"
    for reference in (body["id"], "large-orders"):
        assert scoring.send("GET", f"/detectors/{reference}").json() == body
    [listed] = scoring.send("GET", "/detectors", params={"sort": "name"}).json()["items"]
    assert listed == body


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"algorithm": "isolation_forrest"}, 422, "unknown_algorithm", "#/algorithm"),
        ({"params": {"n_estimator": 5}}, 422, "invalid_parameter", "#/params/n_estimator"),
        ({"params": {"n_estimators": "many"}}, 422, "invalid_parameter", "#/params/n_estimators"),
        ({"contamination": 0.7}, 422, "invalid_request", "#/contamination"),
        ({"contamination": "0.1"}, 422, "invalid_request", "#/contamination"),
        ({"params": {"n_estimators": [1]}}, 422, "invalid_request", "#/params/n_estimators"),
        ({"params": {"a/b": {"c": 1}}}, 422, "invalid_request", "#/params/a~1b"),
        ({"columns": {"ignore": ["a", 5]}}, 422, "invalid_request", "#/columns/ignore/1"),
        ({"name": None}, 422, "invalid_request", "#/name"),
        ({"columns": {"missing": "guess"}}, 422, "invalid_request", "#/columns/missing"),
        ({"surprise": 1}, 422, "invalid_request", "#/surprise"),
    ],
)
def test_what_is_wrong_in_a_configuration_is_pointed_at(
    scoring: ScoringDesk, change: dict[str, object], status: int, code: str, pointer: str
) -> None:
    refused = scoring.send("POST", "/detectors", json=BODY | change)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_an_unknown_algorithm_comes_with_the_nearest_name(scoring: ScoringDesk) -> None:
    refused = scoring.send("POST", "/detectors", json=BODY | {"algorithm": "isolation_forrest"})
    assert "isolation_forest" in refused.json()["fix"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"dataset": "nowhere"}, 404, "dataset_not_found"),
        ({"name": "数据"}, 422, "invalid_detector_name"),
    ],
)
def test_a_detector_that_cannot_be_is_refused(
    scoring: ScoringDesk, change: dict[str, object], status: int, code: str
) -> None:
    refused = scoring.send("POST", "/detectors", json=BODY | change)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_slug_is_given_once(scoring: ScoringDesk) -> None:
    scoring.send("POST", "/detectors", json=BODY)
    again = scoring.send("POST", "/detectors", json=BODY)
    assert (again.status_code, again.json()["code"]) == (409, "detector_name_taken")
    assert scoring.send("POST", "/detectors", who="bob", json=BODY | {"dataset": None}).status_code == 201


def test_a_change_names_the_version_it_is_for(scoring: ScoringDesk) -> None:
    etag = scoring.send("POST", "/detectors", json=BODY).headers["ETag"]
    change = {"contamination": None, "dataset": None, "name": "Orders"}
    changed = scoring.send("PATCH", "/detectors/large-orders", json=change, headers={"If-Match": etag})
    body = changed.json()
    assert (changed.status_code, body["name"], body["dataset_id"]) == (200, "Orders", None)
    assert body["configuration"]["contamination"] is None
    assert body["configuration"]["params"] == {"n_estimators": 50}
    late = scoring.send("PATCH", "/detectors/large-orders", json={"name": "B"}, headers={"If-Match": etag})
    assert late.status_code == 412
    late = scoring.send("DELETE", "/detectors/large-orders", headers={"If-Match": etag})
    assert late.status_code == 412


def test_a_change_of_the_algorithm_must_fit_the_parameters_that_stay(scoring: ScoringDesk) -> None:
    scoring.send("POST", "/detectors", json=BODY)
    refused = scoring.send("PATCH", "/detectors/large-orders", json={"algorithm": "ecod"})
    assert refused.json()["errors"][0]["pointer"] == "#/params/n_estimators"
    changed = scoring.send("PATCH", "/detectors/large-orders", json={"algorithm": "ecod", "params": {}})
    assert changed.json()["configuration"]["algorithm"] == "ecod"


def test_a_detector_is_deleted_and_every_write_is_audited(scoring: ScoringDesk) -> None:
    scoring.send("POST", "/detectors", json=BODY)
    scoring.send("PATCH", "/detectors/large-orders", json={"seed": 3})
    assert scoring.send("DELETE", "/detectors/large-orders").status_code == 204
    assert scoring.send("GET", "/detectors/large-orders").status_code == 404
    assert scoring.audited == ["detector.created", "detector.changed", "detector.deleted"]


def test_another_tenants_detector_is_not_there(scoring: ScoringDesk) -> None:
    id_ = scoring.send("POST", "/detectors", json=BODY).json()["id"]
    for reference in (id_, "large-orders"):
        for method in ("GET", "DELETE"):
            assert scoring.send(method, f"/detectors/{reference}", who="bob").status_code == 404
        assert scoring.send("PATCH", f"/detectors/{reference}", who="bob", json={}).status_code == 404
    assert scoring.send("GET", "/detectors", who="bob").json()["items"] == []


def test_a_viewer_may_look_but_not_write(scoring: ScoringDesk) -> None:
    scoring.send("POST", "/detectors", json=BODY)
    assert scoring.send("GET", "/detectors/large-orders", who="vera").status_code == 200
    assert scoring.send("POST", "/detectors", who="vera", json=BODY).status_code == 403
    assert scoring.send("DELETE", "/detectors/large-orders", who="vera").status_code == 403


def test_the_catalogue_states_parameters_and_limits(scoring: ScoringDesk) -> None:
    listed = scoring.send("GET", "/algorithms").json()
    names = [entry["name"] for entry in listed["items"]]
    assert {"auto", "isolation_forest", "ecod", "vae"} <= set(names)
    assert "pyod:KNN" in listed["further_names"]
    one = scoring.send("GET", "/algorithms/isolation_forest").json()
    assert one in listed["items"]
    assert one["max_fit_rows"] == 200_000
    assert "n_estimators" in [parameter["name"] for parameter in one["parameters"]]
    missing = scoring.send("GET", "/algorithms/crystal_ball")
    assert (missing.status_code, missing.json()["code"]) == (404, "algorithm_not_found")
