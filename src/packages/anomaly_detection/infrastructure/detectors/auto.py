import numpy as np

from anomaly_detection.domain.detector import DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.draws_detector import DrawsDetector
from anomaly_detection.infrastructure.detectors.rows import require_rows

FIRST_DRAWS, FIRST_SIZE, FIRST_NEIGHBORS = 120, 64, 5
DRAWS, SIZE, NEIGHBORS = 8, 256, 10
NEIGHBORS_PER_SAMPLED = 12  # fewer neighbours in smaller samples: at least 2, one for so many sampled rows
FORGOTTEN = 0.1  # more than most tables' anomalies; an ordinary minority larger than this stays


class Auto(DrawsDetector):
    """Distances to samples of the rows that are left when the most outlying tenth is forgotten.

    First every row is measured against many samples of 64 rows, in which clusters of anomalies cannot hide each other
    (Sugiyama and Borgwardt 2013; LeSiNN, Pang, Ting and Albrecht 2015). Then, as in the concentration step of
    FAST-MCD (Rousseeuw and Van Driessen 1999), the most outlying rows are forgotten and all are measured again,
    against larger samples of the others: without anomalies in them, larger samples see finer. New rows are measured
    against these. Distances are L1 and split by feature, so the explanation is exact.

    The work is fixed: (120 x 64 + 8 x 256) distances of fitted rows, 8 x 256 of others. Sizes and the share forgotten
    were chosen on labelled tables by paired resampling over tables: docs/architecture/decisions/0006.
    """

    def __init__(self, *, seed: int) -> None:
        self._seed = seed
        self._rows = 0

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 4, algorithm="auto")
        self._rows = len(x)
        rng = np.random.default_rng(self._seed)
        everybody = np.arange(len(x))
        first = self._measured(
            x, [everybody] * FIRST_DRAWS, size=FIRST_SIZE, n_neighbors=FIRST_NEIGHBORS, rng=rng
        )
        kept = np.argsort(first, kind="stable")[: int(np.ceil(len(x) * (1 - FORGOTTEN)))]
        size = min(SIZE, len(kept) - 1)
        neighbors = min(NEIGHBORS, max(2, size // NEIGHBORS_PER_SAMPLED))
        return self._measured(x, [kept] * DRAWS, size=size, n_neighbors=neighbors, rng=rng)

    @property
    def description(self) -> str:
        n_draws, n_features, size = self._draws.sampled.shape
        return (
            f"auto scored each row by its distance to {n_draws} samples of {size} rows over {n_features:,} "
            f"feature{'s' * (n_features != 1)} on one robust scale; the samples leave out the most outlying tenth of "
            f"{self._rows:,} rows, so that anomalies neither hide each other nor bend what is usual."
        )

    def state(self) -> DetectorState:
        state = super().state()
        return DetectorState(values={**state.values, "rows": self._rows}, arrays=state.arrays)

    def restore(self, state: DetectorState) -> None:
        super().restore(state)
        self._rows = int(str(state.values["rows"]))
