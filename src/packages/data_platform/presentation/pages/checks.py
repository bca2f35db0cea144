"""What the checks of a profile found, and what that costs of the quality."""

from collections.abc import Mapping
from typing import Any

from core.presentation.parts import Cell, Column, Link, Number, Row, State, Table, Text
from core.presentation.visit import Visit
from data_platform.api import Check, Finding, Result
from data_platform.domain.quality import FAR, Weight, lost

FORMULA = (
    "100 less the share of cells that a check is about: those without a usable value, far out of range, of the rarer type, in a "
    "constant column, or in a row that repeats another."
)
NAMES = {
    Check.MISSING: "Missing values",
    Check.DUPLICATE_ROWS: "Repeated rows",
    Check.CONSTANT: "Constant columns",
    Check.MIXED_TYPE: "Mixed types",
    Check.OUT_OF_RANGE: "Far out of range",
    Check.DRIFTED: "Moved since training",
}
MOST = 50  # findings that are listed


def findings_of(profile: Mapping[str, Any]) -> list[Finding]:
    return [
        Finding(
            Check(each["check"]),
            each["column"],
            Result(each["result"]),
            each["rows"],
            Weight(each["weight"]),
            each["sentence"],
        )
        for each in profile["findings"]
    ]


def checks_table(visit: Visit, profile: Mapping[str, Any], slug: str) -> Table:
    """Failures first, the costly ones before the others."""
    rows, columns = profile["sampled_rows"], len(profile["columns"])
    found = [(lost(each, rows=rows, columns=columns), each) for each in findings_of(profile)]
    found.sort(key=lambda pair: (pair[1].result is Result.PASSED, -pair[0]))
    by_name = {each["column"]: each for each in profile["columns"]}
    return Table(
        id="checks",
        caption="Checks",
        columns=(
            Column("Check"),
            Column("Result"),
            Column("What was found"),
            Column("Rows", numeric=True),
            Column("Costs", numeric=True),
        ),
        rows=tuple(
            Row(f"check-{place}", _cells(visit, slug, each, cost, by_name.get(each.column or "")))
            for place, (cost, each) in enumerate(found[:MOST])
        ),
    )


def _cells(
    visit: Visit, slug: str, finding: Finding, cost: float, column: Mapping[str, Any] | None
) -> tuple[Cell, ...]:
    where = _rows_at_fault(finding, column)
    count = f"{finding.rows:,}"
    rows: Cell = Number("")
    if finding.result is Result.FAILED:
        rows = Link(count, visit.url("datasets", slug, "rows", where=where)) if where else Number(count)
    return (
        Text(NAMES[finding.check]),
        _state(finding),
        Text(finding.sentence if finding.result is Result.FAILED else "Nothing found"),
        rows,
        Number(f"{cost:.2g}" if cost else "", exact=f"{cost} of 100 points" if cost else ""),
    )


def _state(finding: Finding) -> State:
    if finding.result is Result.PASSED:
        return State("passed", "succeeded")
    return State("warning", "failed") if finding.is_warning else State("note", "")


def _rows_at_fault(finding: Finding, column: Mapping[str, Any] | None) -> str:
    """A condition that finds them; empty where none does."""
    if column is None:
        return ""
    name = column["column"]
    if finding.check is Check.MISSING and not column["infinite"]:
        return f"{name}:missing:"
    if finding.check is Check.OUT_OF_RANGE and "p1" in column["quantiles"]:
        low, high = column["quantiles"]["p1"], column["quantiles"]["p99"]
        reach = FAR * (high - low)
        above = isinstance(column["high"], int | float) and column["high"] > high + reach
        return f"{name}:gte:{high + reach:.15g}" if above else f"{name}:lte:{low - reach:.15g}"
    return ""
