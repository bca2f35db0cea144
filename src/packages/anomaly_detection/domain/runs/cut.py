"""Where a run's rows are cut into flagged and not, from their tail probabilities alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.calibration import rarity_of, scores_at
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.severity import FLAGGED, Severity, SeverityCutOffs
from anomaly_detection.domain.threshold import HIGHEST_CONTAMINATION
from core.domain.errors import Invalid

LOWEST_RATE = 1e-12
TIED = 1e-6  # relative step below a share at which the rows that have it are no longer flagged


class InvalidThreshold(Invalid):
    title = "The threshold is none that can be set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What an alert rate makes of a run. ``threshold`` is the lowest raw score that is flagged."""

    alert_rate: float
    threshold: float
    by_severity: Mapping[Severity, int]


def checked_rate(alert_rate: float) -> float:
    """Raises InvalidThreshold."""
    if LOWEST_RATE <= alert_rate <= HIGHEST_CONTAMINATION:
        return float(alert_rate)
    raise InvalidThreshold(
        f"It would be an alert rate of {alert_rate:.3g}.",
        fix=f"Choose one that leaves a rate from {LOWEST_RATE:g} to {HIGHEST_CONTAMINATION}.",
    )


def rate_at_score(alert_rate: float, score: float) -> float:
    """The rate at which exactly the rows are flagged that score at least ``score`` at this one. Raises InvalidThreshold."""
    return checked_rate(rarity_of(alert_rate, score))


def rate_of_share(shares: Iterable[Scores], share: float) -> float:
    """The rate at which at most ``share`` (up to a half) of the rows are flagged; rows that tie are flagged together or not at all.

    Raises InvalidThreshold.
    """
    p = np.concatenate(list(shares))
    most = int(share * len(p) * (1 + 1e-12))  # 0.29 of 100 rows are 29
    lowest = np.sort(np.partition(p, most)[: most + 1])
    rarer = lowest[:most][lowest[:most] < lowest[most]]
    if len(rarer):
        return checked_rate(float(rarer[-1]))
    return checked_rate(min(float(lowest[most]) * (1 - TIED), HIGHEST_CONTAMINATION))


def rarest_rows(shares: Iterable[Scores], most: int) -> NDArray[np.int64]:
    """Numbers of up to ``most`` rows, the highest scores first, ties in row order."""
    numbers, lowest, first = np.empty(0, dtype=np.int64), np.empty(0), 0
    for p in shares:
        numbers = np.concatenate([numbers, np.arange(first, first + len(p))])
        lowest = np.concatenate([lowest, p])
        best = np.argsort(lowest, kind="stable")[:most]
        numbers, lowest, first = numbers[best], lowest[best], first + len(p)
    return numbers


@dataclass(slots=True)
class SeverityCount:
    """Rows per severity, counted batch by batch."""

    cut_offs: SeverityCutOffs
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Severity), dtype=np.int64))

    def add(self, alert_rate: float, p: Scores) -> None:
        ranks = self.cut_offs.ranks(scores_at(alert_rate, p))
        self.counts += np.bincount(ranks, minlength=len(Severity))

    @property
    def by_severity(self) -> dict[Severity, int]:
        return dict(zip(Severity, self.counts.tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class RarityRange:
    """Tail probabilities in (``above``, ``upto``]; None: no bound."""

    above: float | None = None
    upto: float | None = None


def rarity_between(alert_rate: float, *, lowest: float | None, highest: float | None) -> RarityRange:
    """The rows that score in [``lowest``, ``highest``] at this rate."""
    return RarityRange(
        above=None if highest is None else _last(alert_rate, lambda score: score > highest),
        upto=None if lowest is None else _last(alert_rate, lambda score: score >= lowest),
    )


def rarity_of_severity(alert_rate: float, severity: Severity, cut_offs: SeverityCutOffs) -> RarityRange:
    """The rows of one severity at this rate."""
    starts = (0.0, cut_offs.low, FLAGGED, cut_offs.high, cut_offs.critical)
    lowest, following = starts[severity.rank], starts[severity.rank + 1 :]
    return RarityRange(
        above=_last(alert_rate, lambda score: score >= following[0]) if following else None,
        upto=_last(alert_rate, lambda score: score >= lowest),
    )


def flagged_upto(alert_rate: float) -> float:
    """The highest tail probability that is flagged."""
    return _last(alert_rate, lambda score: score >= FLAGGED)


def _last(alert_rate: float, reaches: Callable[[float], bool]) -> float:
    """The highest p whose score does, to the last bit: rows often lie right on a cut-off. 0: not even the rarest."""
    low, high = 0, int(np.float64(1).view(np.int64)) + 1  # doubles above 0 are in the order of their bits
    while high - low > 1:
        middle = (low + high) // 2
        score = scores_at(alert_rate, np.array([middle]).view(np.float64))[0]
        low, high = (middle, high) if reaches(score) else (low, middle)
    return float(np.int64(low).view(np.float64))
