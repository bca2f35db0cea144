import numpy as np

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.quadratic_form import QuadraticForm, inverse
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

SMALLEST_VARIANCE = 1e-3  # of the mean over the components: a direction that never varied has this much


class PrincipalComponents:
    """Sum over principal components of the squared projection divided by the component's variance (Shyu et al.
    2003, eq. 5). With all components it is the squared Mahalanobis distance: a row that breaks a relation between
    columns scores high, however usual each of its values is."""

    def __init__(self, *, seed: int, n_components: int | None) -> None:
        del seed  # nothing here is random
        self._n_components = n_components
        self._form: QuadraticForm

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="pca")
        rows = bounded(x)
        centre = rows.mean(axis=0)
        variances, directions = np.linalg.eigh(np.atleast_2d(np.cov(rows, rowvar=False)))
        mean = float(variances.mean())
        floored = np.maximum(variances, SMALLEST_VARIANCE * mean) if mean > 0 else np.ones_like(variances)
        widest = slice(-self._n_components if self._n_components else None, None)
        self._form = QuadraticForm(centre, inverse(floored[widest], directions[:, widest]))
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
