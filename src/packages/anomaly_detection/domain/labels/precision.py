"""How many of the flagged rows were rightly flagged, as far as people have said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

from anomaly_detection.domain.labels.label import Verdict

Z = 1.959964  # of 95 %, both sides


@dataclass(frozen=True, slots=True)
class Precision:
    """``counts``: labels on flagged rows, by verdict. Only true and false positives count for the precision."""

    counts: Mapping[Verdict, int] = field(default_factory=dict)

    @property
    def judged(self) -> int:
        return self.of(Verdict.TRUE) + self.of(Verdict.FALSE_POSITIVE)

    def of(self, verdict: Verdict) -> int:
        return self.counts.get(verdict, 0)

    @property
    def value(self) -> float | None:
        """None without such a label."""
        return self.of(Verdict.TRUE) / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % of it, for labels given to randomly chosen flagged rows (Wilson 1927)."""
        if self.value is None:
            return None
        n, p = self.judged, self.value
        centre = p + Z**2 / (2 * n)
        half = Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        scale = 1 + Z**2 / n
        return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)
