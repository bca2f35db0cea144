"""How much each column adds to a row's raw score, for any detector."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Detector, ExplainsItself, Matrix, Scores

CELLS_AT_ONCE = 4_000_000  # of the rows made up to ask the detector: 32 MB
MOST_CANDIDATES = 64  # columns tried per row; the others lie closer to their typical value


def contributions_by_column(
    detector: Detector, x: Matrix, *, typical: Matrix, groups: Sequence[NDArray[np.intp]]
) -> Contributions:
    """Shape (n_rows, n_columns): the detector's own account where it has one, otherwise ablation.

    ``typical`` is one usual row, shape (1, n_features); ``groups`` are each column's features.
    """
    if isinstance(detector, ExplainsItself):
        per_feature = detector.contributions(x)
        return np.column_stack([per_feature[:, group].sum(axis=1) for group in groups])
    return ablation(detector.score, x, typical=typical, groups=groups)


def ablation(
    score: Callable[[Matrix], Scores], x: Matrix, *, typical: Matrix, groups: Sequence[NDArray[np.intp]]
) -> Contributions:
    """The mean of a column's first and last marginal contribution, the two ends of its Shapley value
    (Strumbelj and Kononenko 2014): the score gained by giving it to a typical row, and lost by taking it away.

    Either alone goes blind where scores saturate: with several odd columns none is missed alone.
    """
    n_rows = len(x)
    found = np.zeros((n_rows, len(groups)))
    if n_rows == 0:
        return found
    full, base = score(x), float(score(typical)[0])
    candidates = most_deviant(x, typical=typical, groups=groups)
    rows_at_once = max(1, CELLS_AT_ONCE // (2 * x.shape[1] * candidates.shape[1]))
    for start in range(0, n_rows, rows_at_once):
        rows = np.arange(start, min(start + rows_at_once, n_rows))
        made_up = [_both_ends(x[i], typical[0], [groups[g] for g in candidates[i]]) for i in rows]
        scores = score(np.concatenate(made_up)).reshape(len(rows), candidates.shape[1], 2)
        gained, lost = scores[:, :, 0] - base, full[rows, None] - scores[:, :, 1]
        found[rows[:, None], candidates[rows]] = (gained + lost) / 2
    return found


def most_deviant(x: Matrix, *, typical: Matrix, groups: Sequence[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Per row the indices of up to ``MOST_CANDIDATES`` groups, those furthest from typical."""
    if len(groups) <= MOST_CANDIDATES:
        return np.tile(np.arange(len(groups)), (len(x), 1))
    distance = np.abs(x - typical)
    by_group = np.column_stack([distance[:, group].max(axis=1) for group in groups])
    return np.argpartition(-by_group, MOST_CANDIDATES, axis=1)[:, :MOST_CANDIDATES]


def _both_ends(
    row: NDArray[np.float64], typical: NDArray[np.float64], groups: list[NDArray[np.intp]]
) -> Matrix:
    made_up = np.empty((len(groups), 2, len(row)))
    made_up[:, 0], made_up[:, 1] = typical, row
    for i, group in enumerate(groups):
        made_up[i, 0, group], made_up[i, 1, group] = row[group], typical[group]
    return made_up.reshape(-1, len(row))
