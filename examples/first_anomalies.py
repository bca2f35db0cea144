"""The first minute: two real tables as CSV files, their anomalies with reasons, and how many were right.

`make run` runs this. The tables come with scikit-learn; one class of each is thinned to a few rows, so that it is
rare, and its name is kept out of the files: nothing tells the detector which rows those are.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.datasets import load_breast_cancer, load_wine

FOLDER = Path("var/first_anomalies")


def thinned(bunch, rare: int, rows: int) -> tuple[pl.DataFrame, np.ndarray]:  # type: ignore[no-untyped-def]  # scikit-learn's bunch has no type
    """The table with ``rows`` seeded rows of the rare class, and which rows are of it."""
    rng = np.random.default_rng(0)
    is_rare = bunch.target == rare
    keep = np.sort(
        np.concatenate([np.flatnonzero(~is_rare), rng.choice(np.flatnonzero(is_rare), rows, False)])
    )
    names = [name.replace(" ", "_").replace("/", "_") for name in bunch.feature_names]
    return pl.DataFrame(bunch.data[keep], schema=names), is_rare[keep]


def show(name: str, frame: pl.DataFrame, rare: np.ndarray, what: str) -> None:
    """Write the table, find its anomalies as anyone would, and count the rare rows among the highest scores."""
    path, scored = FOLDER / f"{name}.csv", FOLDER / f"{name}.scored.parquet"
    frame.write_csv(path)
    command = [
        "anomaly_detection",
        "detect",
        "--input",
        str(path),
        "--top",
        "5",
        "--output",
        str(scored),
        "--force",
    ]
    print(f"\n$ {' '.join(command)}", flush=True)
    subprocess.run([Path(sys.executable).parent / command[0], *command[1:]], check=True)
    highest = np.argsort(-pl.read_parquet(scored)["raw_score"].to_numpy(), kind="stable")[: rare.sum()]
    print(
        f"Of the {rare.sum()} {what}, hidden among {len(frame)} rows, {rare[highest].sum()} have the highest scores."
    )


def main() -> None:
    FOLDER.parent.mkdir(mode=0o700, exist_ok=True)  # the service keeps its records there as well
    FOLDER.mkdir(exist_ok=True)
    show("breast_cancer", *thinned(load_breast_cancer(), rare=0, rows=11), what="malignant samples")
    show("wine", *thinned(load_wine(), rare=2, rows=5), what="wines of the third cultivar")


if __name__ == "__main__":
    main()
