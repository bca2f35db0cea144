"""JSON objects, line by line or in an array, as frames with one column per key."""

import io
import json
from collections.abc import Iterator
from typing import Any

import polars as pl
import polars.exceptions as plx

from data_platform.application.frames.schemas import as_json
from data_platform.application.frames.values import column
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.byte_stream import CHUNK, ForwardReader

ROWS_AT_ONCE = 10_000


def ndjson_frames(text: ForwardReader, name: str) -> Iterator[pl.DataFrame]:
    """One frame for some thousand lines. Raises InvalidTable with the line and column of what is not JSON."""
    rest, line = b"", 1
    while chunk := text.read(4 * CHUNK):
        lines, newline, rest_of_chunk = (rest + chunk).rpartition(b"\n")
        rest = rest_of_chunk
        if newline and lines.strip():
            yield _lines_frame(lines, name, first_line=line)
        line += lines.count(b"\n") + len(newline)
    if rest.strip():
        yield _lines_frame(rest, name, first_line=line)


def _lines_frame(lines: bytes, name: str, *, first_line: int) -> pl.DataFrame:
    try:
        frame = pl.read_ndjson(io.BytesIO(lines), infer_schema_length=None)
    except (plx.PolarsError, pl.exceptions.PanicException):
        return objects_frame(_objects(lines, name, first_line), name)
    return flattened(frame)


def _objects(lines: bytes, name: str, first_line: int) -> list[dict[str, Any]]:
    objects: list[dict[str, Any]] = []
    for number, line in enumerate(lines.split(b"\n"), start=first_line):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidTable(
                f"{name} is not valid JSON: {error.msg}, line {number:,} column {error.colno:,}.",
                fix="Correct that line: one JSON object per line.",
            ) from error
        if not isinstance(value, dict):
            raise InvalidTable(
                f"{name}: line {number:,} holds {_kind(value)}, not an object.",
                fix='Give one object per line, such as {"a": 1}.',
            )
        objects.append(value)
    return objects


def objects_frame(objects: list[dict[str, Any]], name: str) -> pl.DataFrame:
    """One row per object; keys of any object are columns, null where an object lacks one."""
    keys = dict.fromkeys(key for one in objects for key in one)
    if not keys and objects:
        raise InvalidTable(f"{name} holds objects without any key.", fix='Give objects such as {"a": 1}.')
    return flattened(pl.DataFrame([column(key, [one.get(key) for one in objects]) for key in keys]))


def flattened(frame: pl.DataFrame) -> pl.DataFrame:
    """Objects inside objects become columns ``outer.inner``, one level deep; what lies deeper is JSON text."""
    columns: list[pl.Series] = []
    for series in frame:
        parts = [series]
        if series.dtype == pl.Struct:
            parts = [inner.alias(f"{series.name}.{inner.name}") for inner in series.struct.unnest()]
        columns += [as_json(part) if part.dtype.is_nested() else part for part in parts]
    names = [series.name for series in columns]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidTable(
            f"The key {twice!r} is there twice: by itself and as a key inside an object.",
            fix="Rename one of them.",
        )
    return pl.DataFrame(columns)


def _kind(value: object) -> str:
    names = {list: "an array", str: "text", bool: "a truth value", type(None): "null"}
    return names.get(type(value), "a number")
