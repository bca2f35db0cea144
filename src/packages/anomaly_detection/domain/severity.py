"""Words for calibrated scores."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Scores
from core.domain.errors import InvalidOption

FLAGGED = 0.8  # the calibrated score of the alert rate, for every model and tenant


class Severity(StrEnum):
    """From usual to alarming. MEDIUM and above are flagged."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)


class CutOffsOutOfOrder(InvalidOption):
    title = "The severity cut-offs do not ascend"


@dataclass(frozen=True, slots=True)
class SeverityCutOffs:
    """Lowest calibrated score of LOW, HIGH and CRITICAL; MEDIUM always starts at ``FLAGGED``."""

    low: float = 0.5
    high: float = 0.9
    critical: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.low < FLAGGED < self.high < self.critical < 1:
            raise CutOffsOutOfOrder(
                f"Severity cut-offs are low {self.low}, high {self.high}, critical {self.critical}.",
                fix=f"They must ascend: 0 < low < {FLAGGED} < high < critical < 1.",
            )

    def ranks(self, scores: Scores) -> NDArray[np.intp]:
        """Each score's ``Severity.rank``."""
        return np.searchsorted([self.low, FLAGGED, self.high, self.critical], scores, side="right")

    def of(self, score: float) -> Severity:
        return list(Severity)[int(self.ranks(np.array([score]))[0])]
