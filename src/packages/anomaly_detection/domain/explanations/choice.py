"""Rows that have a value or lie in a range: a facet as text, and back."""

from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.domain.explanations.lift import Facet
from core.domain.errors import BadRequest

MISSING = "(missing)"
BETWEEN = ".."


class NoSuchValue(BadRequest):
    title = "The column has no such values"


def text_of(facet: Facet) -> str | None:
    """None where no text names it."""
    ends = (facet.value,) if facet.low is None else (facet.low, facet.high)
    texts = [_text(each) for each in ends]
    return None if None in texts else BETWEEN.join(filter(None, texts))


def having(values: pl.Series, text: str) -> NDArray[np.bool_]:
    """Which of the values the text means: one value, ``low..high`` of numbers and times, or ``(missing)``.

    As in facets, the end of a range is not part of it, unless it is the highest value. Raises NoSuchValue.
    """
    if text == MISSING:
        return _is_missing(values)
    try:
        found = _having(values, text)
    except (ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise NoSuchValue(
            f"{text[:100]!r} is none of {values.name[:100]!r}.",
            fix="Choose one of the values that are shown.",
        ) from error
    return found.fill_null(value=False).to_numpy()


def _having(values: pl.Series, text: str) -> pl.Series:
    dtype = values.dtype
    found: pl.Series
    if not (dtype.is_numeric() or dtype in (pl.Date, pl.Datetime)):
        found = values.cast(pl.String) == text
        return found
    ends = [_value(dtype, part) for part in text.split(BETWEEN)]
    numbers = values.cast(pl.Float64) if dtype.is_decimal() else values
    if len(ends) == 1:
        found = numbers == ends[0]
    else:
        low, high = ends
        found = (numbers >= low) & (numbers <= high if high == numbers.max() else numbers < high)
    return found


def _is_missing(values: pl.Series) -> NDArray[np.bool_]:
    known = values.is_null()
    return (known | values.is_nan().fill_null(value=False) if values.dtype.is_float() else known).to_numpy()


def _text(value: object) -> str | None:
    match value:
        case None:
            return MISSING
        case bool():
            return str(value).lower()
        case str():
            return value
        case datetime() | date():
            return value.isoformat()
        case int() | float():
            return repr(value)
    return str(value) if hasattr(value, "as_tuple") else None  # decimals


def _value(dtype: Any, text: str) -> Any:
    if dtype == pl.Date:
        return date.fromisoformat(text)
    if dtype == pl.Datetime:
        return datetime.fromisoformat(text)
    return int(text) if dtype.is_integer() else float(text)
