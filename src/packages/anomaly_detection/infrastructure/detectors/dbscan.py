import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from anomaly_detection.domain.detector import Contributions, DetectorState, FitFailed, Matrix, Scores
from anomaly_detection.infrastructure.detectors.distance import split
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows


class DensityReachability:
    """Distance to the nearest core row in units of eps: up to 1 a row is in a cluster or on its border, above it is
    noise. A core row has ``min_samples`` rows, itself included, within eps."""

    def __init__(self, *, seed: int, eps: float | None, min_samples: int) -> None:
        del seed  # nothing here is random
        self._given = eps
        self._min_samples = min_samples
        self._eps: float
        self._cores: Matrix
        self._neighbours: NearestNeighbors

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="dbscan")
        rows = bounded(x)
        reach = core_distances(rows, min(self._min_samples, len(rows)))
        eps = self._given or knee(np.sort(reach))
        core = np.flatnonzero(reach <= eps)
        if len(core) == 0:
            raise FitFailed(
                f"No row has {self._min_samples} rows within eps {eps:g}.",
                fix=f"Raise eps (the median row needs {np.median(reach):.3g}) or lower min_samples.",
            )
        self._become(eps, rows[core])
        return self._scores_of_training(rows, core)

    def score(self, x: Matrix) -> Scores:
        return self._nearest(bounded(x))[0] / self._eps

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score."""
        rows = bounded(x)
        return split(rows - self._cores[self._nearest(rows)[1]]) / self._eps

    def state(self) -> DetectorState:
        return DetectorState(values={"eps": self._eps}, arrays={"cores": self._cores})

    def restore(self, state: DetectorState) -> None:
        self._become(float(str(state.values["eps"])), np.asarray(state.arrays["cores"], dtype=np.float64))

    def _become(self, eps: float, cores: Matrix) -> None:
        self._eps, self._cores = eps, cores
        self._neighbours = NearestNeighbors().fit(cores)

    def _nearest(self, x: Matrix) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """Per row the distance to the nearest core row, and which that is."""
        if len(x) == 0:
            return np.empty(0), np.empty(0, dtype=np.intp)
        distances, nearest = self._neighbours.kneighbors(x, n_neighbors=1)
        return distances[:, 0], nearest[:, 0]

    def _scores_of_training(self, x: Matrix, core: NDArray[np.intp]) -> Scores:
        distances, nearest = self._neighbours.kneighbors(x, n_neighbors=min(2, len(core)))
        found = distances[:, 0].copy()
        itself = nearest[core, 0] == np.arange(len(core))
        found[core[itself]] = distances[core[itself], -1]
        return np.asarray(found / self._eps)


def core_distances(x: Matrix, min_samples: int) -> NDArray[np.float64]:
    """Per row the eps from which on it is a core row."""
    distances, _ = NearestNeighbors(n_neighbors=min_samples).fit(x).kneighbors(x)
    return np.asarray(distances[:, -1])


def knee(ascending: NDArray[np.float64]) -> float:
    """The value furthest below the chord from the first to the last (> 0): where the sorted distances turn from those
    of clusters to those of noise (Ester et al. 1996, section 4.2; Satopaa et al. 2011)."""
    chord = np.linspace(ascending[0], ascending[-1], len(ascending))
    found = float(ascending[np.argmax(chord - ascending)])
    if found > 0:
        return found
    positive = ascending[ascending > 0]
    return float(positive[0]) if len(positive) else 1.0
