"""What would have to be otherwise for a row not to be flagged."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from anomaly_detection.domain.explanation import number
from anomaly_detection.domain.severity import FLAGGED


class Bound(StrEnum):
    """``AT_MOST`` and ``AT_LEAST`` were tried from there to the column's median, ``EXACTLY`` only there."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    EXACTLY = "exactly"


SIGNS = {Bound.AT_MOST: "<=", Bound.AT_LEAST: ">=", Bound.EXACTLY: "="}


@dataclass(frozen=True, slots=True)
class Change:
    """``before`` and ``after`` are values of the table's column."""

    column: str
    before: Any
    after: Any
    bound: Bound = Bound.EXACTLY

    @property
    def words(self) -> str:
        return f"{self.column} {SIGNS[self.bound]} {_shown(self.after)}"


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Changes with which the model, asked, does not flag the row. ``score`` is what it gives then; ``distance`` how far the
    row moves in the model's scaled space."""

    changes: tuple[Change, ...]
    score: float
    distance: float

    @property
    def words(self) -> str:
        """``would score below 0.8 if amount <= 1,200``"""
        return f"would score below {FLAGGED} if {' and '.join(change.words for change in self.changes)}"


def _shown(value: object) -> str:
    if value is None:
        return "missing"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return repr(value) if isinstance(value, str) else str(value)
    return number(value) if float(f"{value:.4g}") == value else f"{value:,.15g}"
