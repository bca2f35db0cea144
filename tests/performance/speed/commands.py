"""Whole commands: time and peak memory of the process, beside a script of pandas and PyOD."""

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

N_FEATURES = 20
GROUP_ROWS = 1_000_000
COMMAND = str(Path(sys.executable).parent / "anomaly_detection")
PEER = """
import sys, pandas as pd
from pyod.models.iforest import IForest
frame = pd.read_csv(sys.argv[1])
detector = IForest(random_state=0).fit(frame)
frame["score"] = detector.decision_scores_
print(frame.nlargest(20, "score"))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: median seconds, and the highest resident memory of its runs in MB."""

    what: str
    rows: int
    seconds: float
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
    """Run a command several times; its output goes nowhere."""
    seconds, peaks = [], []
    for _ in range(repeats):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        if os.waitstatus_to_exitcode(status):
            message = process.stderr.read().decode() if process.stderr else ""
            raise RuntimeError(f"{' '.join(command)} failed: {message}")
        peaks.append(peak_mb(usage))
    return Measured(what, rows, statistics.median(seconds), max(peaks))


def peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def measured(folder: Path, *, most_rows: int) -> Iterator[Measured]:
    """Start-up, growing Parquet files, and a CSV file beside the peer's script."""
    yield run("anomaly_detection --help", [COMMAND, "--help"], rows=0, repeats=7)
    small = folder / "small.csv"
    write_csv(small, 1000)
    yield run("detect, CSV", [COMMAND, "detect", "--input", str(small)], rows=1000, repeats=5)
    for n_rows in (1_000_000, 10_000_000, 50_000_000):
        if n_rows > most_rows:
            break
        table, scored = folder / f"{n_rows}.parquet", folder / "scored.parquet"
        write_table(table, n_rows)
        for algorithm in ("isolation_forest", "auto"):
            model = folder / f"{algorithm}.model"
            train = [
                COMMAND,
                "train",
                "--data",
                str(table),
                "--algorithm",
                algorithm,
                "--model",
                str(model),
                "--force",
            ]
            subprocess.run(train, check=True, capture_output=True)
            score = [COMMAND, "detect", "--input", str(table), "--model", str(model)]
            repeats = 3 if n_rows <= 10_000_000 else 1
            yield run(f"detect --model, {algorithm}, Parquet", score, rows=n_rows, repeats=repeats)
            if n_rows <= 10_000_000:
                write = [*score, "--output", str(scored), "--force"]
                yield run(f"detect --model --output, {algorithm}, Parquet", write, rows=n_rows, repeats=1)
        whole = [COMMAND, "detect", "--input", str(table), "--algorithm", "isolation_forest"]
        yield run("detect, isolation_forest (fits, then scores), Parquet", whole, rows=n_rows, repeats=1)
        table.unlink()
    large = folder / "large.csv"
    write_csv(large, 200_000)
    ours = [COMMAND, "detect", "--input", str(large), "--algorithm", "isolation_forest"]
    yield run("detect, isolation_forest, CSV", ours, rows=200_000, repeats=3)
    yield run(
        "pandas + PyOD IForest script, CSV", [sys.executable, "-c", PEER, str(large)], rows=200_000, repeats=3
    )


def table(rows: Sequence[Measured]) -> str:
    """The rows in Markdown."""
    lines = ["| command | rows | seconds | rows/s | peak memory |", "|---|---|---|---|---|"]
    for row in rows:
        speed = f"{row.rows / row.seconds:,.0f}" if row.rows else "-"
        lines.append(f"| {row.what} | {row.rows:,} | {row.seconds:.2f} | {speed} | {row.peak_mb:,.0f} MB |")
    return "\n".join(lines)
