"""The labelled tables a quality benchmark is run on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LabelledTable:
    """``rows`` is a matrix or a frame without the labels; ``labels`` are True for anomalies."""

    suite: str
    name: str
    rows: NDArray[np.float64] | pl.DataFrame
    labels: NDArray[np.bool_]


def labelled_tables(folder: Path) -> Iterator[LabelledTable]:
    """Every ``tabular/<suite>/*.npz`` (X, y) and ``*.parquet`` (a column ``label``) below the folder."""
    for path in sorted((folder / "tabular").rglob("*.npz")):
        with np.load(path, allow_pickle=False) as arrays:
            rows = arrays["X"].astype(np.float64)
            yield LabelledTable(path.parent.name, path.stem, rows, arrays["y"].astype(bool))
    for path in sorted((folder / "tabular").rglob("*.parquet")):
        frame = pl.read_parquet(path)
        yield LabelledTable(
            path.parent.name, path.stem, frame.drop("label"), frame["label"].cast(pl.Boolean).to_numpy()
        )
