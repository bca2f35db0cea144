"""Columns of Python values that may differ in kind."""

import json
from typing import Any

import polars as pl
import polars.exceptions as plx

BEYOND_64_BITS = 1 << 63


def column(name: str, values: list[Any]) -> pl.Series:
    """In the narrowest type that keeps every value; text (JSON for nested ones) where they differ in kind."""
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and float in kinds:
        return pl.Series(name, values, pl.Float64, strict=False)
    if kinds == {int}:
        wide = any(not -BEYOND_64_BITS <= v < BEYOND_64_BITS for v in values if v is not None)
        return _texts(name, values) if wide else pl.Series(name, values, pl.Int64)
    if len(kinds) == 1:
        try:
            series = pl.Series(name, values)
        except (plx.PolarsError, TypeError, ValueError):
            return _texts(name, values)
        return series if series.dtype != pl.Object else _texts(name, values)
    return _texts(name, values) if kinds else pl.Series(name, values, pl.Null)


def _texts(name: str, values: list[Any]) -> pl.Series:
    return pl.Series(name, [_text(value) for value in values], pl.String)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | int | float | list | dict):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)
