import numpy as np

from anomaly_detection.domain.detector import DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

CELLS_AT_ONCE = 4_000_000  # of the table of distances: 32 MB


class KernelDensity:
    """Negative log-density (natural logarithm) under a Gaussian kernel on every training row; a training row's own
    kernel does not count for it."""

    def __init__(self, *, seed: int, bandwidth: float | None) -> None:
        del seed  # nothing here is random
        self._given = bandwidth
        self._bandwidth = bandwidth or 1.0
        self._rows: Matrix

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="kde")
        self._rows = bounded(x)
        self._bandwidth = self._given or scott(*x.shape)
        return self._negative_log_density(self._rows, leave_one_out=True)

    def score(self, x: Matrix) -> Scores:
        return self._negative_log_density(bounded(x))

    def state(self) -> DetectorState:
        return DetectorState(values={"bandwidth": self._bandwidth}, arrays={"rows": self._rows})

    def restore(self, state: DetectorState) -> None:
        self._bandwidth = float(str(state.values["bandwidth"]))
        self._rows = np.asarray(state.arrays["rows"], dtype=np.float64)
        if self._rows.ndim != 2 or not self._rows.size or not self._bandwidth > 0:
            raise ValueError("there are no rows or no bandwidth")

    def _negative_log_density(self, x: Matrix, *, leave_one_out: bool = False) -> Scores:
        n_rows, n_features = self._rows.shape
        counted = n_rows - 1 if leave_one_out else n_rows
        at_centre = np.log(counted) + n_features * np.log(self._bandwidth * np.sqrt(2 * np.pi))
        squares = (self._rows**2).sum(axis=1)
        step = max(1, CELLS_AT_ONCE // n_rows)
        found = np.empty(len(x))
        for start in range(0, len(x), step):
            block = x[start : start + step]
            distance = squares + (block**2).sum(axis=1)[:, None] - 2 * block @ self._rows.T
            exponent = np.maximum(distance, 0.0) / (-2 * self._bandwidth**2)
            if leave_one_out:
                own = np.arange(len(block))
                exponent[own, start + own] = -np.inf
            nearest = exponent.max(axis=1)
            total = np.exp(exponent - nearest[:, None]).sum(axis=1)
            found[start : start + step] = at_centre - nearest - np.log(total)
        return found


def scott(n_rows: int, n_features: int) -> float:
    """Scott's rule (1992, eq. 6.42) for features of unit variance."""
    return float(n_rows ** (-1 / (n_features + 4)))
