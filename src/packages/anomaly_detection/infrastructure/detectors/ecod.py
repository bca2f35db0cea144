import numpy as np
from numpy.typing import NDArray

from anomaly_detection.infrastructure.detectors.tail_detector import TailDetector


class Ecod(TailDetector):
    """Per feature the less likely of its two tails, or the tail it is skewed to (Li et al. 2022, algorithm 1).

    As PyOD has it, the largest is taken feature by feature, not over the three sums.
    """

    @staticmethod
    def combined(
        left: NDArray[np.float64], right: NDArray[np.float64], /, *, skewness: float, n_rows: int
    ) -> NDArray[np.float64]:
        return left + right if skewness == 0 else np.maximum(left, right)
