"""Columns of any type, read as numbers, as categories or as times."""

import polars as pl
import polars.exceptions as plx

from core.domain.wording import count
from data_platform.domain.schema import MissingRefused

MISSING_WORDS = ("na", "n/a", "nan", "null", "none", "-", "?")  # in a column of numbers, in small letters
TRUTH = {"true": "1", "false": "0"}
ISO_DATE = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?$"


class WrongType(ValueError):
    """A column that cannot be read as it was in training; says what is there instead."""


def refuse_missing(column: str, number: int) -> None:
    """Raises MissingRefused where there are any."""
    if number:
        raise MissingRefused(
            f"Column {column!r} has {count(number, 'missing or infinite value')}.",
            fix="Fill them in, or choose another policy for missing values: indicator.",
            column=column,
        )


def is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def is_plain_number(dtype: pl.DataType) -> bool:
    """Types that a cast alone makes numbers of."""
    return dtype.is_numeric() or dtype in (pl.Boolean, pl.Null)


def texts(series: pl.Series) -> pl.Series:
    """Without spaces around; empty text is missing."""
    stripped = pl.col("text").cast(pl.String).str.strip_chars()
    tidy = series.to_frame("text").select(pl.when(stripped != "").then(stripped))
    return tidy.to_series().alias(series.name)


def numbers(series: pl.Series, *, lenient: bool = False) -> pl.Series:
    """Float64, with null and NaN where missing and infinities as they are; durations and times of day in seconds.

    Text must be numbers, true, false, or a word for missing; ``lenient`` takes other text as missing.
    Raises WrongType.
    """
    dtype = series.dtype
    if is_plain_number(dtype):
        return series.cast(pl.Float64, strict=False)
    if dtype == pl.Duration:
        return series.dt.total_microseconds(fractional=True) / 1e6
    if dtype == pl.Time:
        return series.cast(pl.Int64) / 1e9
    if not is_text(dtype):
        raise WrongType(f"{type_name(dtype)} instead of numbers")
    text = texts(series).str.to_lowercase().replace(TRUTH)
    found = text.cast(pl.Float64, strict=False)
    if not lenient and found.null_count() > text.null_count():
        odd = series.filter(found.is_null() & text.is_not_null() & ~text.is_in(MISSING_WORDS))
        if len(odd):
            raise WrongType(f"{str(odd[0])[:40]!r} is not a number")
    return found


def categories(series: pl.Series) -> pl.Series:
    """As text: whole numbers alike whatever their type, booleans as true and false. Raises WrongType."""
    dtype = series.dtype
    if dtype.is_float() or dtype.is_decimal():
        whole = series.cast(pl.Float64).round(0) == series.cast(pl.Float64)
        in_range = series.cast(pl.Float64).abs() < 2.0**63
        as_whole = series.cast(pl.Int64, strict=False).cast(pl.String)
        text = series.cast(pl.String)
        return (
            pl.select(pl.when(whole & in_range).then(as_whole).otherwise(text))
            .to_series()
            .replace({"NaN": None})
        )
    if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
        raise WrongType(f"{type_name(dtype)} instead of categories")
    return texts(series.dt.to_string("polars") if dtype == pl.Duration else series)


def counted(values: pl.Series) -> pl.DataFrame:
    """Columns ``value`` and ``count``, whatever the series is called; the commonest values first, then by value."""
    counts = values.drop_nulls().rename("value").value_counts()
    return counts.sort(["count", "value"], descending=[True, False])


def times(series: pl.Series, *, zone: str | None = None) -> pl.Series:
    """Datetimes, in the wall-clock time of ``zone`` where they carry a zone themselves. Raises WrongType."""
    dtype = series.dtype
    if dtype == pl.Date or dtype == pl.Null:
        return series.cast(pl.Datetime("us"))
    if is_text(dtype):
        text = texts(series)
        try:
            found = text.str.to_datetime(time_unit="us", time_zone=zone, strict=False)
        except plx.PolarsError as error:
            raise WrongType("text instead of dates") from error
        if found.null_count() > text.null_count():
            odd = text.filter(found.is_null() & text.is_not_null())[0]
            raise WrongType(f"{odd[:40]!r} is not a date that is understood")
        return found
    if not isinstance(dtype, pl.Datetime):
        raise WrongType(f"{type_name(dtype)} instead of dates")
    return series.dt.convert_time_zone(zone) if zone and dtype.time_zone else series


def type_name(dtype: pl.DataType) -> str:
    """What a person calls the type."""
    if is_text(dtype):
        return "text"
    if dtype == pl.Boolean:
        return "true/false"
    if dtype.is_numeric():
        return "numbers"
    return {"Datetime": "dates and times", "Date": "dates", "Null": "nothing"}.get(
        str(dtype.base_type()), str(dtype).lower()
    )
