import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.distance import split
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows


class ClusterBasedOutlierFactor:
    """Distance to the centre of the row's own cluster where that is large, otherwise to the nearest large one."""

    def __init__(self, *, seed: int, n_clusters: int, alpha: float, beta: float) -> None:
        self._seed = seed
        self._n_clusters = n_clusters
        self._alpha = alpha
        self._beta = beta
        self._centres: NDArray[np.float64]  # shape (n_clusters, n_features)
        self._large: NDArray[np.bool_]  # shape (n_clusters,)

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="cblof")
        rows = bounded(x)
        clusters = KMeans(min(self._n_clusters, len(rows)), random_state=self._seed)
        with warnings.catch_warnings():
            # Fewer distinct rows than clusters: the clusters left empty are dropped below.
            warnings.simplefilter("ignore", ConvergenceWarning)
            labels = clusters.fit_predict(rows)
        sizes = np.bincount(labels, minlength=clusters.n_clusters)
        self._centres = clusters.cluster_centers_[sizes > 0]
        self._large = large_clusters(sizes[sizes > 0], alpha=self._alpha, beta=self._beta)
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        rows = bounded(x)
        return np.asarray(np.sqrt(((rows - self._reference(rows)) ** 2).sum(axis=1)))

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score."""
        rows = bounded(x)
        return split(rows - self._reference(rows))

    def state(self) -> DetectorState:
        return DetectorState(arrays={"centres": self._centres, "large": self._large})

    def restore(self, state: DetectorState) -> None:
        self._centres = np.asarray(state.arrays["centres"], dtype=np.float64)
        self._large = np.asarray(state.arrays["large"], dtype=np.bool_)
        if self._centres.ndim != 2 or self._large.shape != self._centres.shape[:1] or not self._large.any():
            raise ValueError("not every centre is large or small")

    def _reference(self, x: Matrix) -> Matrix:
        """The centre each row is measured from, shape (n_rows, n_features)."""
        own = np.argmin(cdist(x, self._centres), axis=1)
        reference = self._centres[own]
        astray = ~self._large[own]
        if astray.any():
            large = self._centres[self._large]
            reference[astray] = large[np.argmin(cdist(x[astray], large), axis=1)]
        return np.asarray(reference)


def large_clusters(sizes: NDArray[np.intp], *, alpha: float, beta: float) -> NDArray[np.bool_]:
    """Which clusters are large: the fewest that hold a share ``alpha`` of the rows and are ``beta`` times the size of
    the next (He et al. 2003, definition 2); either rule where not both can be met, all clusters where none can."""
    order = np.argsort(-sizes)
    descending = sizes[order]
    enough = np.cumsum(descending)[:-1] >= alpha * sizes.sum()
    drop = descending[:-1] >= beta * descending[1:]
    number = next(
        (int(np.argmax(rule)) + 1 for rule in (enough & drop, enough, drop) if rule.any()), len(sizes)
    )
    large = np.zeros(len(sizes), dtype=np.bool_)
    large[order[:number]] = True
    return large
