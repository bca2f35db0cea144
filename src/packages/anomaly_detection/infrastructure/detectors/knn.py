import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.rows import require_rows
from anomaly_detection.infrastructure.kernels.nearest import FittedRows


class Knn:
    """Rows far from their nearest neighbours are anomalous (Ramaswamy et al. 2000; Angiulli and Pizzuti 2002).

    The score is the mean, median or largest Euclidean distance to the k nearest. With fewer than k other rows, all.
    """

    def __init__(self, *, seed: int, n_neighbors: int, method: str) -> None:
        self._seed = seed
        self._n_neighbors = n_neighbors
        self._method = method
        self._k = 0
        self._rows: FittedRows

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="knn")
        self._k = min(self._n_neighbors, len(x) - 1)
        self._rows = FittedRows.of(x, seed=self._seed)
        return self._scores(x, fitted=True)

    def score(self, x: Matrix) -> Scores:
        return self._scores(x, fitted=False)

    def contributions(self, x: Matrix) -> Contributions:
        """Each distance split by squared difference; they sum to the score."""
        found = np.empty(x.shape)
        for block, neighbours in self._rows.neighbours(x, self._k, fitted=False):
            found[block] = np.einsum("nkf,k->nf", neighbours.shares(), self._weights())
        return found

    def state(self) -> DetectorState:
        return DetectorState(values={"k": self._k, "method": self._method}, arrays=self._rows.arrays())

    def restore(self, state: DetectorState) -> None:
        self._k = int(str(state.values["k"]))
        self._method = str(state.values["method"])
        self._rows = FittedRows.restored(state.arrays)

    def _scores(self, x: Matrix, *, fitted: bool) -> Scores:
        scores = np.empty(len(x))
        for block, neighbours in self._rows.neighbours(x, self._k, fitted=fitted):
            scores[block] = neighbours.distance @ self._weights()
        return scores

    def _weights(self) -> NDArray[np.float64]:
        """Of the k distances, the nearest first."""
        weights = np.zeros(self._k)
        if self._method == "mean":
            weights[:] = 1
        elif self._method == "largest":
            weights[-1] = 1
        else:
            weights[(self._k - 1) // 2] += 1
            weights[self._k // 2] += 1
        return np.asarray(weights / weights.sum())
