"""One schema for frames whose columns differ."""

import json
from collections.abc import Mapping

import polars as pl
import polars.exceptions as plx

Schema = Mapping[str, pl.DataType]


def union(one: Schema, other: Schema) -> dict[str, pl.DataType]:
    """Every column of both, in a type that holds the values of both: text where nothing else does."""
    together = dict(one)
    for name, dtype in other.items():
        together[name] = _wider(together[name], dtype) if name in together else dtype
    return together


def _wider(one: pl.DataType, other: pl.DataType) -> pl.DataType:
    if one == other or other == pl.Null:
        return one
    if one == pl.Null:
        return other
    if {one.is_numeric(), other.is_numeric()} == {True, False}:
        return pl.String()
    try:
        frames = [pl.DataFrame(schema={"x": dtype}) for dtype in (one, other)]
        return pl.concat(frames, how="vertical_relaxed").schema["x"]
    except (plx.PolarsError, TypeError):
        return pl.String()


def conformed(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """The frame with exactly these columns; those it lacks are null."""
    if dict(frame.schema) == dict(schema):
        return frame
    return pl.DataFrame(
        [
            _cast(frame[name], dtype)
            if name in frame.columns
            else pl.Series(name, [None], dtype).new_from_index(0, len(frame))
            for name, dtype in schema.items()
        ]
    )


def _cast(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    if column.dtype == dtype:
        return column
    if dtype == pl.String and column.dtype.is_nested():
        return as_json(column)
    return column.cast(dtype)


def as_json(column: pl.Series) -> pl.Series:
    """Nested values as JSON text, missing ones as null."""
    if column.dtype == pl.Struct:
        present = pl.col(column.name).is_not_null()
        return (
            column.to_frame()
            .select(pl.when(present).then(pl.col(column.name).struct.json_encode()))
            .to_series()
        )
    return pl.Series(column.name, [_json(value) for value in column.to_list()], pl.String)


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, default=str, ensure_ascii=False)


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Categories as text, which they are in any batch; columns of no type as empty text."""
    encoded = [n for n, t in frame.schema.items() if t in (pl.Categorical, pl.Enum, pl.Null)]
    return frame.with_columns(pl.col(encoded).cast(pl.String)) if encoded else frame
