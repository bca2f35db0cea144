"""Bringing features to one scale before an algorithm compares them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.algorithm import Scaling
from anomaly_detection.domain.detector import Matrix

IQR_OF_UNIT_NORMAL = 1.349
NARROW_IQR = 0.05  # of the standard deviation: below it most rows share one value and the IQR says nothing
LINEAR_UP_TO = 3.0  # robust z beyond which distances grow with the logarithm


@dataclass(frozen=True, slots=True)
class Scaler:
    """A scaling with the centre and width it learned, each of shape (n_features,)."""

    scaling: Scaling
    centre: NDArray[np.float64]
    width: NDArray[np.float64]

    @classmethod
    def fit(cls, x: Matrix, scaling: Scaling) -> Self:
        """Learn centre and width of each column of x; a constant column gets width 1."""
        if scaling is Scaling.NONE:
            empty = np.empty(0)
            return cls(scaling, empty, empty)
        deviation = x.std(axis=0)
        if scaling is Scaling.STANDARD:
            return cls(scaling, x.mean(axis=0), np.where(deviation > 0, deviation, 1.0))
        low, centre, high = np.quantile(x, [0.25, 0.5, 0.75], axis=0)
        width = (high - low) / IQR_OF_UNIT_NORMAL
        width = np.where(width < NARROW_IQR * deviation, deviation, width)
        return cls(scaling, centre, np.where(width > 0, width, 1.0))

    def transform(self, x: Matrix) -> Matrix:
        """The scaled rows, a new array; for ``Scaling.NONE`` x itself."""
        if self.scaling is Scaling.NONE:
            return x
        z = (x - self.centre) / self.width
        if self.scaling is Scaling.ROBUST:
            far = np.abs(z) > LINEAR_UP_TO
            tails = z[far]
            z[far] = np.sign(tails) * LINEAR_UP_TO * (1 + np.log(np.abs(tails) / LINEAR_UP_TO))
        return z

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Centre and width, as ``restore`` takes them."""
        return {"centre": self.centre, "width": self.width}

    @classmethod
    def restore(cls, scaling: Scaling, arrays: Mapping[str, NDArray[np.float64]]) -> Self:
        """Raises KeyError, TypeError and ValueError on arrays that do not fit."""
        centre, width = (np.asarray(arrays[name], dtype=np.float64) for name in ("centre", "width"))
        if centre.ndim != 1 or centre.shape != width.shape or not (width > 0).all():
            raise ValueError("not every feature has a centre and a width")
        if scaling is Scaling.NONE and len(centre):
            raise ValueError("features that are not scaled have a scale")
        return cls(scaling, centre, width)
