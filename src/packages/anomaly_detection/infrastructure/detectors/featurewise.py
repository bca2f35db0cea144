"""What detectors that look at one feature at a time have in common."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores

Columns = NDArray[np.float64]  # shape (n_features,)
LARGEST = 1e100  # deviations end here, so that sums of them stay finite


class Featurewise(ABC):
    """A feature's score is its distance from the centre in widths (>= 0); a row's is their largest, mean or sum."""

    @staticmethod
    @abstractmethod
    def centre_and_width(x: Matrix) -> tuple[Columns, Columns]:
        """Of each column of x; the width is > 0 where the column varies."""

    def __init__(self, *, seed: int, aggregate: str) -> None:
        del seed  # nothing here is random
        self._aggregate = aggregate
        self._centre: Columns = np.empty(0)
        self._width: Columns = np.empty(0)

    def fit(self, x: Matrix) -> Scores:
        unit = magnitude(x)
        centre, width = self.centre_and_width(x / unit)
        low, high = x.min(axis=0), x.max(axis=0)
        # The mean of equal values need not be their value.
        self._centre = np.where(low == high, low, centre * unit)
        self._width = np.where(low == high, 1.0, width * unit)
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        deviations = self._deviations(x)
        if self._aggregate == "max":
            return np.asarray(deviations.max(axis=1))
        return np.asarray(deviations.sum(axis=1) if self._aggregate == "sum" else deviations.mean(axis=1))

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score."""
        deviations = self._deviations(x)
        if self._aggregate == "max":
            return shares_of_largest(deviations)
        return deviations if self._aggregate == "sum" else deviations / x.shape[1]

    def state(self) -> DetectorState:
        return DetectorState(arrays={"centre": self._centre, "width": self._width})

    def restore(self, state: DetectorState) -> None:
        self._centre = np.asarray(state.arrays["centre"], dtype=np.float64)
        self._width = np.asarray(state.arrays["width"], dtype=np.float64)
        if self._centre.shape != self._width.shape or not (self._width > 0).all():
            raise ValueError("not every feature has a centre and a width")

    def _deviations(self, x: Matrix) -> Contributions:
        with np.errstate(over="ignore"):
            return np.minimum(np.abs(x - self._centre) / self._width, LARGEST)


def magnitude(x: Matrix) -> Columns:
    """A power of two per column that brings its values near 1: squares of 1e200 would overflow, of 1e-200 vanish."""
    largest = np.abs(x).max(axis=0)
    exponent = np.clip(np.frexp(largest)[1], -1000, 1000)
    return np.ldexp(1.0, np.where(largest > 0, exponent, 0))


def shares_of_largest(deviations: Contributions) -> Contributions:
    """Each feature's Shapley value in the row's largest deviation (>= 0): the airport game's closed form
    (Littlechild and Owen 1973). Ascending deviations share each step up among all that take it."""
    n_features = deviations.shape[1]
    order = np.argsort(deviations, axis=1)
    ascending = np.take_along_axis(deviations, order, axis=1)
    steps = np.diff(ascending, axis=1, prepend=0.0) / np.arange(n_features, 0, -1)
    shares = np.empty_like(deviations)
    np.put_along_axis(shares, order, np.cumsum(steps, axis=1), axis=1)
    return shares
