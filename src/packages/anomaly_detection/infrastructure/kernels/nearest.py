"""The nearest of the fitted rows by Euclidean distance, found by faiss and measured again by us.

faiss finds neighbours in float32 by inner products, which is fast and loses small distances between rows far from the
origin. So rows are centred, a few more neighbours than asked are found, and their distances are taken in float64.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import faiss
import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.kernels.threads import threads

MOST_ROWS_SEARCHED_WHOLE = 20_000  # above: an inverted file, which looks at the cells around a row
CELLS_PER_ROOT = 3  # cells = 3 sqrt(n), so that a cell holds about as many rows as there are cells
SHARE_OF_CELLS = 1 / 25  # finds 77 % of the 20 nearest of 100k normal rows in 20 dimensions, its worst case
SPARE = 4
FEWEST_QUERIES = 20  # faiss rounds smaller batches in another way
VALUES_AT_ONCE = 4_000_000
LARGEST = 1e100  # values of fitted rows end here: their squares stay finite in float64
FURTHEST = (
    1e15  # of the fitted rows' range; values of new rows end here: their squares stay finite in float32
)

Narrow = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Of each row, the nearest first. ``gaps`` are row less neighbour, feature by feature."""

    distance: NDArray[np.float64]  # shape (n_rows, k)
    index: Indices  # shape (n_rows, k), of fitted rows
    gaps: NDArray[np.float64]  # shape (n_rows, k, n_features)

    def shares(self) -> NDArray[np.float64]:
        """How each distance splits into features, which sum to it; shape (n_rows, k, n_features)."""
        distance = self.distance[:, :, None]
        return np.divide(self.gaps**2, distance, out=np.zeros_like(self.gaps), where=distance > 0)


class FittedRows:
    """Rows among which neighbours are looked for."""

    def __init__(self, rows: Narrow, centre: NDArray[np.float64], unit: float, cells: Narrow) -> None:
        """``rows`` are centred and divided by ``unit``; ``cells`` are the centres of the inverted file, or none."""
        if cells.shape[1] != rows.shape[1] or centre.shape != rows.shape[1:] or not 0 < unit < np.inf:
            raise ValueError("the fitted rows and their centre differ in features")
        self._rows = rows
        self._centre = centre
        self._unit = unit
        self._cells = cells
        self._index = _index(rows, cells)

    @classmethod
    def of(cls, x: Matrix, *, seed: int) -> Self:
        x = np.clip(x, -LARGEST, LARGEST)
        centre = x.mean(axis=0)
        largest = float(np.abs(x - centre).max())
        unit = float(np.ldexp(1.0, int(np.frexp(largest)[1]))) if largest > 0 else 1.0
        rows = np.ascontiguousarray((x - centre) / unit, dtype=np.float32)
        return cls(rows, centre, unit, _trained_cells(rows, seed))

    def __len__(self) -> int:
        return len(self._rows)

    def neighbours(self, x: Matrix, k: int, *, fitted: bool) -> Iterator[tuple[slice, Neighbours]]:
        """The k nearest of each row, block by block. ``fitted``: x are the fitted rows, and none is its own."""
        at_once = max(1, VALUES_AT_ONCE // ((k + 1 + SPARE) * x.shape[1]))
        for start in range(0, len(x), at_once):
            block = slice(start, min(start + at_once, len(x)))
            rows = np.clip((x[block] - self._centre) / self._unit, -FURTHEST, FURTHEST).astype(np.float32)
            yield block, self._nearest(rows, k, first=start if fitted else None)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As ``restored`` takes them."""
        return {
            "rows": self._rows,
            "centre": self._centre,
            "unit": np.array([self._unit]),
            "cells": self._cells,
        }

    @classmethod
    def restored(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        return cls(
            np.ascontiguousarray(arrays["rows"], dtype=np.float32),
            np.asarray(arrays["centre"], dtype=np.float64),
            float(arrays["unit"][0]),
            np.ascontiguousarray(arrays["cells"], dtype=np.float32),
        )

    def _nearest(self, rows: Narrow, k: int, *, first: int | None) -> Neighbours:
        found = self._searched(rows, min(len(self), k + SPARE + (first is not None)))
        gaps = rows[:, None, :] - self._rows[found]
        distance = np.sqrt(np.einsum("nkf,nkf->nk", gaps, gaps, dtype=np.float64))
        if first is not None:
            distance[found == np.arange(first, first + len(rows))[:, None]] = np.inf
        order = np.argsort(distance, axis=1, kind="stable")[:, :k]
        return Neighbours(
            np.take_along_axis(distance, order, axis=1) * self._unit,
            np.take_along_axis(found, order, axis=1),
            np.take_along_axis(gaps, order[:, :, None], axis=1).astype(np.float64) * self._unit,
        )

    def _searched(self, rows: Narrow, k: int) -> Indices:
        faiss.omp_set_num_threads(threads())
        batch = rows if len(rows) >= FEWEST_QUERIES else np.resize(rows, (FEWEST_QUERIES, rows.shape[1]))
        found: Indices = self._index.search(batch, k)[1][: len(rows)]
        short = (found < 0).any(axis=1)  # the cells looked at held fewer than k rows
        if short.any():
            everywhere = faiss.SearchParametersIVF()
            everywhere.nprobe = len(self._cells)
            found[short] = self._index.search(rows[short], k, params=everywhere)[1]
        return found


def _trained_cells(rows: Narrow, seed: int) -> Narrow:
    n_rows, n_features = rows.shape
    if n_rows <= MOST_ROWS_SEARCHED_WHOLE:
        return np.empty((0, n_features), np.float32)
    faiss.omp_set_num_threads(threads())
    means = faiss.Kmeans(n_features, int(CELLS_PER_ROOT * n_rows**0.5), niter=10, seed=seed % 2**31)
    means.train(rows)
    return np.asarray(means.centroids, dtype=np.float32)


def _index(rows: Narrow, cells: Narrow) -> Any:
    n_features = rows.shape[1]
    whole = faiss.IndexFlatL2(n_features)
    if len(cells) == 0:
        whole.add(rows)
        return whole
    whole.add(cells)
    index = faiss.IndexIVFFlat(whole, n_features, len(cells))
    index.is_trained = True
    index.nprobe = max(1, int(SHARE_OF_CELLS * len(cells)))
    index.add(rows)
    return index
