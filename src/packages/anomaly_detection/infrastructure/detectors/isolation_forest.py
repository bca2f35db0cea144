import numpy as np

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.detectors.rows import require_rows
from anomaly_detection.infrastructure.kernels.choice import compiled
from anomaly_detection.infrastructure.kernels.forest import Forest, Narrowing, average_path_length
from anomaly_detection.infrastructure.kernels.forest_growth import grow


class IsolationForest:
    """Rows that few random cuts set apart are anomalous (Liu, Ting and Zhou 2008): 2^(-path length / usual length).

    In (0, 1): about 0.5 where nothing stands out, towards 1 where rows are set apart at once.
    """

    def __init__(self, *, seed: int, n_estimators: int, max_samples: int) -> None:
        self._seed = seed
        self._n_trees = n_estimators
        self._n_samples = max_samples
        self._usual = 0.0
        self._forest: Forest

    def fit(self, x: Matrix) -> Scores:
        require_rows(x, 2, algorithm="isolation_forest")
        self._forest = grow(x, n_trees=self._n_trees, n_samples=self._n_samples, seed=self._seed)
        self._usual = float(average_path_length(min(self._n_samples, len(x))))
        return self.score(x)

    def score(self, x: Matrix) -> Scores:
        forest = self._forest
        if compiled(len(x) * forest.n_trees):
            from anomaly_detection.infrastructure.kernels import forest_compiled

            totals = forest_compiled.path_lengths(forest, x)
        else:
            totals = forest.path_lengths(x)
        return np.exp2(totals / (-forest.n_trees * self._usual))

    def contributions(self, x: Matrix) -> Contributions:
        """How much cuts on each feature shorten the row's path, in usual path lengths."""
        forest = self._forest
        if compiled(len(x) * forest.n_trees):
            from anomaly_detection.infrastructure.kernels import forest_compiled

            gains = forest_compiled.gains(forest, x)
        else:
            gains = forest.gains(x)
        return gains / (forest.n_trees * self._usual)

    def state(self) -> DetectorState:
        forest = self._forest
        return DetectorState(
            values={"usual": self._usual},
            arrays={
                "unit": forest.narrowing.unit,
                "centre": forest.narrowing.centre,
                "feature": forest.feature,
                "threshold": forest.threshold,
                "path_length": forest.path_length,
                "lowest": forest.lowest,
                "highest": forest.highest,
            },
        )

    def restore(self, state: DetectorState) -> None:
        arrays = state.arrays
        self._usual = float(str(state.values["usual"]))
        self._forest = Forest(
            Narrowing(arrays["unit"].astype(np.float64), arrays["centre"].astype(np.float64)),
            arrays["feature"].astype(np.uint32),
            arrays["threshold"].astype(np.float32),
            arrays["path_length"].astype(np.float32),
            arrays["lowest"].astype(np.float32),
            arrays["highest"].astype(np.float32),
        )
