"""What each threshold would flag among labelled rows, and what that would cost."""

from bisect import bisect_right
from dataclasses import dataclass
from operator import neg
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from machine_learning.domain.evaluation import CONFIDENCE, Confusion
from machine_learning.domain.ranking import Labels, Scores

WHOLE = 100  # every hundredth of a score is among the thresholds
MOST_AT_ANOMALIES = 99  # further thresholds, at the scores of anomalies: there precision jumps
ROUNDING = 1e-15  # of scores: a row at a threshold reaches it, as it will once that is applied
QUANTILE = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
Shares = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Of one false alarm and of one missed anomaly, in any unit."""

    false_positive: float
    false_negative: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCurve:
    """``true_positives`` and ``false_positives`` count the rows that score at least each threshold.

    ``thresholds`` are calibrated scores, descending from 1 to 0; at most 200.
    """

    thresholds: tuple[float, ...]
    true_positives: tuple[int, ...]
    false_positives: tuple[int, ...]

    @classmethod
    def of(cls, scores: Scores, labels: Labels) -> "ScoreCurve":
        """Calibrated scores and the truth, each of shape (n_rows,)."""
        order = np.argsort(-scores, kind="stable")
        ordered = labels[order]
        return cls.of_steps(scores[order], ordered.cumsum(), (~ordered).cumsum())

    @classmethod
    def of_steps(cls, scores: Scores, true: NDArray[np.int64], false: NDArray[np.int64]) -> "ScoreCurve":
        """Descending scores, and how many anomalies and normal rows have been seen by each; of ties, the last one tells."""
        at_anomalies = np.unique(scores[np.diff(true, prepend=0) > 0])
        if len(at_anomalies) > MOST_AT_ANOMALIES:
            kept = np.linspace(0, len(at_anomalies) - 1, MOST_AT_ANOMALIES).round().astype(np.intp)
            at_anomalies = at_anomalies[kept]
        thresholds = np.unique(np.concatenate([np.arange(WHOLE + 1) / WHOLE, at_anomalies]))[::-1]
        seen = np.searchsorted(-scores, ROUNDING - thresholds, side="right")
        return cls(
            thresholds=tuple(thresholds.tolist()),
            true_positives=tuple(np.append(0, true)[seen].tolist()),
            false_positives=tuple(np.append(0, false)[seen].tolist()),
        )

    @property
    def anomalies(self) -> int:
        return self.true_positives[-1]

    @property
    def normal(self) -> int:
        return self.false_positives[-1]

    @property
    def rows(self) -> int:
        return self.anomalies + self.normal

    def at(self, threshold: float) -> Confusion:
        """With the lowest threshold that is kept and not below this one; exact for hundredths."""
        kept = bisect_right(self.thresholds, -threshold, key=neg) - 1
        true, false = self.true_positives[kept], self.false_positives[kept]
        return Confusion(true, false, self.anomalies - true, self.normal - false)

    def cost(self, threshold: float, costs: Costs) -> float:
        """Expected per 1,000 rows like these."""
        found = self.at(threshold)
        total = found.false_positives * costs.false_positive + found.false_negatives * costs.false_negative
        return 1_000 * total / self.rows

    def cheapest(self, costs: Costs) -> float:
        """The hundredth of least cost, of several the highest: it brings the fewest alerts."""
        return min(
            (number / WHOLE for number in range(WHOLE, -1, -1)), key=lambda each: self.cost(each, costs)
        )


def wilson(part: Shares, whole: Shares) -> tuple[Shares, Shares]:
    """The ends of the 95 % interval of part / whole (Wilson 1927); ``whole`` is positive."""
    share, square = part / whole, QUANTILE**2
    middle = share + square / (2 * whole)
    reach = QUANTILE * np.sqrt(share * (1 - share) / whole + square / (4 * whole**2))
    scale = 1 + square / whole
    return np.clip((middle - reach) / scale, 0, 1), np.clip((middle + reach) / scale, 0, 1)
