"""What the checks of a profile found, what that costs of the quality, and which are switched off."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response

from core.domain.errors import Invalid
from core.presentation.page_routes import Form
from core.presentation.parts import (
    Actions,
    Button,
    Cell,
    Column,
    EmptyState,
    Link,
    Number,
    Row,
    State,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from data_platform.api import Check, Finding, Kind, Result
from data_platform.application.datasets.ports import VersionView
from data_platform.domain.datasets.stored_checks import scopes, stored_findings
from data_platform.domain.findings import CheckScope, is_off, lost
from data_platform.domain.quality import FAR
from data_platform.presentation.pages.shared import (
    WRITING,
    DatasetPath,
    Service,
    dataset_pages,
    short,
    version_in,
)

router = dataset_pages()
FORMULA = (
    "100 less the share of cells that a check is about: those without a usable value, far out of range, of the rarer type, in a "
    "constant column, or in a row that repeats another. A check that is off costs nothing."
)
NAMES = {
    Check.MISSING: "Missing values",
    Check.DUPLICATE_ROWS: "Repeated rows",
    Check.CONSTANT: "Constant columns",
    Check.MIXED_TYPE: "Mixed types",
    Check.OUT_OF_RANGE: "Far out of range",
    Check.DRIFTED: "Moved since training",
}
RULES = {
    Check.MISSING: "no gaps",
    Check.DUPLICATE_ROWS: "no two rows alike",
    Check.CONSTANT: "more than one value",
    Check.MIXED_TYPE: "numbers or text",
    Check.OUT_OF_RANGE: f"within {FAR:g} widths of p1 to p99",
    Check.DRIFTED: "as in training",
}
MOST = 50  # findings that are listed
CheckState = Annotated[Literal["", "failed", "passed", "off"], Query(alias="checks")]
STATES = {"": "All", "failed": "Failed", "passed": "Passed", "off": "Off"}


class UnknownCheck(Invalid):
    title = "There is no such check"


@dataclass(frozen=True, slots=True)
class Checked:
    """A check as it is listed. ``scope`` is what its button switches."""

    finding: Finding
    scope: CheckScope
    is_off: bool
    cost: float
    fails_often: bool  # in other columns as well
    since: datetime | None

    @property
    def state(self) -> str:
        return "off" if self.is_off else str(self.finding.result)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksPanel:
    formula: str
    states: tuple[Tab, ...]
    table: Table


@router.post("/datasets/{dataset}/checks", dependencies=WRITING)
def switch_check(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    name = form.text("check")
    if name not in set(Check):
        raise UnknownCheck("The form names none that is made.", fix="Open the dataset again.")
    scope, on = CheckScope(Check(name), form.secret("column") or None), form.text("on") == "yes"
    service.switch_check(visit.actor, dataset, scope, on=on)
    what = NAMES[scope.check] + (f" in {scope.column}" if scope.column else "")
    href = visit.url("datasets", view.slug, checks=form.text("state"), version=version_in(form))
    return visit.go(f"{href}#quality", f"{what}: switched {'on' if on else 'off'}.")


def checks_panel(visit: Visit, version: VersionView, asked: str) -> ChecksPanel | None:
    """Failures first, the costly ones before the others. None before it is profiled."""
    if version.profile is None:
        return None
    found = _checked(version.profile, scopes(version.checks_off))
    numbers = {state: sum(each.state == state for each in found) for state in STATES} | {"": len(found)}
    shown = [each for each in found if asked in ("", each.state)]
    by_name = {each["column"]: each for each in version.profile["columns"]}
    table = Table(
        id="checks",
        caption="Checks",
        columns=_columns(visit),
        rows=tuple(
            Row(f"check-{place}", _cells(visit, version, each, by_name.get(each.finding.column or ""), asked))
            for place, each in enumerate(shown[:MOST])
        ),
        empty=EmptyState(
            code="healthy" if asked == "failed" else "filtered",
            title=f"No check is {asked}" if asked != "failed" else "No check failed",
            text="The others are listed under All.",
        ),
    )
    states = tuple(
        Tab(f"{text} {numbers[state]:,}", visit.here(checks=state or None), state == asked)
        for state, text in STATES.items()
    )
    return ChecksPanel(formula=FORMULA, states=states, table=table)


def _checked(profile: Mapping[str, Any], off: frozenset[CheckScope]) -> list[Checked]:
    rows, columns = profile["sampled_rows"], len(profile["columns"])
    found, often = [], Counter(each["check"] for each in profile["findings"])
    for stored, finding in zip(profile["findings"], stored_findings(profile), strict=True):
        whole = CheckScope(finding.check)
        scope = whole if whole in off else CheckScope(finding.check, finding.column)
        cost = 0.0 if is_off(finding, off) else lost(finding, rows=rows, columns=columns)
        since = stored.get("since")
        at = datetime.fromisoformat(since["at"]) if since else None
        found.append(Checked(finding, scope, is_off(finding, off), cost, often[finding.check] > 1, at))
    order = {"failed": 0, "off": 1, "passed": 2}
    return sorted(found, key=lambda each: (order[each.state], -each.cost))


def _columns(visit: Visit) -> tuple[Column, ...]:
    return (
        Column("Check"),
        Column("Rule"),
        Column("Result"),
        Column("What was found"),
        Column("Since"),
        Column("Rows", numeric=True),
        Column("Costs", numeric=True),
        *((Column("Switch"),) if visit.may("datasets:write") else ()),
    )


def _cells(
    visit: Visit, version: VersionView, checked: Checked, column: Mapping[str, Any] | None, asked: str
) -> tuple[Cell, ...]:
    finding, cost = checked.finding, checked.cost
    has_failed = finding.result is Result.FAILED
    where = _rows_at_fault(finding, column)
    count = f"{finding.rows:,}"
    rows: Cell = Number("")
    if has_failed:
        href = visit.url("datasets", version.dataset, "rows", where=where, version=version.number)
        rows = Link(count, href) if where else Number(count)
    return (
        Text(NAMES[finding.check]),
        Text(RULES[finding.check]),
        _state(checked),
        Text(_what(finding) if has_failed else "Nothing found"),
        visit.moment(checked.since) if checked.since else Text(""),
        rows,
        Number(f"{float(f'{cost:.2g}'):g}" if cost else "", exact=f"{cost} of 100 points" if cost else ""),
        *((_switch(visit, version, checked, asked),) if visit.may("datasets:write") else ()),
    )


def _what(finding: Finding) -> str:
    name = finding.column or ""
    return finding.sentence.replace(name, short(name), 1)


def _state(checked: Checked) -> State:
    if checked.is_off:
        return State("off", "")
    if checked.finding.result is Result.PASSED:
        return State("passed", "succeeded")
    return State("warning", "failed") if checked.finding.is_warning else State("note", "")


def _switch(visit: Visit, version: VersionView, checked: Checked, asked: str) -> Actions:
    """Off where it failed, or the whole check; on what was switched off."""
    action = visit.url("datasets", version.dataset, "checks")
    number = visit.request.query_params.get("version", "")  # the page that one comes back to

    def button(scope: CheckScope, text: str) -> Button:
        on = "yes" if checked.is_off else ""
        values = (
            ("check", scope.check.value),
            ("column", scope.column or ""),
            ("on", on),
            ("state", asked),
            ("version", number),
        )
        where = f"in {scope.column}" if scope.column else "in all columns"
        label = f"{text}: {NAMES[scope.check]} {where}"
        return Button(text=text, action=action, values=values, label=label)

    if checked.is_off:
        return Actions((button(checked.scope, "Switch on"),))
    buttons = [button(checked.scope, "Switch off")]
    if checked.fails_often and checked.scope.column is not None:
        buttons.append(button(CheckScope(checked.scope.check), "Off in all"))
    return Actions(tuple(buttons))


def _rows_at_fault(finding: Finding, column: Mapping[str, Any] | None) -> str:
    """A condition that finds them; empty where none does."""
    if column is None:
        return ""
    name = column["column"]
    is_text = column["type"] == "String"
    if finding.check is Check.MISSING and not column["infinite"]:
        return "" if is_text and column["kind"] == Kind.NUMERIC else f"{name}:missing:"
    if finding.check is Check.MIXED_TYPE and is_text and column["kind"] == Kind.NUMERIC:
        return f"{name}:not_number:"
    if finding.check is Check.OUT_OF_RANGE and "p1" in column["quantiles"]:
        low, high = column["quantiles"]["p1"], column["quantiles"]["p99"]
        reach = FAR * (high - low)
        above = isinstance(column["high"], int | float) and column["high"] > high + reach
        return f"{name}:gte:{high + reach:.15g}" if above else f"{name}:lte:{low - reach:.15g}"
    return ""
