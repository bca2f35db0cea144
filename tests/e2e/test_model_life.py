"""Train, score, explain, evaluate and compare, from the outside."""

import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from anomaly_detection import AnomalyDetector
from tests.support.command_line import CommandLine

RNG = np.random.default_rng(0)


def readings(n_rows: int, n_odd: int, seed: int) -> pl.DataFrame:
    """Pump readings; the last ones are odd, and ``y`` says so."""
    rng = np.random.default_rng(seed)
    x = rng.normal([50, 3, 0.1], [5, 0.5, 0.02], (n_rows, 3))
    x[n_rows - n_odd :, 0] += 60
    labels = np.arange(n_rows) >= n_rows - n_odd
    return pl.DataFrame(
        {"temperature": x[:, 0], "flow": x[:, 1], "vibration": x[:, 2], "y": labels.astype(int)}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    readings(500, 5, seed=1).drop("y").write_csv(tmp_path / "training.csv")
    readings(300, 10, seed=2).write_csv(tmp_path / "test.csv")
    return tmp_path


@pytest.fixture
def model(folder: Path, cli: CommandLine) -> Path:
    done = cli("train", "--data", "training.csv", "--algorithm", "knn", "--model", "pump.model")
    assert done.code == 0
    return folder / "pump.model"


def test_a_model_scores_new_rows_as_python_does(cli: CommandLine, folder: Path, model: Path) -> None:
    done = cli.cold("detect", "--input", "test.csv", "--model", model, "--output", "scored.parquet")
    assert done.code == 0
    detector = AnomalyDetector.load(model)
    test = pl.read_csv(folder / "test.csv")
    scored = pl.read_parquet(folder / "scored.parquet")
    np.testing.assert_array_equal(scored["score"].to_numpy(), detector.score(test))
    assert scored["is_anomaly"][-10:].all()


def test_a_model_file_without_a_name_is_called_after_data_and_algorithm(
    cli: CommandLine, folder: Path
) -> None:
    done = cli.cold("train", "--data", "training.csv", "--algorithm", "ecod", "-o", "json")
    assert done.document["file"] == "training-ecod.model"
    assert (folder / "training-ecod.model").exists()
    assert "training-ecod.model" in done.err


def test_an_existing_model_is_replaced_only_by_force(cli: CommandLine, model: Path) -> None:
    before = model.read_bytes()
    refused = cli("train", "--data", "training.csv", "--algorithm", "ecod", "--model", model)
    assert refused.code == 5
    assert "--force" in refused.error
    assert model.read_bytes() == before
    assert (
        cli("train", "--data", "training.csv", "--algorithm", "ecod", "--model", model, "--force").code == 0
    )
    assert model.read_bytes() != before


def test_the_same_training_gives_the_same_bytes(cli: CommandLine, folder: Path, model: Path) -> None:
    cli("train", "--data", "training.csv", "--algorithm", "knn", "--model", "again.model")
    assert (folder / "again.model").read_bytes() == model.read_bytes()


def test_one_row_is_explained_column_by_column(cli: CommandLine, model: Path) -> None:
    done = cli.cold("explain", "--model", model, "--input", "test.csv", "--row", "299", "-o", "json")
    assert done.document["columns"][0]["column"] == "temperature"
    assert done.document["reason"].startswith("temperature")
    assert done.document["is_anomaly"] is True
    assert cli("explain", "--model", model, "--input", "test.csv", "--row", "300").code == 3


def test_an_evaluation_has_every_measure_with_its_interval(cli: CommandLine, model: Path) -> None:
    done = cli.cold("evaluate", "--model", model, "--test", "test.csv", "--label", "y", "-o", "json")
    assert done.code == 0
    found = done.document
    for measure in (
        "auroc",
        "average_precision",
        "precision_at_k",
        "precision",
        "recall",
        "f1",
        "alert_rate",
    ):
        assert found[measure]["low"] <= found[measure]["value"] <= found[measure]["high"]
    assert found["auroc"]["value"] > 0.99
    assert found["confusion"]["true_positives"] == 10
    assert sum(found["confusion"].values()) == found["rows"] == 300


def test_a_label_column_is_found_by_its_name(cli: CommandLine, model: Path) -> None:
    named = cli("evaluate", "--model", model, "--test", "test.csv", "--label", "y", "-o", "json")
    found = cli("evaluate", "--model", model, "--test", "test.csv", "-o", "json")
    assert found.document == named.document
    assert "'y'" in found.err


def test_algorithms_are_compared_on_the_same_rows(cli: CommandLine, folder: Path) -> None:
    done = cli.cold(
        "compare", "--data", "test.csv", "--label", "y", "--algorithms", "auto,knn,pca",
        "--plot", "curves.png", "-o", "json",
    )  # fmt: skip
    assert done.code == 0
    rows = done.document["items"]
    assert {row["algorithm"] for row in rows} == {"auto", "knn", "pca"}
    assert all(row["auroc"] > 0.9 for row in rows)
    assert [row["average_precision"] for row in rows] == sorted(
        (r["average_precision"] for r in rows), reverse=True
    )
    assert (folder / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_model_of_another_schema_names_the_columns(cli: CommandLine, folder: Path, model: Path) -> None:
    readings(50, 1, seed=3).rename({"flow": "flow_rate"}).write_csv(folder / "other.csv")
    done = cli("detect", "--input", "other.csv", "--model", model, "--output", "out.csv")
    assert done.code == 7
    assert "flow" in done.error
    assert not (folder / "out.csv").exists()


def tampered(path: Path, member: str) -> bytes:
    """The archive with one byte of a member changed and its checksum right."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    changed = bytearray(members[member])
    changed[-1] ^= 1
    members[member] = bytes(changed)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path.read_bytes()


@pytest.mark.parametrize("damage", ["pickle", "truncated", "tampered", "newer", "text", "empty", "zip"])
def test_a_file_that_is_not_a_sound_model_is_refused(
    cli: CommandLine, folder: Path, model: Path, damage: str
) -> None:
    whole = model.read_bytes()
    match damage:
        case "pickle":
            model.write_bytes(pickle.dumps({"model": 1}))
        case "truncated":
            model.write_bytes(whole[: len(whole) // 2])
        case "tampered":
            tampered(model, "calibration/knots.npy")
        case "newer":
            with zipfile.ZipFile(model) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
            manifest = json.loads(members["manifest.json"]) | {"version": 99}
            with zipfile.ZipFile(model, "w") as archive:
                for name, content in (members | {"manifest.json": json.dumps(manifest).encode()}).items():
                    archive.writestr(name, content)
        case "text":
            model.write_text("temperature,flow\n1,2\n")
        case "empty":
            model.write_bytes(b"")
        case "zip":
            with zipfile.ZipFile(model, "w") as archive:
                archive.writestr("hello.txt", "hello")
    done = cli("detect", "--input", "test.csv", "--model", model)
    assert done.code == 7
    assert "pump.model" in done.error
    assert {"newer": "newer version", "pickle": "pickle"}.get(damage, "") in done.error


def test_a_missing_model_names_those_that_are_there(cli: CommandLine, model: Path) -> None:
    done = cli("detect", "--input", "test.csv", "--model", "pumpe.model")
    assert done.code == 3
    assert "pump.model" in done.error


def test_columns_that_moved_since_training_are_told(cli: CommandLine, folder: Path, model: Path) -> None:
    moved = readings(300, 0, seed=5).with_columns(pl.col("flow") + 3)
    moved.write_csv(folder / "moved.csv")
    done = cli("detect", "--input", "moved.csv", "--model", model, "-o", "json")
    assert list(done.document["drifted"]) == ["flow"]
    assert "flow" in next(line for line in done.err.splitlines() if line.startswith("warning:"))
    assert cli("detect", "--input", "test.csv", "--model", model, "-o", "json").document["drifted"] == {}


def test_log_lines_are_json_and_only_on_request(cli: CommandLine, folder: Path, model: Path) -> None:
    asked = cli("-v", "detect", "--input", "test.csv", "--model", model)
    lines = [json.loads(line) for line in asked.err.splitlines() if line.startswith("{")]
    assert [(line["event"], line["level"], line["rows"]) for line in lines] == [("table_scored", "info", 300)]
    assert "table_scored" not in cli("detect", "--input", "test.csv", "--model", model).err


def test_the_threshold_of_a_model_can_be_moved(cli: CommandLine, folder: Path, model: Path) -> None:
    rates = {}
    for share in ("0.01", "0.2"):
        done = cli(
            "detect", "--input", "training.csv", "--model", model, "--contamination", share, "-o", "json"
        )
        rates[share] = done.document["anomalies"] / 500
    assert rates["0.01"] <= 0.02
    assert 0.15 < rates["0.2"] < 0.25
    assert cli("detect", "--input", "test.csv", "--model", model, "--contamination", "0.9").code == 2


def test_a_comparison_of_no_algorithm_is_refused(cli: CommandLine, folder: Path) -> None:
    done = cli("compare", "--data", "test.csv", "--label", "y", "--algorithms", "")
    assert done.code == 2
    assert "--algorithms names none" in done.error
