import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.rows import require_rows
from anomaly_detection.infrastructure.kernels.nearest import FittedRows, Neighbours

SMALLEST_REACH = 1e-10  # added to mean reachabilities, as scikit-learn does: among copies of a row they are 0


class Lof:
    """Rows in sparser places than their neighbours are anomalous (Breunig et al. 2000): about 1 where they are not.

    With fewer than k other rows, all are neighbours.
    """

    def __init__(self, *, seed: int, n_neighbors: int) -> None:
        self._seed = seed
        self._n_neighbors = n_neighbors
        self._k = 0
        self._rows: FittedRows
        self._k_distance: NDArray[
            np.float64
        ]  # shape (n_fitted,): how far each fitted row's neighbourhood reaches
        self._density: NDArray[np.float64]  # shape (n_fitted,): local reachability density

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="lof")
        self._k = min(self._n_neighbors, len(x) - 1)
        self._rows = FittedRows.of(x, seed=self._seed)
        distance = np.empty((len(x), self._k))
        index = np.empty((len(x), self._k), dtype=np.int64)
        for block, neighbours in self._rows.neighbours(x, self._k, fitted=True):
            distance[block], index[block] = neighbours.distance, neighbours.index
        self._k_distance = distance[:, -1].copy()
        reach = np.maximum(distance, self._k_distance[index]).mean(axis=1) + SMALLEST_REACH
        self._density = 1 / reach
        return np.asarray(self._density[index].mean(axis=1) * reach)

    def score(self, x: Matrix) -> Scores:
        scores = np.empty(len(x))
        for block, neighbours in self._rows.neighbours(x, self._k, fitted=False):
            density = self._density[neighbours.index].mean(axis=1)
            scores[block] = density * (self._reach(neighbours).mean(axis=1))
        return scores

    def contributions(self, x: Matrix) -> Contributions:
        """Each reachability split as the distance splits, by squared difference; they sum to the score."""
        found = np.empty(x.shape)
        for block, neighbours in self._rows.neighbours(x, self._k, fitted=False):
            distance = neighbours.distance[:, :, None]
            evenly = np.full_like(neighbours.gaps, 1 / x.shape[1])
            split = np.divide(neighbours.shares(), distance, out=evenly, where=distance > 0)
            reach = (split * self._reach(neighbours)[:, :, None]).mean(axis=1)
            found[block] = reach * self._density[neighbours.index].mean(axis=1)[:, None]
        return found

    def state(self) -> DetectorState:
        arrays = self._rows.arrays() | {"k_distance": self._k_distance, "density": self._density}
        return DetectorState(values={"k": self._k}, arrays=arrays)

    def restore(self, state: DetectorState) -> None:
        self._k = int(str(state.values["k"]))
        self._rows = FittedRows.restored(state.arrays)
        self._k_distance = np.asarray(state.arrays["k_distance"], dtype=np.float64)
        self._density = np.asarray(state.arrays["density"], dtype=np.float64)
        if not self._k_distance.shape == self._density.shape == (len(self._rows),) or self._k < 1:
            raise ValueError("not every fitted row has its distance and density")

    def _reach(self, neighbours: Neighbours) -> NDArray[np.float64]:
        return np.maximum(neighbours.distance, self._k_distance[neighbours.index]) + SMALLEST_REACH
