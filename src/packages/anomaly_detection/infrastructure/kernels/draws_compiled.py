"""Distances to random samples of the fitted rows, compiled."""

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix
from anomaly_detection.infrastructure.kernels.compiling import (
    FLOAT32,
    FLOAT64,
    INT64,
    array,
    kernel,
    writable,
)
from anomaly_detection.infrastructure.kernels.draws import LARGEST, NOBODY, Draws
from anomaly_detection.infrastructure.kernels.threads import over_rows

ROWS_AT_ONCE = 2048
U = np.uint32


def distances(draws: Draws, x: Matrix, *, fitted: bool) -> NDArray[np.float64]:
    """As ``Draws.distances``."""
    found = np.empty((len(draws.sampled), len(x)))
    over_rows(
        x,
        lambda rows, start, _: _measure(
            rows,
            draws.sampled,
            draws.source,
            draws.n_neighbors,
            start if fitted else NOBODY,
            start,
            found,
        ),
        n_features=draws.sampled.shape[1],
        rows_at_once=ROWS_AT_ONCE,
    )
    return found


def contributions(draws: Draws, x: Matrix) -> Contributions:
    """As ``Draws.contributions``, but for rounding."""
    found = np.zeros(x.shape)
    over_rows(
        x,
        lambda rows, start, stop: _attribute(
            rows, draws.sampled, draws.typical, draws.n_neighbors, found[start:stop]
        ),
        n_features=draws.sampled.shape[1],
        rows_at_once=ROWS_AT_ONCE,
    )
    return found


@kernel(array(FLOAT64, 2), array(FLOAT32, 3), array(INT64, 2), INT64, INT64, INT64, writable(FLOAT64, 2))
def _measure(
    x: Matrix,
    sampled: NDArray[np.float32],
    source: NDArray[np.int64],
    n_neighbors: int,
    own: int,
    into: int,
    found: NDArray[np.float64],
) -> None:
    n_draws, n_features, size = sampled.shape
    row = np.empty(n_features, np.float32)
    distance = np.empty(size, np.float32)
    nearest = np.empty(n_neighbors, np.float32)
    for i in range(x.shape[0]):
        for j in range(n_features):
            row[j] = min(max(x[i, j], -LARGEST), LARGEST)
        for t in range(n_draws):
            distance[:] = 0
            for j in range(n_features):
                value, values = row[j], sampled[t, j]
                for s in range(size):
                    distance[s] += abs(value - values[s])
            if own != NOBODY:
                for s in range(size):
                    if source[t, s] == own + i:
                        distance[s] = np.inf
            nearest[:] = np.inf
            worst = np.float32(np.inf)
            for s in range(size):
                if distance[s] < worst:
                    place = n_neighbors - 1
                    while place > 0 and nearest[place - 1] > distance[s]:
                        nearest[place] = nearest[place - 1]
                        place -= 1
                    nearest[place] = distance[s]
                    worst = nearest[n_neighbors - 1]
            total = 0.0
            for k in range(n_neighbors):
                total += nearest[k]
            found[t, into + i] = total / n_neighbors


@kernel(array(FLOAT64, 2), array(FLOAT32, 3), array(FLOAT64, 1), INT64, writable(FLOAT64, 2))
def _attribute(
    x: Matrix,
    sampled: NDArray[np.float32],
    typical: NDArray[np.float64],
    n_neighbors: int,
    found: Contributions,
) -> None:
    n_draws, n_features, size = sampled.shape
    row = np.empty(n_features, np.float32)
    distance = np.empty(size, np.float32)
    for i in range(x.shape[0]):
        for j in range(n_features):
            row[j] = min(max(x[i, j], -LARGEST), LARGEST)
        for t in range(n_draws):
            distance[:] = 0
            for j in range(n_features):
                value, values = row[j], sampled[t, j]
                for s in range(size):
                    distance[s] += abs(value - values[s])
            share = 1.0 / (typical[t] * n_draws * n_neighbors)
            for _ in range(n_neighbors):
                best = 0
                for s in range(size):
                    if distance[s] < distance[best]:
                        best = s
                distance[best] = np.inf
                for j in range(n_features):
                    found[i, j] += abs(row[j] - sampled[t, j, best]) * share
