import numpy as np

from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.detectors.featurewise import Columns, Featurewise

MAD_OF_UNIT_NORMAL = 0.6745
DEVIATION_PER_MEAN_DISTANCE = 1.253314  # of a normal: sqrt(pi / 2)


class ModifiedZScore(Featurewise):
    """Distance from the median in median absolute deviations, times 0.6745; above 3.5 is called an outlier.

    Where most values equal the median, that deviation is 0: the mean absolute deviation stands in (Iglewicz and
    Hoaglin 1993, section 3.3).
    """

    @staticmethod
    def centre_and_width(x: Matrix) -> tuple[Columns, Columns]:
        centre = np.median(x, axis=0)
        distance = np.abs(x - centre)
        mad = np.median(distance, axis=0)
        stand_in = distance.mean(axis=0) * DEVIATION_PER_MEAN_DISTANCE
        return centre, np.where(mad > 0, mad / MAD_OF_UNIT_NORMAL, stand_in)
