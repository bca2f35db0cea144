"""Rows of any table as lines of JSON and back, the same on every database."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Connection, Integer, Row, Table, func, select, text

ROWS = 500  # inserted at once
READ: Mapping[type, Callable[[Any], object]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    bytes: b64decode,
    Decimal: Decimal,
}


def line(table: Table, row: Row[Any]) -> bytes:
    values = {column.name: value for column, value in zip(table.columns, row, strict=True)}
    return json.dumps(values, default=_plain, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def row(table: Table, line: bytes) -> dict[str, Any]:
    """Without the columns that hold nothing: a JSON column would hold JSON's null instead."""
    values = json.loads(line)
    return {
        column.name: _value(column, values[column.name])
        for column in table.columns
        if values[column.name] is not None or not column.nullable
    }


def insert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    for _, alike in groupby(rows, key=tuple):
        waiting = iter(alike)
        while some := list(islice(waiting, ROWS)):
            connection.execute(table.insert(), some)


def reset_sequences(connection: Connection, tables: Sequence[Table]) -> None:
    """PostgreSQL goes on numbering after the highest number that was put in; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            highest = connection.scalar(select(func.max(column)))
            if highest is not None:
                sequence = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")
                connection.execute(sequence, {"table": table.name, "column": column.name, "highest": highest})


def _plain(value: object) -> object:
    match value:
        case UUID() | Decimal():
            return str(value)
        case date():
            return value.isoformat()
        case bytes() | memoryview():
            return b64encode(value).decode()
        case Enum():
            return value.value
    raise TypeError(f"{type(value).__name__} has no form in a backup")


def _value(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, JSON) or value is None:
        return value
    kind = column.type.python_type
    if issubclass(kind, Enum):
        return kind(value)
    return READ.get(kind, _same)(value)


def _same(value: object) -> object:
    return value
