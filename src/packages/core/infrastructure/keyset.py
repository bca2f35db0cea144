"""Pages that start after the last row of the page before, so new rows shift nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from core.domain.page import Counting, InvalidCursor, Page, Total

S = TypeVar("S", bound=Select[Any])
T = TypeVar("T")
Key = datetime | float | int | str | UUID


def total_of(session: Session, statement: Select[Any], count: Counting | None) -> Total | None:
    """How many rows the statement selects, before it is cut into pages; None: nobody asked."""
    if count is None:
        return None
    rows = (
        statement.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).limit(count.most)
    )
    return Total.of(session.scalar(select(func.count()).select_from(rows.subquery())) or 0, count.most)


@dataclass(frozen=True, slots=True)
class Order(Generic[T]):
    """A total order of rows: columns with their direction, the last one unique, and a view's values in them.

    ``name`` tells the orders of a list apart: a cursor of one is refused by another. Columns hold no NULL;
    text is in order without regard to case.
    """

    name: str
    by: Sequence[tuple[ColumnElement[Any], bool]]  # (column, descending)
    key: Callable[[T], tuple[Key, ...]]

    def cut(self, statement: S, limit: int, cursor: str | None) -> S:
        """The statement in this order, after the cursor. One row more than ``limit`` tells ``page`` of a next one.

        Raises InvalidCursor.
        """
        if cursor is not None:
            statement = statement.where(self._after(decode(cursor, self.name, len(self.by))))
        folded = [(_folded(column, column), down) for column, down in self.by]
        return statement.order_by(*(c.desc() if down else c.asc() for c, down in folded)).limit(limit + 1)

    def page(self, found: Sequence[T], limit: int, total: Total | None = None) -> Page[T]:
        items = tuple(found[:limit])
        following = encode(self.name, self.key(items[-1])) if len(found) > limit else None
        return Page(items, following) if total is None else Page(items, following, total.rows, total.is_exact)

    def _after(self, key: tuple[Key, ...]) -> ColumnElement[bool]:
        alternatives: list[ColumnElement[bool]] = []
        equal: list[ColumnElement[bool]] = []
        for (column, down), value in zip(self.by, key, strict=True):
            self._check(column, value)
            mine, last = _folded(column, column), _folded(column, literal(value, column.type))
            alternatives.append(and_(*equal, mine < last if down else mine > last))
            equal.append(mine == last)
        return or_(*alternatives)

    @staticmethod
    def _check(column: ColumnElement[Any], value: Key) -> None:
        wanted = column.type.python_type
        if not isinstance(value, (int, float) if wanted is float else wanted):
            raise InvalidCursor("It is of another list.", fix="Leave it out to start from the first page.")


def _folded(column: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The column or a value of it as it is compared: text as the database makes it lower case, which Python may not."""
    return func.lower(value) if column.type.python_type is str else value


def newest_first(
    name: str, at: ColumnElement[Any], id_: ColumnElement[Any], key: Callable[[T], tuple[Key, ...]]
) -> Order[T]:
    """By a time, then by id, both descending."""
    return Order(name, ((at, True), (id_, True)), key)


def sorts(
    name: str, columns: Mapping[str, ColumnElement[Any]], id_: ColumnElement[Any]
) -> dict[str, Order[Any]]:
    """By each column, and as ``-column`` the other way round; views have ``id`` and what the columns are called here."""
    return {
        f"{'-' * down}{each}": Order(
            f"{name}:{'-' * down}{each}",
            ((column, down), (id_, down)),
            attrgetter(each, "id"),
        )
        for each, column in columns.items()
        for down in (False, True)
    }


def encode(name: str, key: tuple[Key, ...]) -> str:
    text = json.dumps([name, *map(_tagged, key)], separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, name: str, length: int) -> tuple[Key, ...]:
    try:
        found, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if found != name or len(values) != length:
            raise ValueError("of another list")
        return tuple(map(_untagged, values))
    except (ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InvalidCursor(
            "It was altered, or is of another list.", fix="Leave it out to start from the first page."
        ) from error


def _tagged(value: Key) -> object:
    match value:
        case datetime():
            return {"t": value.astimezone(UTC).isoformat()}
        case UUID():
            return {"u": value.hex}
        case _:
            return value


def _untagged(value: object) -> Key:
    match value:
        case {"t": str(text)}:
            return datetime.fromisoformat(text).astimezone(UTC)
        case {"u": str(text)}:
            return UUID(text)
        case bool():
            raise ValueError("no key")
        case int() if abs(value) < 2**63:
            return value
        case float():
            return value
        case str() if "\x00" not in value:
            return value
    raise ValueError("no key")
