"""Scores while the caller waits."""

import json
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from tests.support.registry import ROWS
from tests.support.scoring import ScoringDesk

ARROW = "application/vnd.apache.arrow.stream"
JSON = "application/json"
RNG = np.random.default_rng(1)
XY = [{"x": float(x), "y": float(y)} for x, y in RNG.normal(size=(40, 2))]
FOUNDING = {"data": [*XY, {"x": 40, "y": -35}], "algorithm": "isolation_forest", "contamination": 0.1}
FAR = {"a": 9.0, "b": -9.0, "c": 9.0}
NEAR = {"a": 0.0, "b": 0.1, "c": 0.2}


@pytest.fixture
def trained(scoring: ScoringDesk) -> ScoringDesk:
    scoring.desk.trained("pumps")
    return scoring


def test_the_founding_body_is_scored_by_a_detector_that_learns_from_it(scoring: ScoringDesk) -> None:
    answer = scoring.send("POST", "/detect", json=FOUNDING)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["run_id"], body["model"], body["algorithm"]) == (None, None, "isolation_forest")
    assert (body["count"], body["alert_rate"]) == (41, pytest.approx(0.1))
    assert body["anomaly_count"] == sum(row["is_anomaly"] for row in body["results"]) >= 1
    assert [row["index"] for row in body["results"]] == list(range(41))
    odd = max(body["results"], key=lambda row: row["score"])
    assert (odd["index"], odd["severity"]) == (40, "high")
    assert odd["score"] >= 0.9
    assert "x 40" in odd["reason"] or "y -35" in odd["reason"]
    assert set(odd["contributions"]) == {"x", "y"}
    usual = min(body["results"], key=lambda row: row["score"])
    assert (usual["severity"], usual["reason"], usual["contributions"]) == ("none", None, None)
    assert all((row["raw_score"] >= body["threshold"]) == row["is_anomaly"] for row in body["results"])


def test_a_model_scores_single_rows(trained: ScoringDesk) -> None:
    one = trained.send("POST", "/detect", json={"model": "pumps", "data": [FAR]}).json()
    assert (one["model"], one["count"], one["anomaly_count"]) == ("pumps:1", 1, 1)
    [row] = one["results"]
    assert row["is_anomaly"]
    values = list(row["contributions"].values())
    assert set(row["contributions"]) == {"a", "b", "c"}
    assert values == sorted(values, reverse=True)
    assert "usual" in row["reason"]
    same = trained.send("POST", "/models/pumps:1/scores", json={"data": [FAR]}).json()
    assert same == one


def test_rows_score_alike_alone_in_batches_in_any_form(trained: ScoringDesk) -> None:
    rows = ROWS.head(50).to_dicts()
    alone = [
        trained.send("POST", "/detect", json={"model": "pumps", "data": [row]}).json()["results"][0]
        for row in rows[:5]
    ]
    batch = trained.send("POST", "/detect", json={"model": "pumps", "data": rows}).json()["results"]
    text = [row | {"a": str(row["a"]), "note": "text: of a kind"} for row in rows]
    framed = trained.send("POST", "/detect", json={"model": "pumps", "data": text}).json()["results"]
    arrow = trained.send(
        "POST",
        "/detect",
        params={"model": "pumps"},
        content=stream(ROWS.head(50)),
        headers={"Content-Type": ARROW, "Accept": JSON},
    ).json()["results"]
    assert [row["score"] for row in alone] == pytest.approx([row["score"] for row in batch[:5]], abs=1e-6)
    assert [row["score"] for row in batch] == pytest.approx([row["score"] for row in framed], abs=1e-6)
    assert batch == arrow


def test_rows_of_plain_numbers_and_others_get_equal_answers(trained: ScoringDesk) -> None:
    rows: list[dict[str, Any]] = [FAR, NEAR, FAR | {"b": None}, {"c": 1, "b": 10**25, "a": -0.0}]
    plain = trained.send("POST", "/detect", json={"model": "pumps", "data": rows}).json()
    others = [row | {"note": "text: of a kind"} for row in rows]
    assert trained.send("POST", "/detect", json={"model": "pumps", "data": others}).json() == plain
    assert sum(row["reason"] is not None for row in plain["results"]) >= 2


def test_wide_rows_are_for_runs_by_a_model_too(trained: ScoringDesk) -> None:
    wide = NEAR | {f"c{i}": 1 for i in range(2_000)}
    sent = trained.send("POST", "/detect", json={"model": "pumps", "data": [wide]})
    assert (sent.status_code, sent.json()["limit"]) == (413, 2_000)
    content, headers = stream(pl.DataFrame([wide])), {"Content-Type": ARROW}
    sent = trained.send("POST", "/detect", params={"model": "pumps"}, content=content, headers=headers)
    assert (sent.status_code, sent.json()["code"]) == (413, "too_heavy")


def test_the_threshold_of_a_model_can_be_chosen(trained: ScoringDesk) -> None:
    rows = ROWS.to_dicts()
    body = {"model": "pumps", "data": rows, "contamination": 0.2}
    answer = trained.send("POST", "/detect", json=body).json()
    assert answer["alert_rate"] == pytest.approx(0.2)
    assert answer["anomaly_count"] == pytest.approx(40, abs=4)


def test_explanations_can_be_left_out(trained: ScoringDesk) -> None:
    body = {"model": "pumps", "data": [FAR], "explain": False}
    [row] = trained.send("POST", "/detect", json=body).json()["results"]
    assert set(row) == {"index", "score", "raw_score", "is_anomaly", "severity"}


def test_a_dataset_is_scored_by_its_name(scoring: ScoringDesk) -> None:
    body = {"dataset_id": "labelled", "algorithm": "ecod"}
    answer = scoring.send("POST", "/detect", json=body).json()
    assert answer["count"] == 206
    assert scoring.send("POST", "/detect", json={"dataset_id": "nowhere"}).status_code == 404


def test_a_named_detector_scores_rows(scoring: ScoringDesk) -> None:
    scoring.send("POST", "/detectors", json={"name": "Odd", "algorithm": "hbos", "contamination": 0.1})
    answer = scoring.send("POST", "/detectors/odd/scores", json={"data": FOUNDING["data"]}).json()
    assert (answer["algorithm"], answer["count"]) == ("hbos", 41)
    assert scoring.send("POST", "/detectors/none/scores", json={"data": XY}).status_code == 404


def test_rows_without_a_column_of_the_detector_are_pointed_at(scoring: ScoringDesk) -> None:
    body = {"name": "Odd", "algorithm": "hbos", "columns": {"features": ["pressure"]}}
    assert scoring.send("POST", "/detectors", json=body).status_code == 201
    refused = scoring.send("POST", "/detectors/odd/scores", json={"data": XY})
    assert (refused.status_code, refused.json()["code"]) == (422, "column_not_in_dataset")
    assert refused.json()["errors"][0]["pointer"] == "#/data"


def test_rows_with_other_keys_and_kinds_are_one_table(scoring: ScoringDesk) -> None:
    rows: list[dict[str, Any]] = [*XY, {"x": 1.0}, {"y": None, "z": True}, {"x": "0.5", "y": 10**25}, {}]
    answer = scoring.send("POST", "/detect", json={"data": rows, "algorithm": "isolation_forest"})
    assert answer.status_code == 200
    assert answer.json()["count"] == 44


@pytest.mark.parametrize(
    ("text", "status", "code", "pointer"),
    [
        ('{"data": []}', 422, "no_rows", "#/data"),
        ("{}", 422, "invalid_body", "#/data"),
        ('{"data": null}', 422, "invalid_body", "#/data"),
        ('{"data": [1, 2]}', 422, "invalid_body", "#/data/0"),
        ('{"data": {"x": 1}}', 422, "invalid_body", "#/data"),
        ('{"data": [{"x": 1}, {"x": [1]}]}', 422, "bad_cell", "#/data/1/x"),
        ('{"data": [{"a/b": {"c": 1}}]}', 422, "bad_cell", "#/data/0/a~1b"),
        ('{"data": [{"x": 1e999}]}', 422, "bad_cell", "#/data/0/x"),
        ('{"data": [{"x": 1}], "model": 3}', 422, "invalid_body", "#/model"),
        ('{"data": [{"x": 1}], "contamination": 0}', 422, "invalid_body", "#/contamination"),
        ('{"data": [{"x": 1}], "surprise": 0}', 422, "invalid_body", "#/surprise"),
        ('{"data": [{"x": 1}], "model": "m", "algorithm": "ecod"}', 422, "invalid_body", "#/algorithm"),
        ('{"data": [{"x": 1}], "dataset_id": "pumps"}', 422, "invalid_body", "#/dataset_id"),
        ('{"data": [{"x": 1}], "algorithm": "isolation_forrest"}', 422, "unknown_algorithm", "#/algorithm"),
        ('{"data": [{"x": 1}], "params": {"k": 1}}', 422, "invalid_parameter", "#/params/k"),
        ('{"data": [{"x": 1, "x": 2}]}', 422, "invalid_body", None),
        ('{"data": [{"x": 1}], "data": [{"x": 2}]}', 422, "invalid_body", None),
        ('{"data": [{"x": 1}]}', 422, "too_few_rows", None),
        ('{"data": [{"x": NaN}]}', 400, "malformed_json", None),
        ('{"data": [{"x": 1}]', 400, "malformed_json", None),
        ('{"data": [{"x": "\\ud800"}]}', 400, "malformed_json", None),
        ('{"data": ' + "[" * 100_000, 400, "malformed_json", None),
        ("[]", 422, "invalid_body", "#"),
        ("", 400, "malformed_json", None),
    ],
)
def test_what_cannot_be_scored_is_refused_where_it_is(
    scoring: ScoringDesk, text: str, status: int, code: str, pointer: str | None
) -> None:
    refused = scoring.send("POST", "/detect", content=text, headers={"Content-Type": JSON})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert [error["pointer"] for error in refused.json().get("errors", ())] == ([pointer] if pointer else [])
    assert scoring.counted.used == 0


def test_text_where_the_model_has_numbers_is_pointed_at(trained: ScoringDesk) -> None:
    rows = [NEAR, NEAR | {"b": "much"}]
    refused = trained.send("POST", "/detect", json={"model": "pumps", "data": rows})
    assert (refused.status_code, refused.json()["code"]) == (422, "schema_mismatch")
    assert refused.json()["errors"][0]["pointer"] == "#/data/1/b"
    refused = trained.send("POST", "/detect", json={"model": "pumps", "data": [{"a": 1.0}]})
    assert refused.json()["missing"] == ["b", "c"]


def test_colons_in_text_are_no_names(trained: ScoringDesk) -> None:
    rows = [NEAR | {"at": '12:30 "{:}" \\'}]
    assert trained.send("POST", "/detect", json={"model": "pumps:1", "data": rows}).status_code == 200


def test_ten_thousand_rows_are_scored_and_more_are_for_runs(trained: ScoringDesk) -> None:
    many: dict[str, Any] = {"model": "pumps", "data": [NEAR] * 10_000, "explain": False}
    assert trained.send("POST", "/detect", json=many).json()["count"] == 10_000
    too_many: list[dict[str, Any]] = [many | {"data": [NEAR] * 10_001}, {"data": [{}] * 10_001}]
    for body in too_many:
        refused = trained.send("POST", "/detect", json=body)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_many_rows")
        assert "/api/v1/datasets" in refused.json()["fix"]
        assert "/api/v1/runs" in refused.json()["fix"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"data": XY, "algorithm": "vae"}, "too_heavy"),
        ({"data": XY * 30, "algorithm": "pyod:KNN"}, "too_heavy"),
        ({"data": [{f"c{i}": 1.0 for i in range(2_000)}] * 501}, "too_heavy"),
        ({"data": [{f"c{i}": 1.0 for i in range(2_001)}] * 10}, "too_heavy"),
        ({"data": [{f"c{i}": "x" for i in range(2_001)}] * 10}, "too_heavy"),
        ({"data": [{f"c{i}-{j}": 1 for j in range(5)} for i in range(5_000)]}, "too_heavy"),
    ],
)
def test_heavy_work_is_for_runs(scoring: ScoringDesk, body: dict[str, Any], code: str) -> None:
    refused = scoring.send("POST", "/detect", json=body)
    assert (refused.status_code, refused.json()["code"]) == (413, code)


def test_wide_rows_are_scored(scoring: ScoringDesk) -> None:
    rows = [{f"c{i}": float(v) for i, v in enumerate(row)} for row in RNG.normal(size=(12, 2_000))]
    answer = scoring.send("POST", "/detect", json={"data": rows, "algorithm": "hbos"})
    assert (answer.status_code, answer.json()["count"]) == (200, 12)


def test_a_large_body_is_refused_before_it_is_read(scoring: ScoringDesk) -> None:
    headers = {"Content-Type": JSON, "Content-Length": str(17 * 2**20)}
    refused = scoring.send("POST", "/detect", content=b"x" * (17 * 2**20), headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


def test_other_forms_and_parameters_are_refused(scoring: ScoringDesk) -> None:
    text = json.dumps(FOUNDING)
    for headers in ({"Content-Type": "text/csv"}, {"Content-Type": JSON, "Content-Encoding": "gzip"}):
        assert scoring.send("POST", "/detect", content=text, headers=headers).status_code == 415
    assert scoring.send("POST", "/detect", params={"model": "m"}, json=FOUNDING).status_code == 400


def test_arrow_goes_in_and_out(trained: ScoringDesk) -> None:
    answer = trained.send(
        "POST",
        "/detect",
        params={"model": "pumps", "contamination": "0.1"},
        content=stream(ROWS),
        headers={"Content-Type": ARROW},
    )
    assert answer.headers["Content-Type"] == ARROW
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.num_rows == 200
    assert table.schema.metadata[b"model"] == b"pumps:1"
    flagged = table.filter(table["is_anomaly"])
    assert flagged.num_rows == int(table.schema.metadata[b"anomaly_count"]) > 0
    assert set(json.loads(flagged["contributions"][0].as_py())) == {"a", "b", "c"}
    fitted = trained.send(
        "POST", "/detect", params={"algorithm": "ecod"}, content=stream(ROWS), headers={"Content-Type": ARROW}
    )
    assert pa.ipc.open_stream(fitted.content).schema.metadata[b"algorithm"] == b"ecod"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "invalid_arrow"),
        (b"\xff\xff\xff\xff\x10\x00\x00\x00garbage", 422, "invalid_arrow"),
        ("cut", 422, "invalid_arrow"),
        ("compressed", 422, "invalid_arrow"),
        ("many", 413, "too_many_rows"),
    ],
)
def test_arrow_streams_that_are_not_read(
    trained: ScoringDesk, content: bytes | str, status: int, code: str
) -> None:
    made = {
        "cut": stream(ROWS)[:-300],
        "compressed": stream(ROWS, compression="zstd"),
        "many": stream(pl.concat([ROWS] * 51)),
    }
    body = made[content] if isinstance(content, str) else content
    refused = trained.send(
        "POST", "/detect", params={"model": "pumps"}, content=body, headers={"Content-Type": ARROW}
    )
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_rows_are_counted_and_the_quota_holds(trained: ScoringDesk) -> None:
    trained.counted.limit = 3
    body = {"model": "pumps", "data": [NEAR, NEAR]}
    assert trained.send("POST", "/detect", json=body).status_code == 200
    refused = trained.send("POST", "/detect", json=body)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_exceeded")
    assert refused.headers["Retry-After"] == "60"
    assert trained.counted.used == 2


def test_the_way_through_threads_answers_the_same(trained: ScoringDesk) -> None:
    body = {"model": "pumps", "data": [FAR, NEAR]}
    trained.send("POST", "/detect", json=body)
    quick = trained.send("POST", "/detect", json=body).json()
    trained.counted.is_due = True
    assert trained.send("POST", "/detect", json=body).json() == quick
    assert trained.counted.used == 6


def test_another_tenants_model_and_dataset_are_not_there(trained: ScoringDesk) -> None:
    body = {"model": "pumps", "data": [NEAR]}
    assert trained.send("POST", "/detect", json=body).status_code == 200
    foreign = trained.send("POST", "/detect", who="bob", json=body)
    unknown = trained.send("POST", "/detect", who="bob", json=body | {"model": "never"})
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json()["title"] == unknown.json()["title"]
    assert trained.send("POST", "/detect", who="bob", json={"dataset_id": "pumps"}).status_code == 404


def test_scoring_needs_its_permission_and_a_caller(trained: ScoringDesk) -> None:
    body = {"model": "pumps", "data": [NEAR]}
    assert trained.send("POST", "/detect", who="vera", json=body).status_code == 403
    assert trained.send("POST", "/detect", who="nobody", json=body).status_code == 401


def stream(frame: pl.DataFrame, compression: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    table = frame.to_arrow()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as to:
        to.write_table(table)
    return bytes(sink.getvalue())
