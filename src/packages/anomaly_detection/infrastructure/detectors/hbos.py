import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.kernels.choice import compiled
from anomaly_detection.infrastructure.kernels.histograms import Grid


class Hbos:
    """Values in sparse bins of their feature's histogram are anomalous (Goldstein and Dengel 2012): the sum over the
    features of -log2(density + alpha).

    Densities are per unit of the scaled feature, as in PyOD, not relative to the highest bin as in the paper. A value
    outside all bins counts as one in an empty bin.
    """

    def __init__(self, *, seed: int, n_bins: int, alpha: float) -> None:
        del seed  # nothing here is random
        self._n_bins = n_bins
        self._alpha = alpha
        self._grid: Grid
        self._surprise: NDArray[np.float64]  # shape (n_features, n_bins + 1)

    def fit(self, x: Matrix) -> Scores:
        if compiled(x.size):
            from anomaly_detection.infrastructure.kernels import histograms_compiled

            low, high = histograms_compiled.bounds(x)
            self._grid = Grid.between(low, high, self._n_bins)
            counts = histograms_compiled.counts(self._grid, x)
        else:
            low, high = x.min(axis=0), x.max(axis=0)
            self._grid = Grid.between(low, high, self._n_bins)
            counts = self._grid.counts(x)
        density = counts / len(x) * np.where(high > low, self._grid.per_unit, 0.0)[:, None]
        self._surprise = -np.log2(density + self._alpha)
        self._surprise[high == low, 0] = 0.0  # a constant feature says nothing until it changes
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        if compiled(x.size):
            from anomaly_detection.infrastructure.kernels import histograms_compiled

            return histograms_compiled.totals(self._grid, x, self._surprise)
        return np.asarray(self.contributions(x).sum(axis=1))

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score."""
        return self._grid.looked_up(x, self._surprise)

    def state(self) -> DetectorState:
        return DetectorState(
            arrays={"low": self._grid.low, "per_unit": self._grid.per_unit, "surprise": self._surprise}
        )

    def restore(self, state: DetectorState) -> None:
        low, per_unit, surprise = (
            np.asarray(state.arrays[name], dtype=np.float64) for name in ("low", "per_unit", "surprise")
        )
        if not low.shape == per_unit.shape == surprise.shape[:1]:
            raise ValueError("the histograms differ in features")
        self._grid, self._surprise = Grid(low, per_unit, surprise.shape[1] - 1), surprise
