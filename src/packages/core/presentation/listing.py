"""A list of views as a table, and as its .csv and .json twins."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from core.domain.page import Page
from core.presentation.parts import Cell, Column, EmptyState, Link, Pager, Row, Table
from core.presentation.spreadsheets import csv_text
from core.presentation.visit import Visit, with_query

T = TypeVar("T")
PAGE = 50  # rows
MOST = 10_000  # rows of a JSON twin
TWIN_PAGE = 500  # rows that are read at once for a twin
FORMS = ("csv", "json")
Endpoint = Callable[..., Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn(Generic[T]):
    """``name`` is the key in the twins, ``value`` what stands there: a text, number, flag, time, UUID or None.
    ``sort`` is the name in ``?sort=`` where the list can be sorted by it; ``-name`` is the other way round."""

    title: str
    name: str
    cell: Callable[[T], Cell]
    value: Callable[[T], Any]
    numeric: bool = False
    sort: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """``id`` is the table's in the page, ``caption`` says what the rows are, ``key`` names a row, ``href`` opens it."""

    id: str
    caption: str
    columns: Sequence[ListColumn[T]]
    key: Callable[[T], str]
    href: Callable[[T], str] | None = None

    def table(
        self, visit: Visit, page: Page[T], *, empty: EmptyState, sort: str = "", checked: bool = False
    ) -> Table:
        """``sort`` as it was asked for. ``checked``: rows can be chosen."""
        rows = self._rows(page, checked=checked)
        asked = visit.query_lists
        return Table(
            id=self.id,
            caption=self.caption,
            columns=tuple(self._column(visit, column, sort) for column in self.columns),
            rows=rows,
            pager=_pager(visit, page) if rows else None,
            empty=empty,
            twins=tuple(Link(form.upper(), with_query(_twin_path(visit, form), asked)) for form in FORMS)
            if rows
            else (),
        )

    def bare_table(self, page: Page[T]) -> Table:
        """On a page that is about something else: neither sorted, nor paged."""
        columns = tuple(Column(column.title, column.numeric) for column in self.columns)
        return Table(id=self.id, caption=self.caption, columns=columns, rows=self._rows(page))

    def _rows(self, page: Page[T], *, checked: bool = False) -> tuple[Row, ...]:
        return tuple(
            Row(
                self.key(item),
                tuple(column.cell(item) for column in self.columns),
                href=self.href(item) if self.href else "",
                checked=False if checked else None,
            )
            for item in page.items
        )

    def twin(self, form: str, read: Callable[[str | None], Page[T]], cursor: str | None = None) -> Response:
        """``read`` gives the page that starts at a cursor, in this order and with these filters. CSV has all rows to the
        end; JSON names the cursor that goes on after MOST."""
        headers = {"Cache-Control": "no-store"}
        pages = _pages(read(cursor), read)
        if form == "csv":
            headers["Content-Disposition"] = f'attachment; filename="{self.id}.csv"'
            return StreamingResponse(self._csv(pages), media_type="text/csv", headers=headers)
        items: list[T] = []
        for page in pages:
            items += page.items
            cursor = page.next_cursor
            if len(items) >= MOST:
                break
        records = [{column.name: _plain(column.value(item)) for column in self.columns} for item in items]
        body = msgspec.json.encode({"items": records, "next_cursor": cursor})
        return Response(body, media_type="application/json", headers=headers)

    def _csv(self, pages: Iterator[Page[T]]) -> Iterator[str]:
        yield csv_text([[column.name for column in self.columns]])
        for page in pages:
            yield csv_text([_plain(column.value(item)) for column in self.columns] for item in page.items)

    @staticmethod
    def _column(visit: Visit, column: ListColumn[T], sort: str) -> Column:
        if not column.sort:
            return Column(column.title, column.numeric)
        order: Any = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(sort, "")
        turned = column.sort if order == "descending" else f"-{column.sort}"
        return Column(column.title, column.numeric, visit.here(sort=turned), order)


def _pages(first: Page[T], read: Callable[[str | None], Page[T]]) -> Iterator[Page[T]]:
    """``first`` was read before the answer begins, so that what is wrong with the question can still be said."""
    page = first
    yield page
    while page.next_cursor is not None:
        page = read(page.next_cursor)
        yield page


def _pager(visit: Visit, page: Page[Any]) -> Pager:
    first = visit.here() if "cursor" in visit.request.query_params else ""
    following = visit.here(cursor=page.next_cursor) if page.next_cursor else ""
    number = f"{len(page.items):,}"
    shown = number if page.total is None else f"{number} of {page.total:,}"
    return Pager(
        shown=f"{shown} rows" if len(page.items) != 1 else f"{shown} row",
        next_href=following,
        first_href=first,
    )


def _twin_path(visit: Visit, form: str) -> str:
    return f"{visit.request.url.path.rstrip('/')}.{form}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return value


@dataclass(frozen=True, slots=True)
class AskedPage:
    """``form`` empty: the page; csv, json: its twin."""

    cursor: str | None
    limit: int
    form: str


async def asked_page(
    request: Request,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int | None, Query(ge=1, le=TWIN_PAGE)] = None,
) -> AskedPage:
    path = request.url.path
    form = next((form for form in FORMS if path.endswith(f".{form}")), "")
    return AskedPage(cursor, limit or (TWIN_PAGE if form else PAGE), form)


Asked = Annotated[AskedPage, Depends(asked_page)]


def with_twins(router: APIRouter, path: str) -> Callable[[Endpoint], Endpoint]:
    """Registers a handler for the page at ``path`` and for its twins; ``Asked`` tells it which is meant."""

    def register(endpoint: Endpoint) -> Endpoint:
        for suffix in ("", *(f".{form}" for form in FORMS)):
            router.get(f"{path}{suffix}")(endpoint)
        return endpoint

    return register
