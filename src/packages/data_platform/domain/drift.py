"""How far the values of a column have moved since training."""

import numpy as np
from numpy.typing import NDArray

DRIFTED = 0.25  # population stability index from which a column counts as shifted (Siddiqi 2006, Credit Risk Scorecards)
FLOOR = 1e-4  # share that stands in for none: its logarithm would be infinite
# Below it the index of unmoved values is too often high: its mean is about (bins - 1) / rows.
FEWEST_ROWS = 100


def population_stability(expected: NDArray[np.float64], actual: NDArray[np.float64]) -> float:
    """Sum of (actual - expected) ln(actual / expected) over the shares of bins; 0 for equal shares."""
    before, now = np.maximum(expected, FLOOR), np.maximum(actual, FLOOR)
    return float(((now - before) * np.log(now / before)).sum())
