"""Text sources as tables: one pass finds the types, and keeps the rows where they cannot be read again."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import islice

import polars as pl

from data_platform.application.frames.batching import TEXT_WEIGHT, batch_rows, rebatched
from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.ports import BATCH_ROWS, Table
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.byte_stream import CHUNK, ForwardReader
from data_platform.infrastructure.readers.csv_dialect import CsvDialect, sniff_csv
from data_platform.infrastructure.readers.csv_table import HEAD, CsvText, csv_frames, csv_records
from data_platform.infrastructure.readers.formats import Format, ending, text_format
from data_platform.infrastructure.readers.json_array import json_frames
from data_platform.infrastructure.readers.json_rows import ndjson_frames
from data_platform.infrastructure.readers.spool import Spool, SpoolSettings
from data_platform.infrastructure.readers.text_reading import Form, Reading
from data_platform.infrastructure.readers.text_typing import TextTyping
from data_platform.infrastructure.readers.typed_table import TypedTable

LONGEST_SHOWN = 80  # characters of a title
NOT_A_WORD = re.compile(r"\W")


@dataclass(frozen=True, slots=True)
class TextSource:
    """``text`` is UTF-8 and stands at the start; ``again`` opens it anew where it can be. ``check`` may refuse the names of
    the columns, before the rows are looked at."""

    name: str
    text: ForwardReader
    again: Callable[[], ForwardReader] | None
    spool: SpoolSettings
    keep: bool  # the rows are kept rather than read again
    check: Callable[[Collection[str]], None]
    notes: list[str] = field(default_factory=list)


def text_table(source: TextSource) -> Table:
    """Raises InvalidTable."""
    start = source.text.peek(CHUNK).decode(errors="ignore")
    if not start.strip():
        raise InvalidTable(f"{source.name} is empty.", fix="Give a file with a header line and rows.")
    found = text_format(start, source.name)
    return _csv_table(source) if found is Format.CSV else _json_table(source, found)


def _csv_table(source: TextSource) -> Table:
    start = source.text.peek(HEAD).decode(errors="ignore")
    dialect = sniff_csv(start, name=source.name, ending=ending(source.name))
    source.check(dialect.names)
    typing = TextTyping(decimal_comma=dialect.delimiter == ";")
    spool = Spool(source.spool, source.name) if source.keep else None
    rows = 0
    frames = csv_frames(source.text, dialect, source.name, columns=dialect.names, again=source.again)
    for frame in rebatched(frames, batch_rows(BATCH_ROWS, TEXT_WEIGHT * len(dialect.names))):
        typing.observe(frame)
        rows += len(frame)
        if spool is not None:
            spool.write(frame)
    if rows == 0:
        raise InvalidTable(
            f"{source.name} has a header and no rows.", fix="Give a file with rows below the header."
        )
    if spool is None and source.again is not None:
        table: Table = CsvText(source.name, dialect, source.again, rows)
    else:
        table = (spool or Spool(source.spool, source.name)).table()
    readings = typing.readings()
    unclosed = _unclosed(source, dialect, frame, rows)
    lines = _lines(source, dialect, typing.rows_to_name(readings))
    return _typed(
        table, readings, (*source.notes, *_dialect_notes(dialect), *unclosed, *typing.notes(readings, lines))
    )


def _unclosed(source: TextSource, dialect: CsvDialect, last: pl.DataFrame, rows: int) -> list[str]:
    """A quote that is never closed makes one value of all lines that follow."""
    is_long = last.tail(1).select(pl.any_horizontal(pl.all().str.contains("\n", literal=True)))
    if not is_long.item() or dialect.escape or source.again is None:
        return []
    quotes = 0
    with source.again() as text:
        while chunk := text.read(CHUNK):
            quotes += chunk.count(dialect.quote.encode())
    if not quotes % 2:
        return []
    line = _lines(source, dialect, {rows - 1}).get(rows - 1, 0)
    return [f"a quote {dialect.quote} in row {line:,} is never closed: the lines after it are one value"]


def _lines(source: TextSource, dialect: CsvDialect, rows: set[int]) -> dict[int, int]:
    """Those of the rows, as a text editor counts; as if no row had several lines, where it cannot be looked up."""
    if not rows or source.again is None:
        return {row: dialect.start_line + row for row in rows}
    with source.again() as text:
        records = islice(enumerate(csv_records(text, dialect)), max(rows) + 1)
        return {row: line for row, (line, _) in records if row in rows}


def _dialect_notes(dialect: CsvDialect) -> list[str]:
    notes = [] if dialect.delimiter == "," else [f"delimiter {dialect.delimiter!r}"]
    notes += [] if dialect.quote == '"' else [f"quote {dialect.quote}"]
    notes += [] if dialect.header else ["no header line: the columns are named x0, x1, ..."]
    if dialect.title:
        notes.append(f"left out above the header: {dialect.title[:LONGEST_SHOWN]!r}")
    if dialect.unnamed_first:
        notes.append(
            f"rows have one value more than the header has names: the first column is called {dialect.names[0]!r}"
        )
    if len(dialect.names) == 1 and NOT_A_WORD.search(dialect.names[0]):
        notes.append("one column: values are told apart by comma, semicolon, tab or |")
    return notes


def _json_table(source: TextSource, found: Format) -> Table:
    spool, typing = Spool(source.spool, source.name), TextTyping(numbers=False)
    types: dict[str, set[pl.DataType]] = {}
    rows = 0
    frames = ndjson_frames if found is Format.NDJSON else json_frames
    for frame in frames(source.text, source.name, source.check):
        for name, dtype in frame.schema.items():
            types.setdefault(name, set()).add(dtype)
        source.check(types)
        typing.observe(frame.select(pl.col(pl.String)))
        spool.write(frame)
        rows += len(frame)
    if rows == 0:
        raise InvalidTable(f"{source.name} holds no rows.", fix='Give objects such as {"a": 1}.')
    found_readings = {n: r for n, r in typing.readings().items() if not _differ(types[n])}
    dates = {n: r for n, r in found_readings.items() if r.form in (Form.DATE, Form.DATETIME)}
    mixed = [
        f"column {name!r}: values of different kinds, read as text" for name in types if _differ(types[name])
    ]
    return _typed(spool.table(), dates, (*source.notes, *mixed, *typing.notes(found_readings)))


def _differ(types: set[pl.DataType]) -> bool:
    typed = types - {pl.Null()}
    return pl.String in typed and len(typed) > 1


def _typed(table: Table, readings: dict[str, Reading], notes: tuple[str, ...]) -> Table:
    typed = TypedTable(table, readings, notes)
    if isinstance(table, FrameTable):
        frames = list(typed.batches())
        return FrameTable(pl.concat(frames, rechunk=True), table.name, notes)
    return typed
