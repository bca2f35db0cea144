"""Squared distances from a centre that know how features vary together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, Matrix, Scores
from anomaly_detection.infrastructure.detectors.rows import bounded

Square = NDArray[np.float64]  # shape (n_features, n_features), symmetric


@dataclass(frozen=True, slots=True)
class QuadraticForm:
    """``(x - centre)' precision (x - centre)``, at least 0."""

    centre: NDArray[np.float64]
    precision: Square

    def values(self, x: Matrix) -> Scores:
        return np.asarray(np.maximum(self.shares(x).sum(axis=1), 0.0))

    def shares(self, x: Matrix) -> Contributions:
        """Each feature's term ``z_j (precision z)_j``; they sum to the value."""
        z = bounded(x) - self.centre
        return z * (z @ self.precision)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        return {"centre": self.centre, "precision": self.precision}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Self:
        return cls(
            np.asarray(arrays["centre"], dtype=np.float64), np.asarray(arrays["precision"], dtype=np.float64)
        )


def inverse(variances: NDArray[np.float64], directions: Square) -> Square:
    """The inverse of the covariance with these eigenvalues (> 0) and eigenvectors (in columns)."""
    return (directions / variances) @ directions.T
