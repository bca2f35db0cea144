"""Stories of `detect`, from the outside."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.support.command_line import CommandLine

PLANTED = 17
READERS: dict[str, Callable[[Path], pl.DataFrame]] = {
    "csv": pl.read_csv,
    "parquet": pl.read_parquet,
    "ndjson": pl.read_ndjson,
    "arrow": pl.read_ipc,
}


def payments(n_rows: int = 400, seed: int = 0) -> pl.DataFrame:
    """Card payments with one that is far too large, and one from a country seen once."""
    rng = np.random.default_rng(seed)
    amounts = rng.lognormal(4.5, 0.5, n_rows).round(2)
    amounts[PLANTED] = 9820.0
    countries = rng.choice(["DE", "FR", "NL"], n_rows, p=[0.7, 0.2, 0.1])
    countries[PLANTED + 1] = "KP"
    return pl.DataFrame(
        {
            "payment_id": [f"p-{i:05d}" for i in range(n_rows)],
            "amount": amounts,
            "items": rng.poisson(3, n_rows),
            "weight": rng.normal(2, 0.3, n_rows).round(3),
            "country": countries,
        }
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "payments.csv"
    payments().write_csv(path)
    return path


def test_a_csv_and_nothing_else_gives_the_anomalies_with_reasons(cli: CommandLine, table: Path) -> None:
    done = cli.cold("detect", "--input", table, "-o", "json")
    assert done.code == 0
    assert done.document["schema"] == "anom.detection/1"
    assert done.document["rows"] == 400
    first = done.document["results"][0]
    assert (first["row"], first["payment_id"]) == (PLANTED, f"p-{PLANTED:05d}")
    assert first["is_anomaly"] is True
    assert first["severity"] in {"medium", "high"}  # no row of 400 is more than so rare
    assert first["reason"].startswith("amount 9,820 is far above its usual")
    assert len(done.document["results"]) == 20


def test_every_decision_about_a_column_is_reported(cli: CommandLine, table: Path) -> None:
    done = cli("detect", "--input", table, "-o", "json")
    decisions = {d["column"]: d for d in done.document["preparation"]}
    assert set(decisions) == set(payments().columns)
    assert decisions["payment_id"]["role"] == "id"
    assert "payment_id" in done.err
    assert "country" in done.err


def test_a_rare_category_is_named(cli: CommandLine, table: Path) -> None:
    done = cli("detect", "--input", table, "--algorithm", "hbos", "-o", "json")
    rare = next(r for r in done.document["results"] if r["row"] == PLANTED + 1)
    assert "country 'KP' is rare (0.25 %)" in rare["reason"]


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
def test_standard_output_holds_the_top_rows_in_every_form(cli: CommandLine, table: Path, form: str) -> None:
    done = cli("detect", "--input", table, "--top", "3", "-o", form)
    assert done.code == 0
    if form == "json":
        found = done.document["results"]
    elif form == "ndjson":
        found = [json.loads(line) for line in done.out.splitlines()]
    elif form == "csv":
        found = list(csv.DictReader(io.StringIO(done.out)))
    else:
        header, *lines = done.out.splitlines()
        found = [dict(zip(header.split(), line.split(), strict=False)) for line in lines]
    assert len(found) == 3
    assert int(found[0]["row"]) == PLANTED


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson", "arrow"])
def test_the_output_file_has_every_row_with_all_its_columns_and_the_results(
    cli: CommandLine, table: Path, tmp_path: Path, ending: str
) -> None:
    output = tmp_path / f"scored.{ending}"
    done = cli("detect", "--input", table, "--output", output)
    assert done.code == 0
    scored = READERS[ending](output)
    results = ["score", "raw_score", "is_anomaly", "severity", "reason", "contributions"]
    assert scored.columns == [*payments().columns, *results]
    assert scored["payment_id"].to_list() == payments()["payment_id"].to_list()
    assert scored["raw_score"].arg_max() == PLANTED
    assert (scored["is_anomaly"] == (scored["score"] >= 0.8)).all()
    contributions = scored["contributions"][PLANTED]
    by_column = json.loads(contributions) if isinstance(contributions, str) else contributions
    assert max(by_column, key=by_column.get) == "amount"
    assert scored["reason"].null_count() == 0


def test_a_column_named_as_a_result_keeps_its_name(cli: CommandLine, tmp_path: Path) -> None:
    payments().rename({"weight": "score"}).write_csv(tmp_path / "t.csv")
    done = cli("detect", "--input", "t.csv", "--output", "out.parquet")
    scored = pl.read_parquet(tmp_path / "out.parquet")
    assert {"score", "score_1"} < set(scored.columns)
    assert scored["score"].to_list() == payments()["weight"].to_list()
    assert "score_1" in done.err


def test_a_contamination_flags_that_share(cli: CommandLine, table: Path) -> None:
    done = cli("detect", "--input", table, "--contamination", "0.02", "-o", "json")
    assert done.document["anomalies"] == 8
    assert done.document["model"]["alert_rate"] == 0.02


@pytest.mark.parametrize("most", [1, 7])
def test_an_alert_budget_is_kept(cli: CommandLine, table: Path, most: int) -> None:
    done = cli("detect", "--input", table, "--max-alerts", str(most), "-o", "json")
    assert done.document["anomalies"] == most


def test_rows_that_tie_never_exceed_the_alert_budget(cli: CommandLine) -> None:
    lines = ["x"] + ["1", "2", "3", "2"] * 50 + ["99"] * 5
    done = cli(
        "detect",
        "--input",
        "-",
        "--max-alerts",
        "3",
        "--algorithm",
        "z_score",
        "-o",
        "json",
        stdin="\n".join(lines),
    )
    assert done.code == 0
    assert done.document["anomalies"] == 0


def test_the_same_seed_gives_the_same_bytes(cli: CommandLine, table: Path) -> None:
    first, second = (cli("detect", "--input", table, "--seed", "5", "-o", "json") for _ in range(2))
    assert first.out == second.out


def test_fail_on_tells_by_the_exit_code(cli: CommandLine, table: Path) -> None:
    assert cli("detect", "--input", table, "--fail-on", "medium").code == 10
    assert cli("detect", "--input", table, "--fail-on", "critical").code == 0
    calm = "x,y\n" + "\n".join(f"{i % 7},{i % 5}" for i in range(200))
    assert cli("detect", "--input", "-", "--fail-on", "high", stdin=calm).code == 0


def test_all_rows_can_be_printed(cli: CommandLine, table: Path) -> None:
    done = cli("detect", "--input", table, "--top", "all", "-o", "ndjson")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert len(rows) == 400
    assert [r["score"] for r in rows] == sorted((r["score"] for r in rows), reverse=True)


def test_columns_can_be_chosen(cli: CommandLine, table: Path) -> None:
    done = cli("detect", "--input", table, "--features", "items,weight", "-o", "json")
    assert set(done.document["results"][0]["contributions"]) == {"items", "weight"}


def test_rows_can_come_through_a_pipe(cli: CommandLine) -> None:
    done = cli.cold("detect", "--input", "-", "-o", "json", stdin=payments().write_ndjson())
    assert done.document["results"][0]["row"] == PLANTED


def test_missing_and_infinite_values_are_survived_and_reported(cli: CommandLine) -> None:
    text = "a,b\n" + "\n".join(f"{i % 9},{i % 4}" for i in range(100)) + "\n,1\nNA,2\ninf,3\n1e400,1\n"
    done = cli("detect", "--input", "-", "-o", "json", stdin=text)
    assert done.code == 0
    assert done.document["rows"] == 104
    [decision] = [d for d in done.document["preparation"] if d["column"] == "a"]
    assert "missing" in decision["reason"]


def test_standard_output_holds_nothing_but_data(cli: CommandLine, table: Path) -> None:
    quiet = cli("-q", "detect", "--input", table, "-o", "csv")
    assert quiet.err == ""
    assert len(quiet.out.splitlines()) == 21


def test_the_results_of_an_earlier_detection_are_no_features(cli: CommandLine, table: Path) -> None:
    first = cli("detect", "--input", table, "--output", "scored.csv", "-o", "json")
    again = cli("detect", "--input", "scored.csv", "-o", "json")
    scores = [[row["raw_score"] for row in done.document["results"]] for done in (first, again)]
    assert scores[0] == scores[1]


def test_a_common_category_is_not_flagged_as_a_whole(cli: CommandLine) -> None:
    rng = np.random.default_rng(0)
    country = ["US" if i % 13 == 0 else "DE" for i in range(500)]
    ages = rng.normal(45, 12, 500).round(1)
    ages[100] = -25
    frame = pl.DataFrame({"country": country, "age": ages, "visits": rng.poisson(4, 500)})
    done = cli("detect", "--input", "-", "-o", "json", stdin=frame.write_csv())
    assert 100 in {row["row"] for row in done.document["results"][:2]}
    assert done.document["anomalies"] < 10
