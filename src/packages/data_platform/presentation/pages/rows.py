"""A dataset's rows, filtered by what stands in their columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Response
from fastapi.responses import RedirectResponse

from core.domain.errors import BadRequest, DomainError, NotFound
from core.domain.page import Counting, Page
from core.presentation.forms import told
from core.presentation.json_text import plain
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import EmptyState, Facet, Field, Link, Notice, Number, Option, Tab, Table, Text
from core.presentation.visit import Here, Visit
from data_platform.api import Datasets, DatasetView
from data_platform.application.datasets.ports import Condition, VersionView
from data_platform.presentation.pages.shared import (
    DatasetPath,
    Service,
    Version,
    Where,
    Words,
    crumbs,
    dataset_pages,
    short,
    tabs,
    value_text,
)
from data_platform.presentation.row_text import condition_of, row_after, row_cursor, text_of, where_is

router = dataset_pages()
OPERATORS = {
    "eq": "is",
    "gte": "is at least",
    "lte": "is at most",
    "contains": "contains",
    "missing": "is missing",
    "not_number": "is not a number",
}
SHOWN_COLUMNS, TWIN_ROWS = 16, 2_000
FACETS, FACET_VALUES = 4, 6
First = Annotated[int, Query(alias="from", ge=0, le=10_000)]
RowItem = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPage:
    dataset: DatasetView
    tabs: tuple[Tab, ...]
    version: int
    problem: Notice | None
    filters: tuple[Field, ...]
    kept: tuple[tuple[str, str], ...]  # what the filter's form says again
    chips: tuple[Link, ...]  # each leads to the rows without it
    clear_href: str
    facets: tuple[Facet, ...]
    table: Table
    columns_shown: str
    columns_links: tuple[Link, ...]


@with_twins(router, "/datasets/{dataset}/rows")
def rows(
    visit: Here,
    service: Service,
    dataset: DatasetPath,
    asked: Asked,
    *,
    version: Version = None,
    where: Where = None,
    column: Words = "",
    operator: Words = "",
    value: Words = "",
    first: First = 0,
) -> Response:
    """A condition that the form sends in parts goes to the others in the address."""
    tenant_id = visit.actor.tenant_id
    if column and operator in OPERATORS:
        added = text_of(Condition(column, operator, value.strip()))
        wheres = list(dict.fromkeys([*(where or ()), added]))
        return RedirectResponse(visit.here(where=wheres, column=None, operator=None, value=None), 303)
    view = service.queries.get(tenant_id, dataset)
    found = service.queries.version(tenant_id, dataset, version)
    names = [each["name"] for each in found.columns]
    if asked.form:
        return listing_of(found, names).twin(
            asked.form, lambda cursor: _read(visit, service, found, where, cursor, TWIN_ROWS), asked.cursor
        )
    problem: DomainError | None = None
    page: Page[RowItem]
    try:
        page = _read(visit, service, found, where, asked.cursor, asked.limit, count=Counting.ESTIMATE)
    except (BadRequest, NotFound) as error:
        page, problem = Page((), None), error
    conditions = list(where or ())
    table = listing_of(found, names[first : first + SHOWN_COLUMNS]).table(
        visit, page, empty=_empty(visit, found)
    )
    parquet = visit.url(
        "datasets", view.slug, "file", format="parquet", version=found.number, where=conditions
    )
    context = RowsPage(
        dataset=view,
        tabs=tabs(visit, view, "Rows"),
        version=found.number,
        problem=told(problem) if problem else None,
        filters=_filters(names),
        kept=_kept(visit, conditions),
        chips=tuple(
            Link(_words(text), visit.here(where=[t for t in conditions if t != text])) for text in conditions
        ),
        clear_href=visit.here(where=None),
        facets=_facets(visit, service, found, conditions),
        table=replace(table, twins=(*table.twins, Link("Parquet", parquet))) if table.rows else table,
        columns_shown=f"Columns {first + 1}-{min(first + SHOWN_COLUMNS, len(names))} of {len(names):,}"
        if len(names) > SHOWN_COLUMNS
        else "",
        columns_links=_column_links(visit, first, len(names)),
    )
    return visit.page(
        "data_platform/rows.html",
        context,
        title=f"Rows of {view.name}",
        crumbs=crumbs(visit, view, "Rows"),
        status=422 if problem else 200,
    )


def listing_of(version: VersionView, names: Sequence[str]) -> Listing[RowItem]:
    types = {each["name"]: each["type"] for each in version.columns}
    return Listing(
        id="rows",
        caption="Rows",
        key=lambda item: f"row-{item[0]}",
        columns=(
            ListColumn(
                title="Row",
                name="row",
                cell=lambda item: Number(f"{item[0]:,}"),
                value=lambda item: item[0],
                numeric=True,
            ),
            *(
                _column(name, is_number=types[name].startswith(("Int", "UInt", "Float", "Decimal")))
                for name in names
            ),
        ),
    )


def _column(name: str, *, is_number: bool) -> ListColumn[RowItem]:
    def cell(item: RowItem) -> Text | Number:
        text = value_text(item[1][name])
        return Number(text) if is_number else Text(text)

    return ListColumn(
        title=short(name), name=name, cell=cell, value=lambda item: plain(item[1][name]), numeric=is_number
    )


def _read(
    visit: Visit,
    service: Datasets,
    version: VersionView,
    where: Sequence[str] | None,
    cursor: str | None,
    limit: int,
    *,
    count: Counting | None = None,
) -> Page[RowItem]:
    """Raises MalformedCondition, InvalidCondition, UnknownColumn, InvalidCursor."""
    paths: Sequence[Path] = service.reader.paths(visit.actor.tenant_id, version)
    conditions = [condition_of(text) for text in where or ()]
    found = service.rows.preview(paths, first=row_after(cursor), limit=limit + 1, where=conditions)
    items = tuple(found[:limit])
    following = row_cursor(items[-1][0]) if len(found) > limit else None
    if count is None:
        return Page(items, following)
    total = service.rows.count(paths, where=conditions, count=count)
    return Page(items, following, total.rows, total.is_exact)


def _filters(names: Sequence[str]) -> tuple[Field, ...]:
    columns = tuple(Option(name, short(name)) for name in names[:500])
    operators = tuple(Option(key, text) for key, text in OPERATORS.items())
    return (
        Field(name="column", label="Column", kind="select", options=columns),
        Field(name="operator", label="Condition", kind="select", options=operators),
        Field(name="value", label="Value", kind="search"),
    )


def _kept(visit: Visit, conditions: Sequence[str]) -> tuple[tuple[str, str], ...]:
    asked = visit.request.query_params
    others = tuple((name, asked[name]) for name in ("version", "from", "limit") if name in asked)
    return (*(("where", text) for text in conditions), *others)


def _words(text: str) -> str:
    """``amount is at least 100``."""
    try:
        condition = condition_of(text)
    except BadRequest:
        return text[:80]
    return f"{short(condition.column)} {OPERATORS[condition.operator]} {condition.value}".strip()[:120]


def _facets(
    visit: Visit, service: Datasets, version: VersionView, conditions: Sequence[str]
) -> tuple[Facet, ...]:
    """The commonest values of the first columns that have few."""
    profiled = (version.profile or {}).get("columns", ())
    names = [each["column"] for each in profiled if each["kind"] in ("category", "boolean")][:FACETS]
    paths = service.reader.paths(visit.actor.tenant_id, version)
    facets = []
    for name in names:
        links = []
        for value, n in service.rows.facets(paths, name, FACET_VALUES):
            where = where_is(name, value)
            if where is None:
                continue
            chosen = where in conditions
            others = [text for text in conditions if not text.startswith(f"{name}:")]
            href = visit.here(where=others if chosen else [*others, where])
            links.append((value_text(value)[:40] or "(missing)", f"{n:,}", href, chosen))
        facets.append(Facet(title=short(name), links=tuple(links)))
    return tuple(facets)


def _column_links(visit: Visit, first: int, total: int) -> tuple[Link, ...]:
    links = []
    if first:
        links.append(Link("Columns before", visit.here(**{"from": max(first - SHOWN_COLUMNS, 0) or None})))
    if first + SHOWN_COLUMNS < total:
        links.append(Link("Columns after", visit.here(**{"from": first + SHOWN_COLUMNS})))
    return tuple(links)


def _empty(visit: Visit, version: VersionView) -> EmptyState:
    return EmptyState(
        code="filtered",
        title=f"0 of {version.rows:,} rows match",
        text="Take out a condition, or all of them.",
        actions=(Link("Clear filters", visit.here(where=None)),),
    )
