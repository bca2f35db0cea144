import numpy as np
from numpy.typing import NDArray
from sklearn.metrics.pairwise import pairwise_kernels
from sklearn.svm import OneClassSVM

from anomaly_detection.domain.detector import DetectorState, FitFailed, Matrix, Scores
from anomaly_detection.infrastructure.detectors.foreign import sentence
from anomaly_detection.infrastructure.detectors.rows import bounded, require_rows

CELLS_AT_ONCE = 4_000_000  # of the table of kernel values: 32 MB


class OneClassSupportVectors:
    """How far a row lies outside the boundary around the training rows, in the kernel's space; inside it is
    negative."""

    def __init__(self, *, seed: int, nu: float, kernel: str, gamma: float | None) -> None:
        self._seed = seed
        self._nu = nu
        self._kernel = kernel
        self._gamma = gamma
        self._vectors: Matrix
        self._weights: NDArray[np.float64]  # of the support vectors
        self._offset: float

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="one_class_svm")
        rows = bounded(x)
        if self._gamma is None:
            variance = float(rows.var())
            self._gamma = 1 / (x.shape[1] * variance) if variance > 0 else 1.0
        machine = OneClassSVM(kernel=self._kernel, nu=self._nu, gamma=self._gamma)
        machine.random_state = self._seed  # not one of its arguments; without it the global generator moves
        try:
            machine.fit(rows)
        except ValueError as error:
            raise FitFailed(
                f"No boundary fits these rows: {sentence(error)}", fix="Choose another nu or kernel."
            ) from error
        self._vectors = machine.support_vectors_
        self._weights = machine.dual_coef_[0]
        self._offset = float(machine.intercept_[0])
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        rows = bounded(x)
        step = max(1, CELLS_AT_ONCE // max(1, len(self._vectors)))
        inside = [self._inside(rows[i : i + step]) for i in range(0, len(rows), step)]
        return -np.concatenate(inside) if inside else np.empty(0)

    def state(self) -> DetectorState:
        values = {"gamma": self._gamma, "offset": self._offset}
        return DetectorState(values=values, arrays={"vectors": self._vectors, "weights": self._weights})

    def restore(self, state: DetectorState) -> None:
        self._gamma = float(str(state.values["gamma"]))
        self._offset = float(str(state.values["offset"]))
        self._vectors = np.asarray(state.arrays["vectors"], dtype=np.float64)
        self._weights = np.asarray(state.arrays["weights"], dtype=np.float64)

    def _inside(self, x: Matrix) -> Scores:
        kernel = pairwise_kernels(
            x, self._vectors, metric=self._kernel, filter_params=True, gamma=self._gamma, coef0=0.0
        )
        return np.asarray(kernel @ self._weights + self._offset)
