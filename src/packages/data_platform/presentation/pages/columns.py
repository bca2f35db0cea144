"""The columns of a profile as a table."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from core.domain.wording import share
from core.presentation.parts import Cell, Column, Link, Number, Pager, Row, Share, Spark, Table, Text
from core.presentation.visit import Visit
from data_platform.api import Role
from data_platform.presentation.pages.schema_tables import ROLES
from data_platform.presentation.pages.shared import figure, short

ColumnSort = Literal["", "name", "-name", "missing", "-missing", "distinct", "-distinct"]
SHOWN = 40
KEYS = {"name": "column", "missing": "missing", "distinct": "distinct"}


def columns_table(
    visit: Visit, profile: Mapping[str, Any], *, sort: ColumnSort, first: int, chosen: str
) -> Table:
    found: Sequence[Mapping[str, Any]] = profile["columns"]
    if sort:
        key = KEYS[sort.removeprefix("-")]
        found = sorted(found, key=lambda each: each[key], reverse=sort.startswith("-"))
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
            Column("Type"),
            Column("Role"),
            _header(visit, "Missing", "missing", sort),
            *(() if chosen else figures),
            Column("Values"),
        ),
        rows=tuple(
            _row(visit, each, profile, place=first + place, chosen=chosen) for place, each in enumerate(shown)
        ),
        pager=_pager(visit, len(found), first) if len(found) > SHOWN else None,
    )


def _header(visit: Visit, title: str, key: str, sort: str, *, numeric: bool = False) -> Column:
    order: Any = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    turned = f"-{key}" if order == "ascending" else key
    return Column(title, numeric, visit.here(sort=turned, **{"from": None}), order)


def _row(
    visit: Visit, column: Mapping[str, Any], profile: Mapping[str, Any], *, place: int, chosen: str
) -> Row:
    name, rows = column["column"], profile["rows"]
    missing = (column["missing"] + column["infinite"]) / rows if rows else 0.0
    cells: tuple[Cell, ...] = (
        Link(short(name), visit.here(col=name)),
        Text(column["kind"]),
        Text(ROLES[Role(column["role"])]),
        Share(share(missing), missing, f"{name}: share of rows without a value") if missing else Text("0 %"),
        *(() if chosen else _figures(column)),
        values_cell(column, profile["sampled_rows"]),
    )
    return Row(f"column-{place}", cells, href=visit.here(col=name), selected=name == chosen)


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
    top = [f"{figure(each['value'])[:24]} {share(each['rows'] / sampled)}" for each in column["top"][:2]]
    if top:
        return Text(", ".join(top))
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
