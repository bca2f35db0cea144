"""Histograms of columns with bins of equal width, and looking values up in them, in NumPy."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix

TOLERANCE = 0.5  # of a bin's width: so far beyond the range a value belongs to the outermost bin (as in PyOD)

LARGEST = np.finfo(np.float64).max
FURTHEST = 1e300  # ranges end here, so that their width is finite

Bins = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Grid:
    """Each column's bins. The place after the last bin is for values that lie in none."""

    low: NDArray[np.float64]  # shape (n_features,)
    per_unit: NDArray[np.float64]  # shape (n_features,), bins per unit of the value
    n_bins: int

    @classmethod
    def between(cls, low: NDArray[np.float64], high: NDArray[np.float64], n_bins: int) -> Self:
        """Where low equals high, the one value is in the first bin and all others are in none."""
        low, high = np.clip(low, -FURTHEST, FURTHEST), np.clip(high, -FURTHEST, FURTHEST)
        width = (high - low) / n_bins
        with np.errstate(divide="ignore", over="ignore"):
            return cls(low, np.where(width > 0, np.minimum(1 / width, LARGEST), LARGEST), n_bins)

    def places(self, x: Matrix) -> Bins:
        """The bin of each value, in [0, n_bins]."""
        with np.errstate(over="ignore"):
            place = (x - self.low) * self.per_unit
        inside = (place >= -TOLERANCE) & (place <= self.n_bins + TOLERANCE)
        return np.where(inside, np.clip(place, 0, self.n_bins - 1), self.n_bins).astype(np.intp)

    def counts(self, x: Matrix) -> NDArray[np.int64]:
        """How many values each bin holds; shape (n_features, n_bins + 1)."""
        counted = [np.bincount(column, minlength=self.n_bins + 1) for column in self.places(x).T]
        return np.array(counted, dtype=np.int64)

    def looked_up(self, x: Matrix, table: NDArray[np.float64]) -> Contributions:
        """Each value's entry in a table of shape (n_features, n_bins + 1)."""
        return table[np.arange(x.shape[1]), self.places(x)]
