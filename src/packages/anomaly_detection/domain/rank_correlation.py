"""Whether two scores put the same rows first."""

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Scores


def rank_correlation(a: Scores, b: Scores) -> float | None:
    """Spearman's, in [-1, 1]; ties share their mean rank. None where either is constant."""
    ranks, others = mean_ranks(a), mean_ranks(b)
    ranks, others = ranks - ranks.mean(), others - others.mean()
    scale = float(np.sqrt((ranks**2).sum() * (others**2).sum()))
    return None if scale == 0 else float((ranks * others).sum() / scale)


def mean_ranks(values: Scores) -> NDArray[np.float64]:
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    middle: NDArray[np.float64] = (last - (sizes - 1) / 2)[group]
    return middle
