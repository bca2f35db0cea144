import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from anomaly_detection.domain.detector import Contributions, DetectorState, FitFailed, Matrix, Scores
from anomaly_detection.infrastructure.detectors.foreign import sentence
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

MOST_COMPONENTS = 8
ROWS_TO_CHOOSE = 5_000  # the number of components is chosen on a sample of at most this many
RIDGE = 1e-2  # added to the variances of standardised features, so that no component closes in on one row
SMALLEST_WEIGHT = 0.05  # a component of fewer rows is a group of anomalies, not a kind of normal row


def gaussian_mixture(*, seed: int, n_components: int | None, covariance_type: str) -> "FullMixture":
    """The detector for that kind of covariance; the diagonal one explains itself."""
    kind = DiagonalMixture if covariance_type == "diag" else FullMixture
    return kind(seed=seed, n_components=n_components)


class FullMixture:
    """Negative log-likelihood under a mixture of Gaussians (natural logarithm)."""

    covariance_type = "full"

    def __init__(self, *, seed: int, n_components: int | None) -> None:
        self._seed = seed
        self._n_components = n_components
        self._weights: NDArray[np.float64]  # shape (n_components,)
        self._means: NDArray[np.float64]  # shape (n_components, n_features)
        self._whitening: NDArray[np.float64]  # per component the Cholesky factor of its precision

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, max(2, self._n_components or 0), algorithm="gmm")
        rows = bounded(x)
        mixture = self._mixture(self._n_components or self._best_number(rows), rows)
        keep = mixture.weights_ >= min(SMALLEST_WEIGHT, mixture.weights_.max())
        self._weights = mixture.weights_[keep] / mixture.weights_[keep].sum()
        self._means = mixture.means_[keep]
        self._whitening = mixture.precisions_cholesky_[keep]
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        return np.asarray(-np.logaddexp.reduce(self._log_joint(bounded(x)), axis=1))

    def state(self) -> DetectorState:
        return DetectorState(
            arrays={"weights": self._weights, "means": self._means, "whitening": self._whitening}
        )

    def restore(self, state: DetectorState) -> None:
        self._weights = np.asarray(state.arrays["weights"], dtype=np.float64)
        self._means = np.asarray(state.arrays["means"], dtype=np.float64)
        self._whitening = np.asarray(state.arrays["whitening"], dtype=np.float64)

    def _log_joint(self, x: Matrix) -> NDArray[np.float64]:
        """log(weight_k N(x; k)), shape (n_rows, n_components)."""
        components = range(len(self._weights))
        squares = np.column_stack([(self._whitened(x, k) ** 2).sum(axis=1) for k in components])
        constants = np.log(self._weights) + self._log_determinants() - x.shape[1] / 2 * np.log(2 * np.pi)
        return np.asarray(constants - squares / 2)

    def _whitened(self, x: Matrix, k: int) -> Matrix:
        return np.asarray((x - self._means[k]) @ self._whitening[k])

    def _log_determinants(self) -> NDArray[np.float64]:
        return np.asarray(np.log(np.diagonal(self._whitening, axis1=1, axis2=2)).sum(axis=1))

    def _best_number(self, x: Matrix) -> int:
        """1 to 8 components by the Bayesian information criterion (Schwarz 1978)."""
        if len(x) > ROWS_TO_CHOOSE:
            x = np.random.default_rng(self._seed).choice(x, ROWS_TO_CHOOSE, replace=False, shuffle=False)
        most = max(1, min(MOST_COMPONENTS, len(x) // (2 * x.shape[1] + 1)))
        criteria = [self._mixture(n, x).bic(x) for n in range(1, most + 1)]
        return int(np.argmin(criteria)) + 1

    def _mixture(self, n_components: int, x: Matrix) -> Any:
        mixture = GaussianMixture(
            n_components, covariance_type=self.covariance_type, reg_covar=RIDGE, random_state=self._seed
        )
        with warnings.catch_warnings():
            # A mixture that is still improving is a mixture; fewer distinct rows than components leave some empty.
            warnings.simplefilter("ignore", ConvergenceWarning)
            try:
                return mixture.fit(x)
            except ValueError as error:
                raise FitFailed(
                    f"No mixture of {n_components} Gaussians fits these rows: {sentence(error)}",
                    fix="Choose fewer components, or covariance_type=diag.",
                ) from error


class DiagonalMixture(FullMixture):
    """The same where features vary on their own within a component."""

    covariance_type = "diag"

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score: each feature's expected negative log-density over the components that may have
        made the row, and an equal part of the Kullback-Leibler divergence of these from the weights."""
        rows = bounded(x)
        joint = self._log_joint(rows)
        log_share = joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)
        share = np.exp(log_share)
        divergence = (share * (log_share - np.log(self._weights))).sum(axis=1)
        found = np.repeat(divergence[:, None] / x.shape[1], x.shape[1], axis=1)
        for k, whitening in enumerate(self._whitening):
            surprise = (self._whitened(rows, k) ** 2 + np.log(2 * np.pi)) / 2 - np.log(whitening)
            found += share[:, k, None] * surprise
        return found

    def _whitened(self, x: Matrix, k: int) -> Matrix:
        return np.asarray((x - self._means[k]) * self._whitening[k])

    def _log_determinants(self) -> NDArray[np.float64]:
        return np.asarray(np.log(self._whitening).sum(axis=1))
