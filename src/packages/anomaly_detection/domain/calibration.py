"""From raw scores, whose scale each algorithm chooses, to one scale for all: how rare is a row like this?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.severity import FLAGGED
from anomaly_detection.domain.tail import ParetoTail

TAIL_KNOTS = 2_048  # the highest training scores are kept one by one, the others as quantiles
BODY_KNOTS = 2_048
ROUNDING = 1e-9  # p and a come from divisions: equal shares must compare as equal


@dataclass(frozen=True, slots=True)
class ScoreCalibration:
    """The tail function of the training scores and the alert rate.

    ``p(s)`` is the share of training rows that score at least ``s``. ``knots`` ascend strictly and ``shares``
    descend from 1; beyond the last knot a generalised Pareto tail goes on. A row is flagged when ``p <= alert_rate``.
    """

    knots: NDArray[np.float64]
    shares: NDArray[np.float64]
    tail: ParetoTail
    alert_rate: float

    @classmethod
    def fit(cls, training_scores: Scores, alert_rate: float) -> Self:
        """alert_rate: share in (0, 0.5]; raised to 1/(10 n) where it is lower, n being the number of scores."""
        knots, shares = survival(training_scores)
        floor = 1 / (10 * len(training_scores))
        return cls(knots, shares, ParetoTail.fit(training_scores), max(alert_rate, floor))

    def tail_probability(self, raw: Scores) -> Scores:
        """Share of training rows that score at least as high, in (0, 1]; strictly falling beyond the highest."""
        p = np.interp(raw, self.knots, self.shares)
        top = self.knots[-1]
        beyond = raw > top
        if beyond.any():
            p[beyond] = self.shares[-1] * self.tail.survival(raw[beyond], beyond=top)
        return p

    def calibrated(self, raw: Scores) -> Scores:
        """Scores in [0, 1]: 0.8 is the alert rate, 0.9 four times rarer, 0.95 sixteen times; flagged is >= 0.8."""
        return scores_at(self.alert_rate, self.tail_probability(raw))

    @property
    def threshold(self) -> float:
        """The lowest raw score that is flagged."""
        a = self.alert_rate * (1 + ROUNDING)
        if a >= self.shares[-1]:
            return float(np.interp(-a, -self.shares, self.knots))
        return self.tail.inverse_survival(self.alert_rate / self.shares[-1], beyond=float(self.knots[-1]))

    def with_alert_rate(self, alert_rate: float) -> Self:
        """The same tail with another threshold: no row need be scored again."""
        return replace(self, alert_rate=alert_rate)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """What ``restore`` takes."""
        tail = self.tail
        return {
            "knots": self.knots,
            "shares": self.shares,
            "tail": np.array([tail.start, tail.shape, tail.scale, self.alert_rate]),
        }

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[np.float64]]) -> Self:
        """Raises KeyError and ValueError for arrays that are no tail function."""
        start, shape, scale, alert_rate = np.asarray(arrays["tail"], dtype=np.float64).tolist()
        knots, shares = arrays["knots"], arrays["shares"]
        if knots.dtype != np.float64 or shares.dtype != np.float64 or knots.shape != shares.shape:
            raise ValueError("knots and shares differ")
        if not (len(knots) and np.isfinite(knots).all() and (np.diff(knots) > 0).all()):
            raise ValueError("knots do not ascend")
        if not (shares[-1] > 0 and shares[0] <= 1 and (np.diff(shares) < 0).all()):
            raise ValueError("shares do not descend within (0, 1]")
        if not (0 < alert_rate <= 1 and np.isfinite([start, shape]).all() and 0 < scale < np.inf):
            raise ValueError("the tail is none")
        return cls(knots, shares, ParetoTail(start, shape, scale), alert_rate)


def scores_at(alert_rate: float, p: Scores) -> Scores:
    """Calibrated scores of rows with these tail probabilities, where rows as rare as the alert rate are flagged."""
    rare = is_rare(alert_rate, p)
    below = np.maximum((1 - p) / (1 - alert_rate), 0) * FLAGGED
    share = np.minimum(p, alert_rate) / alert_rate
    return np.where(rare, 1 - (1 - FLAGGED) * np.sqrt(share), np.minimum(below, np.nextafter(FLAGGED, 0)))


def is_rare(alert_rate: float, p: Scores) -> NDArray[np.bool_]:
    """Which rows are flagged."""
    return p <= alert_rate * (1 + ROUNDING)


def rarity_of(alert_rate: float, score: float) -> float:
    """The tail probability whose calibrated score, at this alert rate, is ``score``."""
    if score >= FLAGGED:
        return float(alert_rate * ((1 - score) / (1 - FLAGGED)) ** 2)
    return 1 - score / FLAGGED * (1 - alert_rate)


def survival(scores: Scores) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ascending distinct scores and the share of rows that score at least each; thinned below the highest."""
    values, counts = np.unique(scores, return_counts=True)
    shares = counts[::-1].cumsum()[::-1] / len(scores)
    if len(values) > TAIL_KNOTS + BODY_KNOTS:
        first_tail = len(values) - TAIL_KNOTS
        body = np.linspace(0, first_tail, BODY_KNOTS, endpoint=False).astype(np.intp)
        keep = np.concatenate([body, np.arange(first_tail, len(values))])
        values, shares = values[keep], shares[keep]
    return values, shares
