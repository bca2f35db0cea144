"""One column of a profile: how its values are spread, and where the extremes are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.domain.wording import share
from core.presentation.charts.chart import Chart, Histogram, Plot, Rule
from core.presentation.charts.scale import Scale
from core.presentation.parts import Column, Link, Number, Row, Share, Tab, Table
from core.presentation.visit import Visit
from data_platform.api import Datasets, Role
from data_platform.application.datasets.ports import VersionView
from data_platform.domain.correlation import MOST_COLUMNS
from data_platform.presentation.pages.schema_tables import ROLES
from data_platform.presentation.pages.shared import figure, short, value_text
from data_platform.presentation.row_text import row_cursor, where_is

EXTREMES, COMMONEST = 5, 20
ORDERED = ("Int", "UInt", "Float", "Decimal", "Date", "Time", "Duration")
MARKED = ("p1", "p99")
PLOT, LABEL_WIDTH = Plot(width=420), 30


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
    visit: Visit, service: Datasets, version: VersionView, name: str, *, log: bool
) -> ColumnPanel | None:
    """None where there is no such column."""
    profile = version.profile or {}
    column = next((each for each in profile.get("columns", ()) if each["column"] == name), None)
    if column is None:
        return None
    is_number = column["histogram"] is not None
    return ColumnPanel(
        name=name,
        what=_what(column),
        facts=_facts(column, profile),
        chart=_histogram(visit, column, log=log) if is_number else None,
        scales=(
            Tab("Linear", visit.here(scale=None), not log),
            Tab("Logarithmic", visit.here(scale="log"), log),
        )
        if is_number
        else (),
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


def _histogram(visit: Visit, column: Mapping[str, Any], *, log: bool) -> Chart:
    histogram, name = column["histogram"], column["column"]
    counts, low, high = histogram["counts"], histogram["low"], histogram["high"]
    if not low < high:
        low, high = low - 0.5, high + 0.5
    step = (high - low) / len(counts)
    quantiles = column["quantiles"]
    chart = Histogram(
        id="spread",
        title=f"How {short(name)} is spread",
        answer=f"98 % of the values lie between {figure(quantiles['p1'])} and {figure(quantiles['p99'])}; "
        f"values beyond the ends are in the first and last bars.",
        edges=[low + step * i for i in range(len(counts) + 1)],
        counts=counts,
        x_label=name[:40],
        logarithmic=log,
        csv_href=visit.here(chart="spread"),
        plot=PLOT,
    ).chart()
    return replace(chart, rules=_marks(quantiles, Scale(low, high, *PLOT.across)), width=PLOT.width)


def _marks(quantiles: Mapping[str, float], x: Scale) -> tuple[Rule, ...]:
    """Where there is room for their names."""
    places = {mark: x(quantiles[mark]) for mark in MARKED}
    return tuple(
        PLOT.upright(place, "quantile", mark)
        for mark, place in places.items()
        if place - PLOT.across[0] > LABEL_WIDTH
    )


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
                Link(
                    "(missing)" if value is None else value_text(value) or "(empty)",
                    visit.url("datasets", version.dataset, "rows", where=where_is(name, value)),
                ),
                Share(f"{n:,}", n / version.rows, f"{value_text(value)}: share of rows"),
            ),
        )
        for place, (value, n) in enumerate(found)
    )
    caption = f"The {len(rows)} commonest values" if len(rows) == COMMONEST else "Values"
    return (Table(id="commonest", caption=caption, columns=(Column("Value"), Column("Rows")), rows=rows),)


def _row_href(visit: Visit, version: VersionView, row: int) -> str:
    cursor = row_cursor(row - 1) if row else None
    return visit.url("datasets", version.dataset, "rows", version=version.number, cursor=cursor)
