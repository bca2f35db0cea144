"""What can be wrong with input and output: one clear line, the right exit code, nothing half-written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.support.command_line import COMMAND, CommandLine, environment

GOOD = "x,y\n" + "\n".join(f"{i % 11},{i % 7}" for i in range(60)) + "\n"


def refused(
    cli: CommandLine, text: str | bytes, code: int, *words: str, arguments: tuple[str, ...] = ()
) -> None:
    """Detecting in this file ends with the code and a line that has the words; no output file is left."""
    path = cli.folder / "bad.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    done = cli("detect", "--input", "bad.csv", "--output", "out.parquet", *arguments)
    assert done.code == code, done.err
    assert all(word in done.error for word in words), done.error
    assert done.out == ""
    assert sorted(p.name for p in cli.folder.iterdir()) == ["bad.csv"]


def test_a_missing_file_names_those_that_are_like_it(cli: CommandLine) -> None:
    (cli.folder / "data.csv").write_text(GOOD)
    done = cli("detect", "--input", "dat.csv")
    assert done.code == 3
    assert "data.csv" in done.error


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ("empty",)),
        ("x,y\n", ("no rows",)),
        ("x,y\n1,2\n", ("1 row", "10")),
        ("x,y\n" + "3,4\n" * 50, ("constant",)),
        ("x,y\n" + ",\n" * 50, ("no usable value",)),
        (GOOD + "1,2,3\n4\n", ("62", "63")),
        ("x,x\n" + "1,2\n" * 50, ("'x'",)),
        (b"\x00\xff\x00\x81" * 200, ()),
    ],
    ids=[
        "empty",
        "header_only",
        "one_row",
        "constant",
        "all_missing",
        "ragged",
        "duplicate_columns",
        "binary",
    ],
)
def test_unusable_content_is_refused(cli: CommandLine, text: str | bytes, words: tuple[str, ...]) -> None:
    refused(cli, text, 7, *words)


def test_text_in_which_every_value_differs_cannot_be_used_and_each_column_has_its_reason(
    cli: CommandLine,
) -> None:
    lines = ["name,note"] + [f"person {i},remark number {i} is different" for i in range(200)]
    refused(cli, "\n".join(lines), 7, "name", "note")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--algorithm", "isolation_forrest"), 2, ("isolation_forest",)),
        (("--algorithm", "pyod:KN"), 2, ("KNN",)),
        (("--algorithm", "lof", "--param", "n_neighbours=5"), 2, ("n_neighbors",)),
        (("--algorithm", "lof", "--param", "n_neighbors=0"), 2, ("n_neighbors",)),
        (("--param", "n_estimators"), 2, ("NAME=VALUE",)),
        (("--contamination", "0.7"), 2, ("0.5",)),
        (("--contamination", "0"), 2, ("0.5",)),
        (("--contamination", "many"), 2, ()),
        (("--max-alerts", "0"), 2, ("1",)),
        (("--top", "few"), 2, ("all",)),
        (("--fail-on", "hihg"), 2, ("high",)),
        (("--missing", "drop"), 2, ("median",)),
        (("--features", "x,z"), 3, ("'z'",)),
        (("--label", "x"), 7, ("two",)),
        (("--query", "select 1"), 2, ("database",)),
        (("--seed", "-1"), 2, ()),
        (("--contamination", "0.1", "--max-alerts", "5"), 2, ("one of them",)),
        (("--no-such-option",), 2, ()),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, tuple) else str(value),
)
def test_a_wrong_option_says_what_would_be_right(
    cli: CommandLine, arguments: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    refused(cli, GOOD, code, *words, arguments=arguments)


def test_other_encodings_are_read_and_said(cli: CommandLine) -> None:
    text = "größe,farbe\n" + "\n".join(f"{i % 11},{'grün' if i % 3 else 'weiß'}" for i in range(60))
    for encoding in ("cp1252", "utf-16"):
        (cli.folder / "t.csv").write_bytes(text.encode(encoding))
        done = cli("detect", "--input", "t.csv", "-o", "json")
        assert done.code == 0
        assert {d["column"] for d in done.document["preparation"]} == {"größe", "farbe"}


def test_one_column_is_enough(cli: CommandLine) -> None:
    done = cli(
        "detect",
        "--input",
        "-",
        "-o",
        "json",
        stdin="x\n" + "\n".join(str(i % 13) for i in range(99)) + "\n500\n",
    )
    assert done.document["results"][0]["row"] == 99


def test_mixed_types_do_not_stop_a_detection(cli: CommandLine) -> None:
    text = "a,b\n" + "\n".join(f"{i % 9},{i % 4}" for i in range(100)) + "\nbroken,2\n"
    done = cli("detect", "--input", "-", "-o", "json", stdin=text)
    assert done.code == 0
    assert "a" in {d["column"] for d in done.document["preparation"]}
    assert "broken" in done.err or "text" in done.err


def test_five_thousand_columns_are_no_trouble(cli: CommandLine) -> None:
    x = np.random.default_rng(0).normal(size=(60, 5000)).round(3)
    x[30] += 8
    pl.from_numpy(x).write_csv(cli.folder / "wide.csv")
    done = cli("detect", "--input", "wide.csv", "--output", "out.parquet", "-o", "json")
    assert done.code == 0
    assert done.document["results"][0]["row"] == 30


def test_an_unreachable_database_is_said_without_the_password(cli: CommandLine) -> None:
    url = "postgresql+psycopg://me:s3cret@127.0.0.1:1/shop"
    done = cli("detect", "--input", url, "--query", "select 1")
    assert done.code == 6
    assert "s3cret" not in done.out + done.err


def test_a_query_that_fails_is_said(cli: CommandLine) -> None:
    done = cli("detect", "--input", "sqlite:///shop.db", "--query", "select * from nowhere")
    assert done.code in {3, 7}
    assert "nowhere" in done.error or "shop.db" in done.error


@pytest.mark.parametrize("output", ["nowhere/out.csv", "out.xlsx"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(cli: CommandLine, output: str) -> None:
    (cli.folder / "good.csv").write_text(GOOD)
    done = cli("detect", "--input", "good.csv", "--output", output)
    assert done.code == (2 if output == "out.xlsx" else 5)
    assert done.out == ""
    assert [p.name for p in cli.folder.iterdir()] == ["good.csv"]


def test_an_output_file_that_exists_is_replaced_only_by_force(cli: CommandLine) -> None:
    (cli.folder / "good.csv").write_text(GOOD)
    (cli.folder / "out.csv").write_text("precious")
    assert cli("detect", "--input", "good.csv", "--output", "out.csv").code == 5
    assert (cli.folder / "out.csv").read_text() == "precious"
    assert cli("detect", "--input", "good.csv", "--output", "out.csv", "--force").code == 0
    assert (cli.folder / "out.csv").read_text().startswith("x,y,score")


def test_a_full_disk_leaves_no_file(cli: CommandLine) -> None:
    """A limit on the size of files stands in for the disk: writing fails in the middle in the same way."""
    rows = np.random.default_rng(0).normal(size=(20_000, 10))
    pl.from_numpy(rows).write_csv(cli.folder / "big.csv")
    command = " ".join(
        [*COMMAND, "detect", "--input", "big.csv", "--algorithm", "z_score", "--output", "out.csv"]
    )
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 200; {command}"],
        cwd=cli.folder, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert [p.name for p in cli.folder.iterdir()] == ["big.csv"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_detection_leaves_no_file(cli: CommandLine, number: signal.Signals, code: int) -> None:
    rows = np.random.default_rng(0).normal(size=(300_000, 10))
    pl.from_numpy(rows).write_csv(cli.folder / "big.csv")
    process = subprocess.Popen(
        [*COMMAND, "detect", "--input", "big.csv", "--algorithm", "z_score", "--output", "out.csv"],
        cwd=cli.folder, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(list(cli.folder.iterdir())) == 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert b"Traceback" not in err
    assert [p.name for p in cli.folder.iterdir()] == ["big.csv"]


def test_a_reader_that_has_gone_is_no_error(cli: CommandLine) -> None:
    (cli.folder / "good.csv").write_text(GOOD)
    command = " ".join([*COMMAND, "detect", "--input", "good.csv", "--top", "all", "-o", "csv"])
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -n 1"],
        cwd=cli.folder, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_closed_standard_input_is_said(cli: CommandLine) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{' '.join(COMMAND)} detect --input - <&-"],
        cwd=cli.folder, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode in {2, 7}
    assert "error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unreadable_file_is_said(cli: CommandLine) -> None:
    """Root may read everything, so a folder stands in for a file there."""
    path: Path = cli.folder / "secret.csv"
    path.write_text(GOOD)
    path.chmod(0)
    if os.access(path, os.R_OK):
        path.unlink()
        path.mkdir()
    done = cli("detect", "--input", "secret.csv")
    assert done.code in {3, 4}
    assert "secret.csv" in done.error


def test_help_is_light() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "interfaces.bootstrap.cli", "--help"],
        env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    heavy = {
        "numpy",
        "polars",
        "pyarrow",
        "numba",
        "sklearn",
        "scipy",
        "pyod",
        "torch",
        "faiss",
        "sqlalchemy",
        "pydantic",
    }
    assert imported & heavy == set()


def test_the_input_is_not_replaced_by_the_output(cli: CommandLine) -> None:
    (cli.folder / "good.csv").write_text(GOOD)
    done = cli("detect", "--input", "good.csv", "--output", "good.csv", "--force")
    assert done.code == 2
    assert (cli.folder / "good.csv").read_text() == GOOD
