"""Walking isolation trees, compiled. The same sums as ``Forest`` gives, bit for bit.

Eight rows walk a tree at once, so that their cache misses overlap, and a block of rows passes tree after tree, so
that a tree stays in the first cache. Indices are unsigned: numba tests signed ones for wrap-around. Loops are
unrolled by hand, which is why these functions are long.
"""

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix, Scores
from anomaly_detection.infrastructure.kernels.compiling import (
    FLOAT32,
    FLOAT64,
    INT64,
    UINT32,
    array,
    kernel,
    writable,
)
from anomaly_detection.infrastructure.kernels.forest import FURTHEST, Forest
from anomaly_detection.infrastructure.kernels.threads import over_rows

BLOCK = 256
ABREAST = 8
U = np.uint32


def path_lengths(forest: Forest, x: Matrix) -> Scores:
    """As ``Forest.path_lengths``."""
    totals = np.empty(len(x))
    walk = _walk_few if len(x) < ABREAST else _walk_blocks
    narrowing = forest.narrowing
    over_rows(
        x,
        lambda rows, start, stop: walk(
            rows,
            narrowing.unit,
            narrowing.centre,
            forest.feature,
            forest.threshold,
            forest.path_length,
            forest.depth,
            totals[start:stop],
        ),
        n_features=forest.n_features,
    )
    return totals


def gains(forest: Forest, x: Matrix) -> Contributions:
    """As ``Forest.gains``, but for rounding."""
    totals = np.zeros(x.shape)
    narrowing = forest.narrowing
    over_rows(
        x,
        lambda rows, start, stop: _gain(
            rows,
            narrowing.unit,
            narrowing.centre,
            forest.feature,
            forest.threshold,
            forest.path_length,
            forest.depth,
            forest.lowest,
            forest.highest,
            totals[start:stop],
        ),
        n_features=forest.n_features,
    )
    return totals


FOREST = (
    array(FLOAT64, 2),
    array(FLOAT64, 1),
    array(FLOAT64, 1),
    array(UINT32, 2),
    array(FLOAT32, 2),
    array(FLOAT32, 2),
    INT64,
)


@kernel(*FOREST, writable(FLOAT64, 1))
def _walk_blocks(
    x: Matrix,
    unit: NDArray[np.float64],
    centre: NDArray[np.float64],
    feature: NDArray[np.uint32],
    threshold: NDArray[np.float32],
    path_length: NDArray[np.float32],
    depth: int,
    totals: Scores,
) -> None:
    n_rows, n_features = x.shape
    values = np.zeros(BLOCK * n_features, np.float32)
    lengths = np.empty(BLOCK, np.float64)
    for first in range(0, n_rows, BLOCK):
        size = min(BLOCK, n_rows - first)
        padded = (size + ABREAST - 1) // ABREAST * ABREAST
        for i in range(size):
            for j in range(n_features):
                value = x[first + i, j] * unit[j] - centre[j]
                values[i * n_features + j] = min(max(value, -FURTHEST), FURTHEST)
        lengths[:] = 0.0
        for t in range(feature.shape[0]):
            f, cut, length = feature[t], threshold[t], path_length[t]
            for r in range(0, padded, ABREAST):
                r0 = U(r * n_features)
                r1 = U(r0 + U(n_features))
                r2 = U(r1 + U(n_features))
                r3 = U(r2 + U(n_features))
                r4 = U(r3 + U(n_features))
                r5 = U(r4 + U(n_features))
                r6 = U(r5 + U(n_features))
                r7 = U(r6 + U(n_features))
                n0 = n1 = n2 = n3 = n4 = n5 = n6 = n7 = U(0)
                for _ in range(depth):
                    n0 = U(U(2) * n0 + U(1) + U(values[U(r0 + f[n0])] > cut[n0]))
                    n1 = U(U(2) * n1 + U(1) + U(values[U(r1 + f[n1])] > cut[n1]))
                    n2 = U(U(2) * n2 + U(1) + U(values[U(r2 + f[n2])] > cut[n2]))
                    n3 = U(U(2) * n3 + U(1) + U(values[U(r3 + f[n3])] > cut[n3]))
                    n4 = U(U(2) * n4 + U(1) + U(values[U(r4 + f[n4])] > cut[n4]))
                    n5 = U(U(2) * n5 + U(1) + U(values[U(r5 + f[n5])] > cut[n5]))
                    n6 = U(U(2) * n6 + U(1) + U(values[U(r6 + f[n6])] > cut[n6]))
                    n7 = U(U(2) * n7 + U(1) + U(values[U(r7 + f[n7])] > cut[n7]))
                lengths[r] += length[n0]
                lengths[r + 1] += length[n1]
                lengths[r + 2] += length[n2]
                lengths[r + 3] += length[n3]
                lengths[r + 4] += length[n4]
                lengths[r + 5] += length[n5]
                lengths[r + 6] += length[n6]
                lengths[r + 7] += length[n7]
        for i in range(size):
            totals[first + i] = lengths[i]


@kernel(*FOREST, writable(FLOAT64, 1))
def _walk_few(
    x: Matrix,
    unit: NDArray[np.float64],
    centre: NDArray[np.float64],
    feature: NDArray[np.uint32],
    threshold: NDArray[np.float32],
    path_length: NDArray[np.float32],
    depth: int,
    totals: Scores,
) -> None:
    """Too few rows to walk abreast: one row walks four trees at once."""
    n_trees = feature.shape[0]
    values = np.empty(x.shape[1], np.float32)
    for r in range(x.shape[0]):
        for j in range(x.shape[1]):
            values[j] = min(max(x[r, j] * unit[j] - centre[j], -FURTHEST), FURTHEST)
        total = 0.0
        for t in range(0, n_trees - 3, 4):
            n0 = n1 = n2 = n3 = U(0)
            for _ in range(depth):
                n0 = U(U(2) * n0 + U(1) + U(values[feature[t, n0]] > threshold[t, n0]))
                n1 = U(U(2) * n1 + U(1) + U(values[feature[t + 1, n1]] > threshold[t + 1, n1]))
                n2 = U(U(2) * n2 + U(1) + U(values[feature[t + 2, n2]] > threshold[t + 2, n2]))
                n3 = U(U(2) * n3 + U(1) + U(values[feature[t + 3, n3]] > threshold[t + 3, n3]))
            total += path_length[t, n0]
            total += path_length[t + 1, n1]
            total += path_length[t + 2, n2]
            total += path_length[t + 3, n3]
        for t in range(n_trees // 4 * 4, n_trees):
            n0 = U(0)
            for _ in range(depth):
                n0 = U(U(2) * n0 + U(1) + U(values[feature[t, n0]] > threshold[t, n0]))
            total += path_length[t, n0]
        totals[r] = total


@kernel(*FOREST, array(FLOAT32, 2), array(FLOAT32, 2), writable(FLOAT64, 2))
def _gain(
    x: Matrix,
    unit: NDArray[np.float64],
    centre: NDArray[np.float64],
    feature: NDArray[np.uint32],
    threshold: NDArray[np.float32],
    path_length: NDArray[np.float32],
    depth: int,
    lowest: NDArray[np.float32],
    highest: NDArray[np.float32],
    totals: Contributions,
) -> None:
    n_features = x.shape[1]
    values = np.empty((BLOCK, n_features), np.float32)
    for first in range(0, x.shape[0], BLOCK):
        size = min(BLOCK, x.shape[0] - first)
        for i in range(size):
            for j in range(n_features):
                value = x[first + i, j] * unit[j] - centre[j]
                values[i, j] = min(max(value, -FURTHEST), FURTHEST)
        for t in range(feature.shape[0]):
            f, cut, length, low, high = feature[t], threshold[t], path_length[t], lowest[t], highest[t]
            for i in range(size):
                node, to_gain = U(0), 0.0
                for level in range(depth):
                    child = U(U(2) * node + U(1) + U(values[i, f[node]] > cut[node]))
                    totals[first + i, f[node]] += np.float64(length[node]) - np.float64(length[child])
                    to_gain += max(length[node] - (level + 1), 0.0)
                    node = child
                for j in range(n_features):
                    gap = max(low[j] - values[i, j], values[i, j] - high[j])
                    if gap > 0:
                        width = np.float64(high[j] - low[j])
                        totals[first + i, j] += to_gain * (gap / (gap + width)) / n_features
