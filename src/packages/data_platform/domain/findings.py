"""What checks of a table's values find, and what it says about the table as a whole."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import floor
from typing import Any


class Check(StrEnum):
    MISSING = "missing"
    DUPLICATE_ROWS = "duplicate_rows"
    CONSTANT = "constant"
    MIXED_TYPE = "mixed_type"
    OUT_OF_RANGE = "out_of_range"
    DRIFTED = "drifted"  # since training


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


class Weight(StrEnum):
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check: a failure names its column, a pass is about the whole table."""

    check: Check
    column: str | None
    result: Result
    rows: int  # affected
    weight: Weight
    sentence: str

    @property
    def is_warning(self) -> bool:
        return self.result is Result.FAILED and self.weight is Weight.WARNING


@dataclass(frozen=True, slots=True)
class CheckScope:
    """A check of one column; without a column, of the whole table."""

    check: Check
    column: str | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "CheckScope":
        return cls(Check(values["check"]), values["column"])

    def holds(self, other: "CheckScope") -> bool:
        return other.check is self.check and self.column in (None, other.column)


def is_off(finding: Finding, off: Collection[CheckScope]) -> bool:
    """Whether somebody switched the check off, there or everywhere."""
    return CheckScope(finding.check, finding.column) in off or CheckScope(finding.check) in off


def lost(finding: Finding, *, rows: int, columns: int) -> float:
    """Points of 100 that a finding costs: the share of the table's cells that it is about. A repeated row is at fault in all
    of its cells; drift is about another table as well, and costs nothing."""
    if finding.result is Result.PASSED or finding.check is Check.DRIFTED or not rows or not columns:
        return 0.0
    cells = finding.rows * (columns if finding.column is None else 1)
    return 100 * cells / (rows * columns)


def quality(findings: Iterable[Finding], *, rows: int, columns: int, off: Collection[CheckScope] = ()) -> int:
    """0 to 100: 100 less what the findings cost, 100 only where there are none. ``rows`` were looked at; what is ``off``
    costs nothing."""
    counted = (finding for finding in findings if not is_off(finding, off))
    return max(0, floor(100 - sum(lost(finding, rows=rows, columns=columns) for finding in counted)))
