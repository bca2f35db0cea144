import numpy as np

from anomaly_detection.domain.detector import Matrix, Scores
from anomaly_detection.infrastructure.detectors.draws_detector import DrawsDetector
from anomaly_detection.infrastructure.detectors.rows import require_rows


class SubsampledKnn(DrawsDetector):
    """Rows far from the nearest of many small random samples are anomalous (Sugiyama and Borgwardt 2013; Pang, Ting
    and Albrecht 2015).

    A small sample holds few rows of a cluster of anomalies, so these cannot hide each other. Distances are L1 and are
    divided by each sample's median distance over the fitted rows.
    """

    def __init__(self, *, seed: int, n_draws: int, draw_size: int, n_neighbors: int) -> None:
        self._seed = seed
        self._n_draws = n_draws
        self._draw_size = draw_size
        self._n_neighbors = n_neighbors

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 3, algorithm="subsampled_knn")
        return self._measured(
            x,
            [np.arange(len(x))] * self._n_draws,
            size=self._draw_size,
            n_neighbors=self._n_neighbors,
            rng=np.random.default_rng(self._seed),
        )
