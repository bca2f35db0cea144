"""JSON objects, line by line or in an array, as frames with one column per key."""

import io
import json
from collections.abc import Callable, Collection, Iterator
from itertools import chain, islice
from typing import Any

import polars as pl
import polars.exceptions as plx

from core.domain.errors import MOST_PROBLEMS, RowProblem
from data_platform.application.frames.schemas import as_json
from data_platform.application.frames.values import column
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.byte_stream import CHUNK, ForwardReader

ROWS_AT_ONCE = 10_000

Check = Callable[[Collection[str]], None]
"""May refuse the names of columns, before these are made."""


def ndjson_frames(text: ForwardReader, name: str, check: Check) -> Iterator[pl.DataFrame]:
    """One frame for some thousand lines. Raises InvalidTable with the first lines that are no JSON objects."""
    blocks = _blocks(text)
    for first_line, lines in blocks:
        try:
            yield _lines_frame(lines, name, check, first_line=first_line)
        except _NoObject:
            odd = (
                each for at, block in chain([(first_line, lines)], blocks) for each in _problems(block, at)
            )
            raise _no_objects(name, list(islice(odd, MOST_PROBLEMS))) from None


def _blocks(text: ForwardReader) -> Iterator[tuple[int, bytes]]:
    """Whole lines, with the number of the first of them."""
    rest, line = b"", 1
    while chunk := text.read(4 * CHUNK):
        lines, newline, rest_of_chunk = (rest + chunk).rpartition(b"\n")
        rest = rest_of_chunk
        if newline and lines.strip():
            yield line, lines
        line += lines.count(b"\n") + len(newline)
    if rest.strip():
        yield line, rest


def _lines_frame(lines: bytes, name: str, check: Check, *, first_line: int) -> pl.DataFrame:
    try:
        frame = pl.read_ndjson(io.BytesIO(lines), infer_schema_length=None)
    except (plx.PolarsError, pl.exceptions.PanicException):
        return objects_frame([_object(line) for _, line in _filled(lines, first_line)], name, check)
    check(frame.columns)
    return flattened(frame, check)


class _NoObject(ValueError):
    """Says what a line is instead."""


def _filled(lines: bytes, first_line: int) -> Iterator[tuple[int, bytes]]:
    return ((at, line) for at, line in enumerate(lines.split(b"\n"), start=first_line) if line.strip())


def _object(line: bytes) -> dict[str, Any]:
    """Raises _NoObject."""
    try:
        value = json.loads(line)
    except json.JSONDecodeError as error:
        raise _NoObject(f"It is not valid JSON: {error.msg}, column {error.colno:,}.") from error
    if not isinstance(value, dict):
        raise _NoObject(f"It holds {_kind(value)}, not an object.")
    return value


def _problems(lines: bytes, first_line: int) -> Iterator[RowProblem]:
    for at, line in _filled(lines, first_line):
        try:
            _object(line)
        except _NoObject as error:
            yield RowProblem(row=at, column=None, detail=str(error))


def _no_objects(name: str, problems: list[RowProblem]) -> InvalidTable:
    first = problems[0]
    return InvalidTable(
        f"{name}: line {first.row:,}: {first.detail[0].lower()}{first.detail[1:]}",
        fix='Give one JSON object per line, such as {"a": 1}.',
        problems=problems,
    )


def objects_frame(objects: list[dict[str, Any]], name: str, check: Check) -> pl.DataFrame:
    """One row per object; keys of any object are columns, null where an object lacks one."""
    keys = dict.fromkeys(key for one in objects for key in one)
    if not keys and objects:
        raise InvalidTable(f"{name} holds objects without any key.", fix='Give objects such as {"a": 1}.')
    check(keys)
    return flattened(pl.DataFrame([column(key, [one.get(key) for one in objects]) for key in keys]), check)


def flattened(frame: pl.DataFrame, check: Check) -> pl.DataFrame:
    """Objects inside objects become columns ``outer.inner``, one level deep; what lies deeper is JSON text."""
    names = [flat for name, dtype in frame.schema.items() for flat in _flat_names(name, dtype)]
    check(names)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidTable(
            f"The key {twice!r} is there twice: by itself and as a key inside an object.",
            fix="Rename one of them.",
        )
    columns: list[pl.Series] = []
    for series in frame:
        columns.extend(series.struct.unnest() if isinstance(series.dtype, pl.Struct) else [series])
    return pl.DataFrame([_storable(series).alias(name) for series, name in zip(columns, names, strict=True)])


def _storable(series: pl.Series) -> pl.Series:
    """Arrow knows no integers of more than 64 bits: text keeps every digit."""
    if series.dtype in (pl.Int128, pl.UInt128):
        return series.cast(pl.String)
    return as_json(series) if series.dtype.is_nested() else series


def _flat_names(name: str, dtype: pl.DataType) -> list[str]:
    return [f"{name}.{inner.name}" for inner in dtype.fields] if isinstance(dtype, pl.Struct) else [name]


def _kind(value: object) -> str:
    names = {list: "an array", str: "text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
