import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from anomaly_detection.domain.detector import DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

CELLS_AT_ONCE = 4_000_000  # of the table of distances: 32 MB
SEEDS = 2**31 - 1
EPSILON = np.finfo(float).eps  # two equal centres have a ball of radius 0


class NearestNeighbourEnsemble:
    """Mean over small samples: 1 where no ball around a sample's rows covers the row, otherwise how much smaller the
    neighbour's ball is than the smallest one that covers it (Bandaragoda et al. 2018, definition 4). In [0, 1]."""

    def __init__(self, *, seed: int, n_estimators: int, max_samples: int) -> None:
        self._seed = seed
        self._n_estimators = n_estimators
        self._max_samples = max_samples
        self._centres: NDArray[np.float64]  # shape (n_estimators, max_samples, n_features)
        self._radii: NDArray[np.float64]  # squared, shape (n_estimators, max_samples)
        self._ratios: NDArray[np.float64]  # shape (n_estimators, max_samples)

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="inne")
        rows = bounded(x)
        draws = np.random.RandomState(self._seed).randint(SEEDS, size=self._n_estimators)
        size = min(self._max_samples, len(rows))
        samples = [np.random.RandomState(draw).choice(len(rows), size, replace=False) for draw in draws]
        self._centres = rows[np.array(samples)]
        balls = [radii_and_ratios(centres) for centres in self._centres]
        self._radii = np.array([radii for radii, _ in balls])
        self._ratios = np.array([ratios for _, ratios in balls])
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        step = max(1, CELLS_AT_ONCE // self._radii.size)
        found = np.empty(len(x))
        for start in range(0, len(x), step):
            found[start : start + step] = self._isolation(bounded(x[start : start + step]))
        return found

    def state(self) -> DetectorState:
        return DetectorState(arrays={"centres": self._centres, "radii": self._radii, "ratios": self._ratios})

    def restore(self, state: DetectorState) -> None:
        self._centres = np.asarray(state.arrays["centres"], dtype=np.float64)
        self._radii = np.asarray(state.arrays["radii"], dtype=np.float64)
        self._ratios = np.asarray(state.arrays["ratios"], dtype=np.float64)
        shape = self._centres.shape
        if (
            len(shape) != 3
            or not self._centres.size
            or not self._radii.shape == self._ratios.shape == shape[:2]
        ):
            raise ValueError("not every centre has a radius and a ratio")

    def _isolation(self, x: Matrix) -> Scores:
        n_features = self._centres.shape[2]
        distance = cdist(x, self._centres.reshape(-1, n_features), "sqeuclidean").reshape(
            len(x), *self._radii.shape
        )
        covering = np.where(distance <= self._radii, self._radii, np.inf)
        smallest = np.argmin(covering, axis=2)
        covered = np.isfinite(np.take_along_axis(covering, smallest[:, :, None], axis=2)[:, :, 0])
        ratios = self._ratios[np.arange(len(self._ratios)), smallest]
        return np.asarray(np.where(covered, ratios, 1.0).mean(axis=1))


def radii_and_ratios(centres: Matrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Per centre the squared distance to its nearest other centre, and 1 - that of the neighbour over its own."""
    distance = cdist(centres, centres, "sqeuclidean")
    np.fill_diagonal(distance, np.inf)
    radii = distance.min(axis=1)
    neighbour = radii[np.argmin(distance, axis=1)]
    return radii, 1 - (neighbour + EPSILON) / (radii + EPSILON)
