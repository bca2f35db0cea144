"""One column of a profile: how its values are spread, and where the extremes are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.wording import share
from core.presentation.charts.chart import Chart
from core.presentation.parts import Cell, Column, Link, Number, Row, Share, Tab, Table, Text
from core.presentation.visit import Visit
from data_platform.api import Datasets, Role
from data_platform.application.datasets.ports import VersionView
from data_platform.domain.correlation import MOST_COLUMNS
from data_platform.domain.datasets.dataset import VersionState
from data_platform.presentation.pages.column_spread import (
    LINEAR,
    SCALES,
    Transform,
    number_chart,
    scales_of,
    time_chart,
)
from data_platform.presentation.pages.schema_tables import ROLES
from data_platform.presentation.pages.shared import figure, short, value_text
from data_platform.presentation.pages.versions import types_of
from data_platform.presentation.row_text import row_cursor, where_is

EXTREMES, COMMONEST = 5, 20
ORDERED = ("Int", "UInt", "Float", "Decimal", "Date", "Time", "Duration")
LOOKED_BACK = 5  # versions: those between failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPanel:
    name: str
    what: str  # kind, role and why
    facts: tuple[tuple[str, str], ...]
    chart: Chart | None
    scales: tuple[Tab, ...]
    tables: tuple[Table, ...]
    related: Table | None  # other columns
    related_note: str
    close_href: str


def column_panel(
    visit: Visit, service: Datasets, version: VersionView, name: str, scale: str
) -> ColumnPanel | None:
    """None where there is no such column."""
    profile = version.profile or {}
    column = next((each for each in profile.get("columns", ()) if each["column"] == name), None)
    if column is None:
        return None
    scales = scales_of(column)
    chosen = scale if scale in scales else ""
    return ColumnPanel(
        name=name,
        what=_what(column),
        facts=_facts(column, profile),
        chart=_chart(visit, service, version, column, SCALES[chosen]),
        scales=tuple(
            Tab(each.name, visit.here(scale=key or None), key == chosen) for key, each in scales.items()
        ),
        tables=_tables(visit, service, version, column),
        related=_related(visit, column, profile),
        related_note=""
        if profile["correlated_rows"] == profile["rows"]
        else f"In {profile['correlated_rows']:,} rows chosen at random.",
        close_href=visit.here(col=None, scale=None),
    )


def _what(column: Mapping[str, Any]) -> str:
    kind, role, reason = column["kind"], ROLES[Role(column["role"])], column["reason"]
    return f"{kind}, {role}" if reason == kind else f"{kind}, {role}: {reason}"


def _facts(column: Mapping[str, Any], profile: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = profile["rows"]
    missing = column["missing"] + column["infinite"]
    found = [("Missing", f"{missing:,} ({share(missing / rows)})" if rows and missing else "none")]
    found.append(("Distinct", f"{'' if column['distinct_is_exact'] else 'about '}{column['distinct']:,}"))
    if column["mean"] is not None:
        found.append(("Mean", f"{figure(column['mean'])} (deviation {figure(column['deviation'])})"))
    if column["quantiles"]:
        quantiles = column["quantiles"]
        found.append(("Median", figure(quantiles["p50"])))
        found.append(("Middle half", f"{figure(quantiles['p25'])} to {figure(quantiles['p75'])}"))
    elif column["kind"] == "datetime" and column["low"] is not None:
        found.append(("Range", f"{value_text(column['low'])} to {value_text(column['high'])}"))
    if column["histogram"] is not None and not profile["correlated_rows"]:
        found.append(("Correlation", f"left out: more than {MOST_COLUMNS:,} columns are numeric"))
    return tuple(found)


def _related(visit: Visit, column: Mapping[str, Any], profile: Mapping[str, Any]) -> Table | None:
    """Its strongest correlations, each a link to that column."""
    found = column["correlations"]
    if not found:
        return None
    return Table(
        id="related",
        caption="Rises or falls with",
        columns=(Column("Column"), Column("Spearman's correlation", numeric=True)),
        rows=tuple(
            Row(
                f"related-{place}",
                (
                    Link(short(each["column"]), visit.here(col=each["column"], scale=None)),
                    Number(_signed(each["spearman"]), exact=str(each["spearman"])),
                ),
            )
            for place, each in enumerate(found)
        ),
    )


def _signed(value: float) -> str:
    text = f"{value:+.2f}"
    return "0.00" if text in ("+0.00", "-0.00") else text


def _chart(
    visit: Visit, service: Datasets, version: VersionView, column: Mapping[str, Any], scale: Transform
) -> Chart | None:
    """Of numbers, and of rows over time. Numbers written as text are counted by the profile alone."""
    csv_href = visit.here(chart="spread")
    found = column["histogram"]
    if found is not None and not scales_of(column):
        return number_chart(column, LINEAR, None, before_label="", csv_href=csv_href)
    earlier = _version_before(visit, service, version, column)
    label = f"version {earlier.number}" if earlier else ""

    def count(edges: Sequence[float]) -> tuple[Sequence[int], Sequence[float]]:
        def rows(each: VersionView) -> list[int]:
            paths = service.reader.paths(visit.actor.tenant_id, each)
            return service.rows.spread(paths, column["column"], edges)

        if earlier is None:
            return rows(version), ()
        return rows(version), [n * version.rows / earlier.rows for n in rows(earlier)]

    if found is not None:
        return number_chart(column, scale, count, before_label=label, csv_href=csv_href)
    if column["kind"] == "datetime" and column["type"].startswith("Date") and column["low"] is not None:
        return time_chart(column, count, before_label=label, csv_href=csv_href)
    return None


def _version_before(
    visit: Visit, service: Datasets, version: VersionView, column: Mapping[str, Any]
) -> VersionView | None:
    """The last one that can be read, if the column was of the same type in it."""
    for number in range(version.number - 1, max(version.number - 1 - LOOKED_BACK, 0), -1):
        before = service.queries.version(visit.actor.tenant_id, version.dataset, number)
        if before.state is VersionState.READY:
            return before if types_of(before).get(column["column"]) == column["type"] else None
    return None


def _tables(
    visit: Visit, service: Datasets, version: VersionView, column: Mapping[str, Any]
) -> tuple[Table, ...]:
    """Numbers written as text have no order that means something."""
    if column["kind"] in ("nested", "empty"):
        return ()
    if column["kind"] in ("numeric", "datetime") and column["type"].startswith(ORDERED):
        return _extremes(visit, service, version, column["column"])
    return _commonest(visit, service, version, column["column"])


def _extremes(visit: Visit, service: Datasets, version: VersionView, name: str) -> tuple[Table, ...]:
    paths = service.reader.paths(visit.actor.tenant_id, version)
    low, high = service.rows.extremes(paths, name, EXTREMES)

    def table(key: str, caption: str, found: Sequence[tuple[int, Any]]) -> Table:
        rows = tuple(
            Row(
                f"{key}-{row}",
                (Number(value_text(value)), Link(f"row {row:,}", _row_href(visit, version, row))),
            )
            for row, value in found
        )
        return Table(
            id=key, caption=caption, columns=(Column("Value", numeric=True), Column("Where")), rows=rows
        )

    return table("largest", "Largest values", high), table("smallest", "Smallest values", low)


def _commonest(visit: Visit, service: Datasets, version: VersionView, name: str) -> tuple[Table, ...]:
    paths = service.reader.paths(visit.actor.tenant_id, version)
    found = service.rows.facets(paths, name, COMMONEST)
    rows = tuple(
        Row(
            f"value-{place}",
            (
                _value(visit, version, name, value),
                Share(f"{n:,}", n / version.rows, f"{value_text(value)}: share of rows"),
            ),
        )
        for place, (value, n) in enumerate(found)
    )
    if others := version.rows - sum(n for _, n in found):
        share_of_others = Share(f"{others:,}", others / version.rows, "Other values: share of rows")
        rows = (*rows, Row("value-others", (Text("Other"), share_of_others)))
    caption = f"The {len(found)} commonest values" if others else "Values"
    return (Table(id="commonest", caption=caption, columns=(Column("Value"), Column("Rows")), rows=rows),)


def _value(visit: Visit, version: VersionView, name: str, value: Any) -> Cell:
    """Leads to the rows that have it."""
    text = "(missing)" if value is None else value_text(value)
    where = where_is(name, value)
    if where is None:
        return Text(text)
    return Link(text, visit.url("datasets", version.dataset, "rows", where=where, version=version.number))


def _row_href(visit: Visit, version: VersionView, row: int) -> str:
    cursor = row_cursor(row - 1) if row else None
    return visit.url("datasets", version.dataset, "rows", version=version.number, cursor=cursor)
