"""Bringing features to one scale before an algorithm compares them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.algorithm import Scaling
from anomaly_detection.domain.detector import Matrix
from data_platform.api import Part

IQR_OF_UNIT_NORMAL = 1.349
NARROW_IQR = 0.05  # of the standard deviation: below it most rows share one value and the IQR says nothing
SMALLEST_SHARE = 1e-6
LEAST_RARITY = 0.1  # decades: a value missing in most rows still differs from one that is there
CELLS_AT_ONCE = 250_000  # 2 MB: what is in between stays in the cache and out of the peak of memory
LINEAR_UP_TO = 3.0  # robust z beyond which distances grow with the logarithm


@dataclass(frozen=True, slots=True)
class Scaler:
    """A scaling with the centre and width it learned, each of shape (n_features,)."""

    scaling: Scaling
    centre: NDArray[np.float64]
    width: NDArray[np.float64]

    @classmethod
    def fit(cls, x: Matrix, scaling: Scaling, parts: Sequence[Part] = ()) -> Self:
        """Learn centre and width of each column of x; a constant column gets width 1.

        ``parts`` say what the columns show, values where it is empty. Rarity has a scale of its own, on which a tenth
        of the share counts as one standard deviation: a category of 8 % of the rows must not lie far from all others
        because most rows are alike. A missing value is as far as it is rare.
        """
        if scaling is Scaling.NONE:
            empty = np.empty(0)
            return cls(scaling, empty, empty)
        scaler = cls._of_values(x, scaling)
        for i, part in enumerate(parts):
            if part in (Part.RARITY, Part.MISSING):
                share = float(x[:, i].mean()) if part is Part.MISSING else 0.1
                scaler.centre[i] = 0.0
                scaler.width[i] = 1 / max(-np.log10(max(share, SMALLEST_SHARE)), LEAST_RARITY)
        return scaler

    @classmethod
    def _of_values(cls, x: Matrix, scaling: Scaling) -> Self:
        deviation = np.array([column.std() for column in x.T])
        if scaling is Scaling.STANDARD:
            return cls(scaling, x.mean(axis=0), np.where(deviation > 0, deviation, 1.0))
        low, centre, high = column_quantiles(x, [0.25, 0.5, 0.75])
        width = (high - low) / IQR_OF_UNIT_NORMAL
        width = np.where(width < NARROW_IQR * deviation, deviation, width)
        return cls(scaling, centre, np.where(width > 0, width, 1.0))

    def transform(self, x: Matrix) -> Matrix:
        """The scaled rows, a new array; for ``Scaling.NONE`` x itself."""
        if self.scaling is Scaling.NONE:
            return x
        z = np.empty(x.shape)
        rows_at_once = max(1, CELLS_AT_ONCE // max(1, x.shape[1]))
        for start in range(0, len(x), rows_at_once):
            block = z[start : start + rows_at_once]
            np.subtract(x[start : start + rows_at_once], self.centre, out=block)
            block /= self.width
            if self.scaling is Scaling.ROBUST:
                far = np.abs(block) > LINEAR_UP_TO
                tails = block[far]
                block[far] = np.sign(tails) * LINEAR_UP_TO * (1 + np.log(np.abs(tails) / LINEAR_UP_TO))
        return z

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Centre and width, as ``restore`` takes them."""
        return {"centre": self.centre, "width": self.width}

    @classmethod
    def restore(cls, scaling: Scaling, arrays: Mapping[str, NDArray[np.float64]]) -> Self:
        """Raises KeyError, TypeError and ValueError on arrays that do not fit."""
        centre, width = (np.asarray(arrays[name], dtype=np.float64) for name in ("centre", "width"))
        if (
            centre.ndim != 1
            or centre.shape != width.shape
            or not (np.isfinite(centre) & (width > 0) & (width < np.inf)).all()
        ):
            raise ValueError("not every feature has a centre and a width")
        if scaling is Scaling.NONE and len(centre):
            raise ValueError("features that are not scaled have a scale")
        return cls(scaling, centre, width)


def column_quantiles(x: Matrix, shares: Sequence[float]) -> NDArray[np.float64]:
    """Shape (len(shares), n_features); column by column, so that no copy of x is made."""
    return np.array([np.quantile(column, shares) for column in x.T]).T.reshape(len(shares), x.shape[1])
