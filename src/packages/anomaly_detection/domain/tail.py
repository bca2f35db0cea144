"""The generalised Pareto distribution: how scores thin out beyond those that were seen."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Scores

START_QUANTILE = 0.98  # where peaks over threshold start (Siffer et al. 2017, section 4.3.1)
FEWEST_EXCESSES = 10
HEAVIEST = 0.5  # shape above which the variance is infinite and moment estimates lose their meaning


@dataclass(frozen=True, slots=True)
class ParetoTail:
    """Scores beyond ``start`` exceed it by a generalised Pareto variable of this shape and scale (> 0)."""

    start: float
    shape: float
    scale: float

    @classmethod
    def fit(cls, scores: Scores) -> Self:
        """Probability-weighted moments of the excesses over the 98 % quantile (Hosking and Wallis 1987).

        The shape is kept in [0, 0.5]: a bounded tail would give every score beyond the end the probability 0, and a
        row far beyond all training rows must still rank above one that is less far.
        """
        start = float(np.quantile(scores, START_QUANTILE))
        excesses = np.sort(scores[scores > start]) - start
        if len(excesses) < FEWEST_EXCESSES:
            spread = float(scores.std())
            mean = float(excesses.mean()) if len(excesses) else 0.0
            return cls(start, 0.0, mean or spread or 1.0)
        shape, _ = weighted_moments(excesses)
        shape = min(max(shape, 0.0), HEAVIEST)
        return cls(start, shape, max(float(excesses.mean()) * (1 - shape), np.finfo(float).tiny))

    def survival(self, scores: Scores, *, beyond: float) -> NDArray[np.float64]:
        """P(S >= score | S >= beyond), in (0, 1], for scores >= beyond >= start."""
        width = self._width(beyond)
        z = (scores - beyond) / width
        log_p = -z if self.shape == 0 else -np.log1p(self.shape * z) / self.shape
        return np.asarray(np.exp(np.maximum(log_p, np.log(np.finfo(float).tiny))))

    def inverse_survival(self, p: float, *, beyond: float) -> float:
        """The score s with P(S >= s | S >= beyond) = p, for p in (0, 1]."""
        width = self._width(beyond)
        z = -np.log(p) if self.shape == 0 else np.expm1(-self.shape * np.log(p)) / self.shape
        return float(beyond + width * z)

    def _width(self, beyond: float) -> float:
        return self.scale + self.shape * max(beyond - self.start, 0.0)


def weighted_moments(excesses: NDArray[np.float64]) -> tuple[float, float]:
    """(shape, scale) of ascending excesses >= 0, by probability-weighted moments (Hosking and Wallis 1987, eq. 6)."""
    n = len(excesses)
    mean = float(excesses.mean())
    ranks = (n - np.arange(1, n + 1)) / (n - 1)
    second = float((ranks * excesses).mean())
    if mean - 2 * second <= 0:
        return 0.0, mean
    shape = 2 - mean / (mean - 2 * second)
    return shape, 2 * mean * second / (mean - 2 * second)
