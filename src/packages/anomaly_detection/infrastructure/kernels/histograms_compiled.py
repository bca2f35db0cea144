"""Counting and looking up bins, compiled. Numba casts to whole numbers towards zero, as NumPy does."""

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Matrix, Scores
from anomaly_detection.infrastructure.kernels.compiling import (
    FLOAT64,
    INT64,
    array,
    inlined,
    kernel,
    writable,
)
from anomaly_detection.infrastructure.kernels.histograms import TOLERANCE, Grid
from anomaly_detection.infrastructure.kernels.threads import over_rows

U = np.uint32
GRID = (array(FLOAT64, 1), array(FLOAT64, 1), INT64)

Columns = NDArray[np.float64]


def bounds(x: Matrix) -> tuple[Columns, Columns]:
    """Each column's lowest and highest value."""
    found: list[Matrix] = []

    def look(rows: Matrix, _start: int, _stop: int) -> None:
        pair = np.array([rows[0], rows[0]])
        _bound(rows, pair)
        found.append(pair)

    over_rows(x, look, n_features=x.shape[1])
    return np.min([low for low, _ in found], axis=0), np.max([high for _, high in found], axis=0)


def counts(grid: Grid, x: Matrix) -> NDArray[np.int64]:
    """As ``Grid.counts``."""
    found: list[NDArray[np.int64]] = []

    def look(rows: Matrix, _start: int, _stop: int) -> None:
        some = np.zeros((x.shape[1], grid.n_bins + 1), np.int64)
        _count(rows, grid.low, grid.per_unit, grid.n_bins, some)
        found.append(some)

    over_rows(x, look, n_features=len(grid.low))
    return np.asarray(np.sum(found, axis=0))


def totals(grid: Grid, x: Matrix, table: NDArray[np.float64]) -> Scores:
    """The rows' sums of what ``Grid.looked_up`` gives."""
    found = np.empty(len(x))
    over_rows(
        x,
        lambda rows, start, stop: _sum(rows, grid.low, grid.per_unit, grid.n_bins, table, found[start:stop]),
        n_features=len(grid.low),
    )
    return found


@kernel(array(FLOAT64, 2), writable(FLOAT64, 2))
def _bound(x: Matrix, pair: Matrix) -> None:
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            pair[0, j] = min(pair[0, j], x[i, j])
            pair[1, j] = max(pair[1, j], x[i, j])


@inlined
def _place(value: float, low: float, per_unit: float, n_bins: int) -> np.uint32:
    place = (value - low) * per_unit
    if place < -TOLERANCE or place > n_bins + TOLERANCE:
        return U(n_bins)
    return U(min(max(place, 0.0), n_bins - 1.0))


@kernel(array(FLOAT64, 2), *GRID, writable(INT64, 2))
def _count(x: Matrix, low: Columns, per_unit: Columns, n_bins: int, found: NDArray[np.int64]) -> None:
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            found[j, _place(x[i, j], low[j], per_unit[j], n_bins)] += 1


@kernel(array(FLOAT64, 2), *GRID, array(FLOAT64, 2), writable(FLOAT64, 1))
def _sum(x: Matrix, low: Columns, per_unit: Columns, n_bins: int, table: Matrix, found: Scores) -> None:
    for i in range(x.shape[0]):
        total = 0.0
        for j in range(x.shape[1]):
            total += table[j, _place(x[i, j], low[j], per_unit[j], n_bins)]
        found[i] = total
