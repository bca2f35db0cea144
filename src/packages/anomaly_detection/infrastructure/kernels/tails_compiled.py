"""Looking up tail curves, compiled: column after column of a block of rows, so that a column's knots stay in cache."""

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix, Scores
from anomaly_detection.infrastructure.kernels.compiling import FLOAT64, array, kernel, writable
from anomaly_detection.infrastructure.kernels.tails import TailCurves
from anomaly_detection.infrastructure.kernels.threads import over_rows

BLOCK = 256
U = np.uint32

Table = NDArray[np.float64]


def added(curves: TailCurves, x: Matrix) -> Contributions:
    """As ``TailCurves.added``."""
    return _looked_up(curves, x, np.zeros(x.shape))


def totals(curves: TailCurves, x: Matrix) -> Scores:
    """The rows' sums of what ``added`` gives."""
    return _looked_up(curves, x, np.zeros((len(x), 1)))[:, 0]


def _looked_up(curves: TailCurves, x: Matrix, found: Matrix) -> Matrix:
    tables = (curves.knots, curves.at, curves.above, curves.rise)
    over_rows(
        x, lambda rows, start, stop: _add(rows, *tables, found[start:stop]), n_features=len(curves.knots)
    )
    return found


@kernel(*(array(FLOAT64, 2),) * 5, writable(FLOAT64, 2))
def _add(x: Matrix, knots: Table, at: Table, above: Table, rise: Table, found: Matrix) -> None:
    """Adds to ``found``, which has a column for each of x, or one for their sums.

    All values of a block halve the knots together, without a branch. In one piece: parts of it as functions of their
    own make it three times as slow.
    """
    values, place = np.empty(BLOCK), np.empty(BLOCK, np.uint32)
    for first in range(0, x.shape[0], BLOCK):
        size = U(min(BLOCK, x.shape[0] - first))
        for j in range(x.shape[1]):
            into = j if found.shape[1] > 1 else 0
            k, a, b, r = knots[j], at[j], above[j], rise[j]
            for i in range(size):
                values[U(i)] = x[first + i, j]
                place[U(i)] = U(0)
            step = U(k.size // 2)
            while step > U(0):
                ahead = U(step - U(1))
                for i in range(size):
                    p = place[U(i)]
                    place[U(i)] = U(p + step) if k[U(p + ahead)] <= values[U(i)] else p
                step = U(step >> U(1))
            for i in range(size):
                p = place[U(i)]
                if p == 0:
                    found[first + i, into] += b[U(0)]
                    continue
                value, below = values[U(i)], k[U(p - U(1))]
                if value == below:
                    found[first + i, into] += a[p]
                elif r[p] == 0.0:
                    found[first + i, into] += b[p]
                else:
                    share = (value / 2 - below / 2) / (k[p] / 2 - below / 2)
                    found[first + i, into] += b[p] + r[p] * share
