from anomaly_detection.domain.detector import Matrix
from anomaly_detection.infrastructure.detectors.featurewise import Columns, Featurewise


class ZScore(Featurewise):
    """Distance from the mean in standard deviations. A constant feature counts in its own units."""

    @staticmethod
    def centre_and_width(x: Matrix) -> tuple[Columns, Columns]:
        return x.mean(axis=0), x.std(axis=0)
