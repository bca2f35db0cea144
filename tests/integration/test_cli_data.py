"""The commands dataset and generate, from argument to output."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from core.presentation.boundary import run
from core.presentation.cli import Invocation, command_line
from data_platform.api import DataPlatform
from data_platform.local_wiring import build
from data_platform.presentation.cli import add_commands


class Defaults:
    def get(self, path: str) -> object:
        return {"model.seed": 0}[path]


def app() -> typer.Typer:
    built = command_line("Test.", version=lambda: "0", load_settings=lambda _: Defaults())
    add_commands(built, lambda _: build())
    return built


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,amount,country\n"
        + "".join(f"{i},{i * 7 % 31}.5,{'DE' if i % 3 else 'FR'}\n" for i in range(90))
    )
    return path


def test_a_profile_prints_a_row_per_column(csv: Path) -> None:
    result = CliRunner().invoke(app(), ["dataset", "profile", str(csv)])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        "column",
        "kind",
        "role",
        "missing",
        "distinct",
        "low",
        "median",
        "high",
        "values",
    ]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["order_id", "numeric", "id"],
        ["amount", "numeric", "feature"],
        ["country", "category", "feature"],
    ]
    assert "90 rows, 3 columns" in result.stderr


def test_a_profile_as_json_has_its_schema(csv: Path) -> None:
    result = CliRunner().invoke(app(), ["-o", "json", "dataset", "profile", str(csv), "--ignore", "country"])
    document = json.loads(result.stdout)
    assert document["schema"] == "anom.dataset_profile/1"
    assert [column["role"] for column in document["columns"]] == ["id", "feature", "ignored"]
    assert {finding["check"] for finding in document["findings"]} >= {"missing", "constant"}


def test_series_are_generated_where_asked(tmp_path: Path) -> None:
    arguments = [
        "generate",
        "series",
        "--n-series",
        "4",
        "--n-points",
        "300",
        "--step",
        "5m",
        "--anomaly-ratio",
        "0.5",
    ]
    result = CliRunner().invoke(app(), ["-o", "json", *arguments, "--output-dir", str(tmp_path / "made")])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["schema"], document["series_with_anomalies"], document["step_seconds"]) == (
        "anom.synthetic_series/1", 2, 300.0,
    )  # fmt: skip
    assert (tmp_path / "made" / "series.parquet").exists()


def test_a_table_is_generated_with_the_kinds_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    arguments = ["generate", "table", "--n-rows", "200", "--kinds", "global,local", "--output", str(path)]
    result = CliRunner().invoke(app(), ["-o", "json", *arguments])
    assert json.loads(result.stdout)["kinds"] == ["global", "local"]
    assert len(path.read_text().splitlines()) == 201


def test_one_column_has_no_dependency_outliers_unless_asked_for(tmp_path: Path) -> None:
    arguments = [
        "generate",
        "table",
        "--n-rows",
        "50",
        "--n-features",
        "1",
        "--output",
        str(tmp_path / "t.csv"),
    ]
    result = CliRunner().invoke(app(), ["-o", "json", *arguments])
    assert json.loads(result.stdout)["kinds"] == ["global", "local", "clustered"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["generate", "series", "--output-dir", "x", "--step", "fast"], 2, "--step is 'fast'"),
        (["generate", "series", "--output-dir", "x", "--file-format", "xls"], 2, "Give parquet or csv"),
        (["generate", "series", "--output-dir", "x", "--anomaly-ratio", "2"], 2, "share in [0, 1]"),
        (["generate", "table", "--output", "x.csv", "--kinds", "globl"], 2, "Did you mean 'global'"),
        (["generate", "table", "--output", "x.xls"], 2, "ending"),
        (["dataset", "profile", "none.csv"], 3, "none.csv"),
    ],
)
def test_bad_options_end_in_one_line_and_the_right_code(
    arguments: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["anomaly_detection", *arguments])
    assert run(app()) == code
    errors = capsys.readouterr().err.strip().splitlines()
    assert len(errors) == 1
    assert said in errors[0]
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_column_is_refused_with_the_nearest(
    csv: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sys.argv", ["anomaly_detection", "dataset", "profile", str(csv), "--ignore", "amout"]
    )
    assert run(app()) == 3
    assert "Did you mean 'amount'" in capsys.readouterr().err


def test_help_shows_examples_without_building_the_platform() -> None:
    built = command_line("Test.", version=lambda: "0", load_settings=lambda _: Defaults())
    add_commands(built, refuse_to_build)
    result = CliRunner().invoke(built, ["dataset", "profile", "--help"])
    assert "dataset profile data.csv" in result.output
    assert result.exit_code == 0


def refuse_to_build(given: Invocation) -> DataPlatform:
    raise AssertionError(f"built for {given}")
