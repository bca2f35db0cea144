import numpy as np

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.detectors.featurewise import Columns, Featurewise

IQR_OF_UNIT_NORMAL = 1.349


class InterquartileRange(Featurewise):
    """Distance from the middle of the quartiles in interquartile ranges: the quartiles score 0.5, Tukey's inner
    fences (1.5 ranges further out) 2 and his outer ones 3.5.

    Where the middle half is one value, that range is 0: the range of a normal of the same deviation stands in.
    """

    @staticmethod
    def centre_and_width(x: Matrix) -> tuple[Columns, Columns]:
        low, high = np.quantile(x, [0.25, 0.75], axis=0)
        return (low + high) / 2, np.where(high > low, high - low, x.std(axis=0) * IQR_OF_UNIT_NORMAL)
