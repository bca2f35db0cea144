"""Whole commands: time and peak memory of the process, beside a script of pandas and PyOD."""

import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

N_FEATURES = 20
GROUP_ROWS = 1_000_000
PARQUET_ROWS = (1_000_000, 10_000_000, 50_000_000)
LONG = 10_000_000  # rows from which a command is run once
FOREST = ("--algorithm", "isolation_forest")
COMMAND = str(Path(sys.executable).parent / "anomaly_detection")
PEER = """
import sys, pandas as pd
from pyod.models.iforest import IForest
frame = pd.read_csv(sys.argv[1])
detector = IForest(random_state=0).fit(frame)
frame["score"] = detector.decision_scores_
print(frame.nlargest(20, "score"))
"""


# A process of its own that stays small: Linux counts the memory of whoever starts a command as the command's.
LAUNCHER = """
import os, sys, time
start = time.perf_counter()
silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
_, status, usage = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=[silent]), 0)
print(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: medians of seconds and processor seconds, and the highest resident memory of its runs in MB."""

    what: str
    rows: int
    seconds: float
    processor_seconds: float
    peak_mb: float


def write_table(path: Path, n_rows: int) -> None:
    """Gaussian rows with a percent of outliers, in row groups: never more than one in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(0)
    schema = pa.schema([(f"x{i}", pa.float32()) for i in range(N_FEATURES)])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n_rows, GROUP_ROWS):
            x = rng.standard_normal((min(GROUP_ROWS, n_rows - start), N_FEATURES), dtype=np.float32)
            x[: len(x) // 100] *= 4
            writer.write_table(pa.Table.from_arrays([pa.array(column) for column in x.T], schema=schema))


def write_csv(path: Path, n_rows: int) -> None:
    x = np.random.default_rng(0).standard_normal((n_rows, N_FEATURES))
    pl.from_numpy(x, schema=[f"x{i}" for i in range(N_FEATURES)]).write_csv(path, float_precision=6)


def run(what: str, command: Sequence[str], *, rows: int, repeats: int) -> Measured:
    """Run a command several times; what it prints is thrown away."""
    launch = [sys.executable, "-S", "-c", LAUNCHER, *command]
    runs = [subprocess.run(launch, check=True, capture_output=True, text=True) for _ in range(repeats)]
    seconds, processor, peak = zip(*(map(float, done.stdout.split()) for done in runs), strict=True)
    return Measured(what, rows, statistics.median(seconds), statistics.median(processor), max(peak))


def measured(folder: Path, *, most_rows: int) -> Iterator[Measured]:
    """Start-up, growing Parquet files, and a CSV file beside the peer's script."""
    yield run("--help", [COMMAND, "--help"], rows=0, repeats=7)
    small = folder / "small.csv"
    write_csv(small, 1000)
    yield run("detect, auto, CSV", [*detect(small), "--algorithm", "auto"], rows=1000, repeats=5)
    yield from beside_a_script(folder / "large.csv", 200_000)
    for n_rows in PARQUET_ROWS:
        if n_rows <= most_rows:
            yield from parquet(folder, n_rows)


def detect(table: Path) -> list[str]:
    return [COMMAND, "detect", "--input", str(table)]


def beside_a_script(table: Path, n_rows: int) -> Iterator[Measured]:
    write_csv(table, n_rows)
    ours, script = [*detect(table), *FOREST], [sys.executable, "-c", PEER, str(table)]
    yield run("detect, isolation_forest, CSV", ours, rows=n_rows, repeats=3)
    yield run("script of pandas and PyOD's IForest, CSV", script, rows=n_rows, repeats=3)


def parquet(folder: Path, n_rows: int) -> Iterator[Measured]:
    """Scoring by a model, with and without an output file, and fitting and scoring at once."""
    table, model = folder / f"{n_rows}.parquet", folder / "forest.model"
    write_table(table, n_rows)
    train = [COMMAND, "train", "--data", str(table), *FOREST, "--model", str(model), "--force"]
    yield run("train, isolation_forest, Parquet", train, rows=n_rows, repeats=1)
    score, whole = [*detect(table), "--model", str(model)], [*detect(table), *FOREST]
    yield run(
        "detect --model, isolation_forest, Parquet", score, rows=n_rows, repeats=3 if n_rows < LONG else 1
    )
    yield run("detect, isolation_forest, Parquet (two passes)", whole, rows=n_rows, repeats=1)
    if n_rows <= LONG:
        write = [*score, "--output", str(folder / "scored.parquet"), "--force"]
        yield run("detect --model --output, isolation_forest, Parquet", write, rows=n_rows, repeats=1)
    if n_rows == PARQUET_ROWS[0]:
        yield run("detect, auto, Parquet (two passes)", detect(table), rows=n_rows, repeats=1)
    table.unlink()


def table(rows: Sequence[Measured]) -> str:
    """The rows in Markdown."""
    lines = [
        "| command | rows | seconds | processor seconds | rows per processor second | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        speed = f"{row.rows / row.processor_seconds:,.0f}" if row.rows else "-"
        lines.append(
            f"| {row.what} | {row.rows:,} | {row.seconds:.2f} | {row.processor_seconds:.2f} | {speed} | {row.peak_mb:,.0f} MB |"
        )
    return "\n".join(lines)
