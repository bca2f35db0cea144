"""The columns of a profile as a table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.domain.wording import share
from core.presentation.parts import (
    Actions,
    Button,
    Cell,
    Column,
    Link,
    Number,
    Pager,
    Row,
    Share,
    Spark,
    Table,
    Text,
)
from core.presentation.visit import Visit
from data_platform.api import Role
from data_platform.application.datasets.ports import VersionView
from data_platform.domain.datasets.stored_checks import scopes, stored_findings
from data_platform.domain.findings import is_off
from data_platform.presentation.pages.checks import NAMES
from data_platform.presentation.pages.schema_tables import ROLES
from data_platform.presentation.pages.shared import figure, short

ColumnSort = Literal[
    "",
    "name",
    "-name",
    "type",
    "-type",
    "role",
    "-role",
    "missing",
    "-missing",
    "distinct",
    "-distinct",
]
SHOWN = 40
KEYS = {"name": "column", "type": "kind", "role": "role", "missing": "missing", "distinct": "distinct"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """``chosen`` is the column whose panel is open."""

    sort: ColumnSort
    first: int
    chosen: str


def columns_table(visit: Visit, version: VersionView, asked: Asked, *, may_change: bool) -> Table | None:
    """None before it is profiled."""
    profile, sort, first, chosen = version.profile, asked.sort, asked.first, asked.chosen
    if profile is None:
        return None
    found: Sequence[Mapping[str, Any]] = profile["columns"]
    if sort:
        key = KEYS[sort.removeprefix("-")]
        found = sorted(found, key=lambda each: each[key], reverse=sort.startswith("-"))
    warnings = _warnings(version)
    shown = found[first : first + SHOWN]
    figures = (
        _header(visit, "Distinct", "distinct", sort, numeric=True),
        *(Column(title, numeric=True) for title in ("Smallest", "Median", "Largest")),
    )
    return Table(
        id="column-table",
        caption="Columns",
        columns=(
            _header(visit, "Column", "name", sort),
            _header(visit, "Type", "type", sort),
            _header(visit, "Role", "role", sort),
            _header(visit, "Missing", "missing", sort),
            *(() if chosen else figures),
            Column("Values"),
            *(() if chosen else (Column("Warnings"),)),
            *((Column("Change"),) if may_change and not chosen else ()),
        ),
        rows=tuple(
            Row(
                f"column-{first + place}",
                (
                    *_cells(visit, each, profile, chosen=chosen),
                    *(() if chosen else (Text(", ".join(warnings[each["column"]])),)),
                    *((_change(visit, version, each),) if may_change and not chosen else ()),
                ),
                href=visit.here(col=each["column"]),
                selected=each["column"] == chosen,
            )
            for place, each in enumerate(shown)
        ),
        pager=_pager(visit, len(found), first) if len(found) > SHOWN else None,
    )


def _warnings(version: VersionView) -> Mapping[str, list[str]]:
    """Names of the checks that each column failed, those aside that are switched off."""
    names: dict[str, list[str]] = defaultdict(list)
    off = scopes(version.checks_off)
    for finding in stored_findings(version.profile or {"findings": ()}):
        if finding.is_warning and finding.column and not is_off(finding, off):
            names[finding.column].append(NAMES[finding.check].lower())
    return names


def _header(visit: Visit, title: str, key: str, sort: str, *, numeric: bool = False) -> Column:
    order: Any = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    turned = f"-{key}" if order == "ascending" else key
    return Column(title, numeric, visit.here(sort=turned, **{"from": None}), order)


def _cells(
    visit: Visit, column: Mapping[str, Any], profile: Mapping[str, Any], *, chosen: str
) -> tuple[Cell, ...]:
    name, rows = column["column"], profile["rows"]
    missing = (column["missing"] + column["infinite"]) / rows if rows else 0.0
    return (
        Link(short(name), visit.here(col=name)),
        Text(column["kind"]),
        Text(ROLES[Role(column["role"])]),
        Share(share(missing), missing, f"{name}: share of rows without a value") if missing else Text("0 %"),
        *(() if chosen else _figures(column)),
        values_cell(column, profile["sampled_rows"]),
    )


def _change(visit: Visit, version: VersionView, column: Mapping[str, Any]) -> Cell:
    """Looked at, or not; other roles are given on a page of their own."""
    name, role = column["column"], Role(column["role"])
    if role not in (Role.FEATURE, Role.IGNORED):
        return Text("")
    text, wanted = ("Ignore", Role.IGNORED) if role is Role.FEATURE else ("Use", Role.FEATURE)
    return Actions(
        (
            Button(
                text=text,
                action=visit.url("datasets", version.dataset, "role"),
                values=(("column", name), ("role", str(wanted))),
                label=f"{text} {name}",
                key="x",
            ),
        )
    )


def _figures(column: Mapping[str, Any]) -> tuple[Number, ...]:
    distinct = Number(f"{'' if column['distinct_is_exact'] else '~'}{column['distinct']:,}")
    if column["histogram"] is None:
        return distinct, Number(""), Number(""), Number("")
    values = (column["low"], column["quantiles"].get("p50"), column["high"])
    return (distinct, *(Number(figure(value), exact=str(value)) for value in values))


def values_cell(column: Mapping[str, Any], sampled: int) -> Cell:
    """A small histogram, or what there is most of."""
    if column["histogram"] is not None:
        counts = column["histogram"]["counts"]
        most = max(counts)
        return Spark(tuple(n / most for n in counts), f"Distribution of {column['column']}")
    if column["top"]:
        first = column["top"][0]
        return Text(f"{figure(first['value'])[:24]} {share(first['rows'] / sampled)}")
    if column["kind"] == "datetime" and column["low"]:
        return Text(f"{column['low'][:10]} to {column['high'][:10]}")
    return Text(column["reason"])


def _pager(visit: Visit, total: int, first: int) -> Pager:
    last = min(first + SHOWN, total)
    return Pager(
        shown=f"{first + 1}-{last} of {total:,} columns",
        first_href=visit.here(**{"from": None}) if first else "",
        next_href=visit.here(**{"from": last}) if last < total else "",
    )
