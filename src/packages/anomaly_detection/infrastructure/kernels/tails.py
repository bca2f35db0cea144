"""What each column of a row adds to a score made of empirical tail probabilities, and looking it up in NumPy.

The distribution of a column is kept as knots: its distinct values, thinned in the middle where they are many.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix

MOST_KNOTS = 4096
FEWEST_KNOTS = 256
CELLS = 4_000_000  # of all columns' knots together: 32 MB a table

Column = NDArray[np.float64]


class Combination(Protocol):
    def __call__(self, left: Column, right: Column, /, *, skewness: float, n_rows: int) -> Column:
        """What values add to the score, from their -log P(X <= v) and -log P(X >= v)."""


@dataclass(frozen=True, slots=True)
class TailCurves:
    """Per column a function of the value: known at the knots, linear between them, constant beyond them.

    All of shape (n_features, 2^m): entry p belongs to values that p knots are not above.
    """

    knots: NDArray[np.float64]  # ascending, then +inf; at least one +inf
    at: NDArray[np.float64]  # the function at knot p - 1
    above: NDArray[np.float64]  # just above knot p - 1; at 0 below all
    rise: NDArray[np.float64]  # from there to just below knot p

    def __post_init__(self) -> None:
        tables = (self.knots, self.at, self.above, self.rise)
        width = self.knots.shape[1]
        if any(table.shape != self.knots.shape for table in tables) or width < 2 or width & (width - 1):
            raise ValueError("the tables of the curves are not of one length, a power of two")
        if np.isnan(self.knots).any() or not (np.isinf(self.knots[:, -1])).all():
            raise ValueError("the knots of a curve do not end in infinity")

    def added(self, x: Matrix) -> Contributions:
        """What each value of x adds to its row's score."""
        added: Contributions = np.empty(x.shape)
        for j in range(x.shape[1]):
            added[:, j] = self._column(j, x[:, j])
        return added

    def _column(self, j: int, values: Column) -> Column:
        knots = self.knots[j]
        place = np.searchsorted(knots, values, side="right")
        below = np.where(place > 0, knots[place - 1], -np.inf)
        between = self.above[j][place]
        if self.rise[j].any():
            rises = self.rise[j][place] != 0
            low, high = below[rises] / 2, knots[place[rises]] / 2
            between[rises] += self.rise[j][place[rises]] * ((values[rises] / 2 - low) / (high - low))
        return np.asarray(np.where(values == below, self.at[j][place], between))


def learned(x: Matrix, combine: Combination) -> TailCurves:
    """The curves of the columns of x. Values beyond all rows are a little less likely than the outermost row."""
    most = int(np.clip(2 ** int(np.log2(CELLS / x.shape[1])), FEWEST_KNOTS, MOST_KNOTS)) - 1
    columns = [_curve(x[:, j], combine, most) for j in range(x.shape[1])]
    width = 1 << max(len(curve[0]) for curve in columns).bit_length()
    knots, at, above, rise = (np.full((len(columns), width), fill) for fill in (np.inf, 0.0, 0.0, 0.0))
    for j, (k, a, b, r) in enumerate(columns):
        knots[j, : len(k)], at[j, : len(a)], above[j, : len(b)], rise[j, : len(r)] = k, a, b, r
    return TailCurves(knots, at, above, rise)


def _curve(values: Column, combine: Combination, most: int) -> tuple[Column, Column, Column, Column]:
    n = len(values)
    ascending = np.sort(values)
    first = np.flatnonzero(np.concatenate([[True], ascending[1:] > ascending[:-1]]))
    below, upto = first, np.append(first[1:], n)  # rows below each distinct value, and not above it
    kept = _kept(upto, most)
    knots, below, upto = ascending[first[kept]], below[kept], upto[kept]
    skewness = _skewness(values)

    def score(left: NDArray[np.intp], right: NDArray[np.intp]) -> Column:
        return combine(_surprise(left, n), _surprise(right, n), skewness=skewness, n_rows=n)

    at = np.concatenate([[0.0], score(upto, n - below)])
    above = score(np.concatenate([[0], upto]), np.concatenate([[n], n - upto]))
    just_below = score(below, n - below)[1:]
    rise = np.concatenate([[0.0], just_below - above[1:-1], [0.0]])
    return knots, at, above, rise


def _surprise(count: NDArray[np.intp], n: int) -> Column:
    return -np.log(np.where(count > 0, count / n, 1 / (n + 1)))


def _kept(upto: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Indices of the distinct values that become knots: all, or the outermost quarters and even steps of rank."""
    n = len(upto)
    if n <= most:
        return np.arange(n)
    outer = most // 4
    step = upto[-1] / (most - 2 * outer - 1)
    crosses = np.diff(np.floor(upto / step), prepend=0) > 0
    crosses[:outer] = crosses[-outer:] = True
    return np.flatnonzero(crosses)


def _skewness(values: Column) -> float:
    """The third standardised moment; 0 for a constant column."""
    if values.min() == values.max():
        return 0.0
    scaled = values / np.abs(values).max()
    deviation = scaled - scaled.mean()
    square = deviation * deviation
    return float(np.mean(square * deviation) / max(np.mean(square) ** 1.5, np.finfo(np.float64).tiny))
