import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import MinCovDet

from anomaly_detection.domain.detector import Contributions, DetectorState, FitFailed, Matrix, Scores
from anomaly_detection.infrastructure.detectors.foreign import sentence
from anomaly_detection.infrastructure.detectors.quadratic_form import QuadraticForm, Square, inverse
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

SMALLEST_VARIANCE = 1e-3  # of the mean over the features


class MinimumCovarianceDeterminant:
    """Squared Mahalanobis distance from the half of the rows that lies closest together."""

    def __init__(self, *, seed: int, support_fraction: float | None) -> None:
        self._seed = seed
        self._support_fraction = support_fraction
        self._form: QuadraticForm

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2 * (x.shape[1] + 1), algorithm="mcd")
        rows = bounded(x)
        with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
            # Singular covariances are dealt with in robust_precision.
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", RuntimeWarning)
            estimate = MinCovDet(support_fraction=self._support_fraction, random_state=self._seed)
            try:
                estimate.fit(rows)
            except (ValueError, np.linalg.LinAlgError) as error:
                raise no_majority(sentence(error)) from error
        if not np.isfinite(estimate.covariance_).all():
            raise no_majority("the covariance of the closest rows is not finite.")
        spread = np.atleast_2d(np.cov(rows, rowvar=False))
        self._form = QuadraticForm(estimate.location_, robust_precision(estimate.covariance_, spread))
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        return self._form.values(x)

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score."""
        return self._form.shares(x)

    def state(self) -> DetectorState:
        return DetectorState(arrays=self._form.arrays())

    def restore(self, state: DetectorState) -> None:
        self._form = QuadraticForm.restore(state.arrays)


def robust_precision(covariance: NDArray[np.float64], spread: Square) -> Square:
    """The inverse of the closest rows' covariance. Where they do not vary in a direction (most rows share a value,
    one column follows from others), the ``spread`` of all rows in that direction stands in."""
    variances, directions = np.linalg.eigh(covariance)
    smallest = SMALLEST_VARIANCE * float(np.trace(spread)) / len(spread) or 1.0
    of_all = np.einsum("ij,ik,kj->j", directions, spread, directions)
    return inverse(np.where(variances < smallest, np.maximum(of_all, smallest), variances), directions)


def no_majority(why: str) -> FitFailed:
    return FitFailed(
        f"mcd found no majority of rows that varies in every direction: {why}",
        fix="Raise support_fraction (for example to 0.9), or choose pca.",
    )
