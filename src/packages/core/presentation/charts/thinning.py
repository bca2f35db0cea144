"""Fewer points of a long series, drawn alike: every pixel column keeps its lowest and highest value."""

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 2_000


def thinned(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    *,
    keep: NDArray[np.bool_] | None = None,
    most: int = MOST_POINTS,
) -> NDArray[np.intp]:
    """Ascending positions of at most ``most`` points: the first, the last, those to ``keep`` (anomalies; the most extreme of
    them where they alone are too many), and of each equal stretch of x the lowest and the highest finite y.

    x ascends; y may hold NaN for gaps, of which each keeps one point so that the line breaks there.
    """
    n = len(x)
    if n <= most:
        return np.arange(n)
    wanted = np.flatnonzero(keep) if keep is not None else np.empty(0, dtype=np.intp)
    if len(wanted) > most // 2:
        order = np.argsort(-np.abs(np.nan_to_num(y[wanted])), kind="stable")
        wanted = wanted[order[: most // 2]]
    stretches = max(1, (most - len(wanted) - 2) // 3)
    edges = np.searchsorted(x, np.linspace(x[0], x[-1], stretches + 1)[1:-1])
    starts = np.unique(np.concatenate([[0], edges[edges < n]]))
    lows = _extreme(np.where(np.isnan(y), np.inf, y), starts, np.minimum)
    highs = _extreme(np.where(np.isnan(y), -np.inf, y), starts, np.maximum)
    gaps = np.flatnonzero(np.isnan(y))
    gap_of_stretch = gaps[np.unique(np.searchsorted(starts, gaps, side="right"), return_index=True)[1]]
    return np.unique(np.concatenate([[0, n - 1], wanted, lows, highs, gap_of_stretch])).astype(np.intp)


def _extreme(y: NDArray[np.float64], starts: NDArray[np.intp], ufunc: np.ufunc) -> NDArray[np.intp]:
    """The position of each stretch's first extreme value."""
    extremes = ufunc.reduceat(y, starts)
    lengths = np.diff(np.append(starts, len(y)))
    found = np.flatnonzero(y == np.repeat(extremes, lengths))
    stretch = np.searchsorted(starts, found, side="right")
    return found[np.unique(stretch, return_index=True)[1]]
