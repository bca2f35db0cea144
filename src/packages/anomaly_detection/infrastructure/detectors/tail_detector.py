"""What detectors that add up empirical tail probabilities column by column have in common."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.kernels.choice import compiled
from anomaly_detection.infrastructure.kernels.tails import TailCurves, learned

STEPS_PER_VALUE = 5


class TailDetector(ABC):
    """A row's score is the sum over the features of how far out in the fitted rows its values lie."""

    def __init__(self, *, seed: int) -> None:
        del seed  # nothing here is random
        self._curves: TailCurves

    @staticmethod
    @abstractmethod
    def combined(
        left: NDArray[np.float64], right: NDArray[np.float64], /, *, skewness: float, n_rows: int
    ) -> NDArray[np.float64]:
        """What values add to the score, from their -log P(X <= v) and -log P(X >= v)."""

    def fit(self, x: Matrix) -> Scores:
        self._curves = learned(x, self.combined)
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        if compiled(x.size * STEPS_PER_VALUE):
            from anomaly_detection.infrastructure.kernels import tails_compiled

            return tails_compiled.totals(self._curves, x)
        return np.asarray(self._curves.added(x).sum(axis=1))

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score."""
        if compiled(x.size * STEPS_PER_VALUE):
            from anomaly_detection.infrastructure.kernels import tails_compiled

            return tails_compiled.added(self._curves, x)
        return self._curves.added(x)

    def state(self) -> DetectorState:
        curves = self._curves
        return DetectorState(
            arrays={"knots": curves.knots, "at": curves.at, "above": curves.above, "rise": curves.rise}
        )

    def restore(self, state: DetectorState) -> None:
        names = ("knots", "at", "above", "rise")
        self._curves = TailCurves(*(np.asarray(state.arrays[name], dtype=np.float64) for name in names))
