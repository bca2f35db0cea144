import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

MOST_BINS = 1_000
REACH = (
    10.0  # interquartile ranges from the median that bins cover: one far value must not make them all wide
)
ROWS_OF_EMPTY_BIN = 0.5  # a bin without rows counts as half a row, as does what lies outside all bins


class RandomHistograms:
    """Mean negative log-frequency of the row's bin over histograms of sparse random projections (Pevny 2016, eq. 3)."""

    def __init__(self, *, seed: int, n_random_cuts: int, n_bins: int | None) -> None:
        self._seed = seed
        self._n_random_cuts = n_random_cuts
        self._n_bins = n_bins
        self._projections: NDArray[np.float64]  # shape (n_features, n_random_cuts)
        self._starts: NDArray[np.float64]  # of the first bin, shape (n_random_cuts,)
        self._widths: NDArray[np.float64]  # of a bin, shape (n_random_cuts,)
        self._surprise: NDArray[np.float64]  # shape (n_random_cuts, 1 + most bins + 1): outside at both ends

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="loda")
        rows = bounded(x)
        self._projections = sparse_directions(x.shape[1], self._n_random_cuts, seed=self._seed)
        projected = rows @ self._projections
        grids = [grid(values, self._n_bins) for values in projected.T]
        self._starts = np.array([start for start, _, _ in grids])
        self._widths = np.array([width for _, width, _ in grids])
        most = max(number for _, _, number in grids)
        bins = self._bins(projected, most)
        counts = np.array([np.bincount(column, minlength=most + 2) for column in bins.T], dtype=np.float64)
        counts[:, [0, -1]] = 0.0
        self._surprise = -np.log(np.maximum(counts, ROWS_OF_EMPTY_BIN) / len(x))
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        bins = self._bins(bounded(x) @ self._projections, self._surprise.shape[1] - 2)
        return np.asarray(self._surprise[np.arange(bins.shape[1]), bins].mean(axis=1))

    def state(self) -> DetectorState:
        return DetectorState(
            arrays={
                "projections": self._projections,
                "starts": self._starts,
                "widths": self._widths,
                "surprise": self._surprise,
            }
        )

    def restore(self, state: DetectorState) -> None:
        self._projections = np.asarray(state.arrays["projections"], dtype=np.float64)
        self._starts = np.asarray(state.arrays["starts"], dtype=np.float64)
        self._widths = np.asarray(state.arrays["widths"], dtype=np.float64)
        self._surprise = np.asarray(state.arrays["surprise"], dtype=np.float64)

    def _bins(self, projected: Matrix, most: int) -> NDArray[np.intp]:
        position = np.floor((projected - self._starts) / self._widths)
        return np.asarray(np.clip(position + 1, 0, most + 1), dtype=np.intp)


def sparse_directions(n_features: int, n_random_cuts: int, *, seed: int) -> NDArray[np.float64]:
    """Normal weights on sqrt(n_features) features of each direction, 0 on the others (Pevny 2016, section 3)."""
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((n_random_cuts, n_features))
    used = max(1, int(np.sqrt(n_features)))
    ranks = np.argsort(rng.random((n_random_cuts, n_features)), axis=1)
    directions[ranks >= used] = 0.0
    return np.ascontiguousarray(directions.T)


def grid(values: NDArray[np.float64], n_bins: int | None) -> tuple[float, float, int]:
    """(start, width, number) of the bins; None: of the width of Freedman and Diaconis (1981)."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    spread = high - low or float(values.std()) or 1.0
    start = max(float(values.min()), middle - REACH * spread)
    end = min(float(values.max()), middle + REACH * spread)
    length = end - start or 1.0
    number = n_bins or int(np.clip(np.ceil(length / (2 * spread * len(values) ** (-1 / 3))), 1, MOST_BINS))
    # A little wider, so that the highest value lies in the last bin.
    return start, length * (1 + 1e-9) / number, number
