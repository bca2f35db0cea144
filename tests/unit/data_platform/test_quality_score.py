"""What findings cost of the quality."""

import pytest

from data_platform.api import Check, Finding, Result
from data_platform.domain.findings import Weight, lost, quality


def finding(check: Check, rows: int, column: str | None = "a", result: Result = Result.FAILED) -> Finding:
    return Finding(check, column, result, rows, Weight.WARNING, "")


@pytest.mark.parametrize(
    ("given", "cost"),
    [
        (finding(Check.MISSING, 50), 5.0),
        (finding(Check.CONSTANT, 100), 10.0),
        (finding(Check.DUPLICATE_ROWS, 20, None), 20.0),
        (finding(Check.DRIFTED, 100), 0.0),
        (finding(Check.MISSING, 0, None, Result.PASSED), 0.0),
    ],
)
def test_a_finding_costs_the_share_of_cells_it_is_about(given: Finding, cost: float) -> None:
    assert lost(given, rows=100, columns=10) == pytest.approx(cost)


def test_the_quality_is_whole_only_where_nothing_was_found() -> None:
    assert quality([], rows=100, columns=10) == 100
    assert quality([finding(Check.OUT_OF_RANGE, 1)], rows=100_000, columns=10) == 99


def test_the_quality_is_never_below_zero() -> None:
    everything = [finding(Check.DUPLICATE_ROWS, 100, None), finding(Check.MISSING, 100)]
    assert quality(everything, rows=100, columns=1) == 0
    assert quality(everything, rows=0, columns=0) == 100
