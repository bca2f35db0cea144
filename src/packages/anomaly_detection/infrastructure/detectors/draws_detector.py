"""What detectors that measure rows against random samples of the fitted ones have in common."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Contributions, DetectorState, Matrix, Scores
from anomaly_detection.infrastructure.kernels.choice import compiled
from anomaly_detection.infrastructure.kernels.draws import Draws, Indices, mean_over_draws

DISTANCES_AT_ONCE = 1_000_000  # of rows to samples: 8 MB
VALUES_PER_STEP = 12  # of a sample, compared in the time of one step


class DrawsDetector:
    """A row's score is its mean L1 distance to the nearest of each sample, in each sample's typical distances: about
    1 for a usual row. What fits decides which rows are sampled."""

    _draws: Draws

    def score(self, x: Matrix) -> Scores:
        return mean_over_draws(distances_to(self._draws, x, fitted=False), self._draws.typical)

    def contributions(self, x: Matrix) -> Contributions:
        """They sum to the score, of rows that were not fitted."""
        if worth_compiling(self._draws, x):
            from anomaly_detection.infrastructure.kernels import draws_compiled

            return draws_compiled.contributions(self._draws, x)
        return self._draws.contributions(x)

    def state(self) -> DetectorState:
        draws = self._draws
        return DetectorState(
            values={"n_neighbors": draws.n_neighbors},
            arrays={"sampled": draws.sampled, "source": draws.source, "typical": draws.typical},
        )

    def restore(self, state: DetectorState) -> None:
        self._draws = Draws(
            sampled=np.ascontiguousarray(state.arrays["sampled"], dtype=np.float32),
            source=np.ascontiguousarray(state.arrays["source"], dtype=np.int64),
            typical=np.ascontiguousarray(state.arrays["typical"], dtype=np.float64),
            n_neighbors=int(str(state.values["n_neighbors"])),
        )

    def _measured(
        self, x: Matrix, pools: Sequence[Indices], *, size: int, n_neighbors: int, rng: np.random.Generator
    ) -> Scores:
        """The scores of the fitted rows x against a sample of each pool of them; these samples are kept."""
        size = min(size, min(map(len, pools)), len(x) - 1)
        source = np.stack([rng.choice(pool, size, replace=False, shuffle=False) for pool in pools])
        drawn = Draws.of(x, source, n_neighbors=max(1, min(n_neighbors, size - 1)))
        at_once = max(1, DISTANCES_AT_ONCE // len(x))
        parts, scores = [], np.zeros(len(x))
        for first in range(0, len(pools), at_once):
            part = drawn.part(first, first + at_once)
            distances = distances_to(part, x, fitted=True)
            part = part.scaled(distances)
            scores += mean_over_draws(distances, part.typical) * (len(part.typical) / len(pools))
            parts.append(part.typical)
        self._draws = replace(drawn, typical=np.concatenate(parts))
        return scores


def distances_to(draws: Draws, x: Matrix, *, fitted: bool) -> NDArray[np.float64]:
    """``Draws.distances``, compiled where that pays."""
    if worth_compiling(draws, x):
        from anomaly_detection.infrastructure.kernels import draws_compiled

        return draws_compiled.distances(draws, x, fitted=fitted)
    return draws.distances(x, fitted=fitted)


def worth_compiling(draws: Draws, x: Matrix) -> bool:
    return compiled(len(x) * draws.sampled.size / VALUES_PER_STEP)
