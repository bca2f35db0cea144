import numpy as np
from numpy.typing import NDArray

from anomaly_detection.infrastructure.detectors.tail_detector import TailDetector

STANDARD_ERRORS = 3  # of the skewness of a normal sample, sqrt(6 / n): within them it counts as none


class Copod(TailDetector):
    """Per feature the mean of its two tails' surprise, or that of the tail it is skewed to where that is more
    (Li et al. 2020, algorithm 1). A feature that is not skewed counts the less likely tail.

    As in PyOD, the largest is taken feature by feature. Other than there, the sign of a skewness within chance does
    not choose a tail: half of the outliers of a symmetric feature lie in the other one.
    """

    @staticmethod
    def combined(
        left: NDArray[np.float64], right: NDArray[np.float64], /, *, skewness: float, n_rows: int
    ) -> NDArray[np.float64]:
        if abs(skewness) <= STANDARD_ERRORS * np.sqrt(6 / n_rows):
            return np.maximum(left, right)
        return np.maximum(right if skewness > 0 else left, (left + right) / 2)
