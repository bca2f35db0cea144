"""What the values of each column look like, before anybody decides what the column is for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from data_platform.domain.reading import (
    ISO_DATE,
    MISSING_WORDS,
    TRUTH,
    WrongType,
    categories,
    is_plain_number,
    is_text,
    numbers,
    texts,
    times,
    type_name,
)
from data_platform.domain.schema import Kind

LIMIT = 1e100  # magnitude beyond which squares of numbers, and sums of those, would overflow
EXACT = 2.0**53  # up to which every whole number is a float
MIXED = 0.95  # share of numbers from which a column of text is one of numbers with exceptions
FEW_VALUES = 20  # so many categories are few in any table
ROWS_PER_VALUE = 10  # above that, each must be seen so often on average
MOST_CATEGORIES = 1_000
LONGEST = 60  # text of a constant as it is told
SOME = 100  # values looked at before all are
HAS_DIGIT = re.compile(r"\d")
NOT_A_NUMBER = r"^[+-]?(0\d|\d{16})"  # leading zeros and long digit strings are codes


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """``rows`` counts all, ``present`` those with a usable value: finite numbers, text that is not empty."""

    column: str
    kind: Kind
    rows: int
    present: int
    constant: str | None = None  # the one value, where there is just one
    distinct: int | None = None  # of text
    note: str = ""  # how the type was read, where a reader would wonder
    lenient: bool = False  # text among the numbers counts as missing

    @property
    def always_present(self) -> bool:
        return self.present == self.rows


def look_at(frame: pl.DataFrame) -> dict[str, ColumnLook]:
    """One look per column, in the frame's order."""
    plain = _look_at_numbers(frame)
    return {series.name: plain.get(series.name) or _look_at_other(series) for series in frame}


def look_at_categories(series: pl.Series, look: ColumnLook) -> ColumnLook:
    """Of a column whose values are names, whatever they look like; ``look`` where they cannot be."""
    if look.kind in (Kind.EMPTY, Kind.NESTED):
        return look
    present = categories(series).drop_nulls()
    distinct = present.n_unique()
    constant = _shown(present[0]) if distinct == 1 else None
    return ColumnLook(look.column, Kind.CATEGORY, look.rows, len(present), constant, distinct)


def _look_at_numbers(frame: pl.DataFrame) -> Mapping[str, ColumnLook]:
    """All numeric columns at once: a query per column is slow where there are thousands."""
    columns = [s for s in frame if is_plain_number(s.dtype) and s.dtype != pl.Null]
    if not columns or not len(frame):
        return {}
    # By number: a name may read as a pattern.
    numbered = pl.DataFrame([series.alias(str(i)) for i, series in enumerate(columns)])
    exprs = []
    for i in range(len(columns)):
        value = pl.col(str(i)).cast(pl.Float64, strict=False)
        finite = pl.when(value.is_finite()).then(value)
        exprs += [finite.count().alias(f"n{i}"), finite.min().alias(f"l{i}"), finite.max().alias(f"h{i}")]
    found = numbered.select(exprs).row(0)
    return {series.name: _numeric_look(series, *found[3 * i : 3 * i + 3]) for i, series in enumerate(columns)}


def _numeric_look(series: pl.Series, present: int, low: float | None, high: float | None) -> ColumnLook:
    rows, name = len(series), series.name
    if low is None or high is None:
        return ColumnLook(name, Kind.EMPTY, rows, 0)
    if series.dtype == pl.Boolean:
        constant = ("false", "true")[int(low)] if low == high else None
        return ColumnLook(name, Kind.BOOLEAN, rows, present, constant)
    constant = f"{low:.15g}" if low == high else None
    if (low, high) == (0.0, 1.0) and bool(series.is_between(0, 1, closed="none").any()) is False:
        return ColumnLook(name, Kind.BOOLEAN, rows, present, note="0 or 1")
    note = "beyond 1e100 counted as 1e100" if max(-low, high) > LIMIT else ""
    if series.dtype.is_integer() and max(-low, high) > EXACT:
        note = "whole numbers beyond 2^53 rounded to 53 bits"
    return ColumnLook(name, Kind.NUMERIC, rows, present, constant, note=note)


def _look_at_other(series: pl.Series) -> ColumnLook:
    dtype, rows = series.dtype, len(series)
    if series.null_count() == rows:
        return ColumnLook(series.name, Kind.EMPTY, rows, 0)
    if is_text(dtype):
        return _look_at_text(series)
    if dtype in (pl.Date, pl.Datetime):
        present = series.drop_nulls()
        constant = str(present[0]) if present.n_unique() == 1 else None
        return ColumnLook(series.name, Kind.DATETIME, rows, len(present), constant)
    if dtype in (pl.Duration, pl.Time):
        note = "durations in seconds" if dtype == pl.Duration else "times of day in seconds"
        return _look_at_parsed(series, numbers(series), note=note)
    return ColumnLook(series.name, Kind.NESTED, rows, len(series.drop_nulls()), note=type_name(dtype))


def _look_at_parsed(series: pl.Series, values: pl.Series, *, note: str, lenient: bool = False) -> ColumnLook:
    finite = values.filter(values.is_finite())
    constant = f"{finite[0]:.15g}" if finite.n_unique() == 1 else None
    kind = Kind.NUMERIC if len(finite) else Kind.EMPTY
    return ColumnLook(series.name, kind, len(series), len(finite), constant, note=note, lenient=lenient)


def _look_at_text(series: pl.Series) -> ColumnLook:
    present = texts(series).drop_nulls()
    if not len(present):
        return ColumnLook(series.name, Kind.EMPTY, len(series), 0)
    some = present.gather_every(-(-len(present) // SOME)).to_list()
    if any(map(HAS_DIGIT.search, some)):
        found = _text_of_numbers(series, present) or _text_of_dates(series, present)
        if found:
            return found
    distinct = present.n_unique()
    if some[0].lower() in TRUTH and present.str.to_lowercase().is_in(list(TRUTH)).all():
        constant = some[0] if distinct == 1 else None
        return ColumnLook(
            series.name, Kind.BOOLEAN, len(series), len(present), constant, note="true or false as text"
        )
    few = distinct <= MOST_CATEGORIES and distinct <= max(
        min(FEW_VALUES, len(present) // 2), len(present) // ROWS_PER_VALUE
    )
    kind = Kind.CATEGORY if few or distinct == 1 else Kind.TEXT
    constant = _shown(some[0]) if distinct == 1 else None
    return ColumnLook(series.name, kind, len(series), len(present), constant, distinct)


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _text_of_numbers(series: pl.Series, present: pl.Series) -> ColumnLook | None:
    words = present.filter(~present.str.to_lowercase().is_in(MISSING_WORDS))
    values = words.cast(pl.Float64, strict=False)
    odd = values.null_count()
    if not len(words) or len(words) - odd < MIXED * len(words) or words.str.contains(NOT_A_NUMBER).any():
        return None
    if not odd:
        return _look_at_parsed(series, numbers(series), note="numbers written as text")
    first = words.filter(values.is_null())[0][:30]
    note = f"{odd:,} of {len(words):,} values are not numbers (first: {first!r}) and count as missing"
    return _look_at_parsed(series, numbers(series, lenient=True), note=note, lenient=True)


def _text_of_dates(series: pl.Series, present: pl.Series) -> ColumnLook | None:
    if not present.head(100).str.contains(ISO_DATE).all():
        return None
    try:
        found = times(series).drop_nulls()
    except WrongType:
        return None
    constant = str(found[0]) if found.n_unique() == 1 else None
    return ColumnLook(
        series.name, Kind.DATETIME, len(series), len(found), constant, note="dates written as text"
    )
