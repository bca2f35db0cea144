"""Rows in kept Parquet files: looked at, counted, sent."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

import polars as pl
import polars.exceptions as plx

from core.domain.errors import BadRequest
from core.domain.suggestion import did_you_mean
from data_platform.application.datasets.ports import Condition
from data_platform.application.frames.schemas import plain
from data_platform.application.ports import Table
from data_platform.domain.reading import MISSING_WORDS, is_text, type_name
from data_platform.domain.schema import UnknownColumn
from data_platform.infrastructure.sinks.writers import ParquetWriter, as_text

ROW = "\x00row"  # no column is called that
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs cells that begin so


class InvalidCondition(BadRequest):
    title = "The condition cannot be applied"


def preview(
    paths: Sequence[Path], *, first: int, limit: int, where: Sequence[Condition]
) -> list[tuple[int, dict[str, Any]]]:
    """See ``RowFiles.preview``."""
    rows = pl.scan_parquet(list(paths))
    wanted = _matching(rows.with_row_index(ROW).slice(first), rows.collect_schema(), where)
    found = wanted.head(limit).collect(engine="streaming")
    return [(row.pop(ROW), row) for row in found.iter_rows(named=True)]


def rows_matching(paths: Sequence[Path], *, where: Sequence[Condition], most: int | None) -> int:
    """How many there are, counted no further than ``most``."""
    rows = pl.scan_parquet(list(paths))
    wanted = _matching(rows, rows.collect_schema(), where)
    counted = (wanted if most is None else wanted.head(most)).select(pl.len())
    return int(counted.collect(engine="streaming").item())


def _matching(rows: pl.LazyFrame, schema: pl.Schema, where: Sequence[Condition]) -> pl.LazyFrame:
    for condition in where:
        rows = rows.filter(_condition(condition, schema))
    return rows


def extremes(
    paths: Sequence[Path], column: str, most: int
) -> tuple[list[tuple[int, Any]], list[tuple[int, Any]]]:
    """See ``RowFiles.extremes``."""
    rows = pl.scan_parquet(list(paths))
    dtype = _require(column, rows.collect_schema())
    value = pl.col("value").is_not_nan() if dtype.is_float() else pl.col("value").is_not_null()
    numbered = rows.select(pl.col(column).alias("value")).with_row_index(ROW).drop_nulls().filter(value)
    plans = [numbered.bottom_k(most, by=["value", ROW]), numbered.top_k(most, by="value")]
    low, high = pl.collect_all(plans, engine="streaming")
    return (
        list(low.sort("value", ROW).select(ROW, "value").iter_rows()),
        list(high.sort("value", ROW, descending=[True, False]).select(ROW, "value").iter_rows()),
    )


def spread(paths: Sequence[Path], column: str, edges: Sequence[float]) -> list[int]:
    """See ``RowFiles.spread``."""
    rows = pl.scan_parquet(list(paths))
    dtype = _require(column, rows.collect_schema())
    value = pl.col(column).dt.epoch("us") / 1e6 if dtype.is_temporal() else pl.col(column).cast(pl.Float64)
    values = rows.select(value.alias("value")).filter(pl.col("value").is_finite())
    below = [(pl.col("value") < edge).sum().alias(str(place)) for place, edge in enumerate(edges[1:-1])]
    found = values.select(*below, pl.len().alias("all")).collect(engine="streaming").row(0)
    return [int(n - before) for before, n in zip((0, *found), found, strict=False)]


def facets(paths: Sequence[Path], column: str, limit: int) -> list[tuple[Any, int]]:
    """See ``RowFiles.facets``."""
    rows = pl.scan_parquet(list(paths))
    dtype = _require(column, rows.collect_schema())
    value = pl.when(~_is_missing(pl.col(column), dtype)).then(pl.col(column))
    counted = rows.group_by(value.alias("value")).agg(pl.len().alias("rows"))
    ordered = counted.sort("rows", pl.col("value").cast(pl.String, strict=False), descending=[True, False])
    return list(ordered.head(limit).collect(engine="streaming").iter_rows())


def exported(table: Table, form: str, where: Sequence[Condition] = ()) -> Iterator[bytes]:
    """See ``RowFiles.exported``."""
    conditions = [_condition(condition, pl.Schema(table.schema)) for condition in where]
    batches = (batch.filter(conditions) if conditions else batch for batch in table.batches())
    return _parquet(batches) if form == "parquet" else _lines(batches, form)


def _lines(batches: Iterator[pl.DataFrame], form: str) -> Iterator[bytes]:
    header = True
    for batch in batches:
        text = io.BytesIO()
        if form == "csv":
            _safe(as_text(batch)).write_csv(text, include_header=header)
        else:
            plain(batch).write_ndjson(text)
        header = False
        yield text.getvalue()


def _parquet(batches: Iterator[pl.DataFrame]) -> Iterator[bytes]:
    sink = _Drained()
    writer = ParquetWriter.to(sink)
    for batch in batches:
        writer.write(batch)
        yield sink.drained()
    writer.close()
    yield sink.drained()


class _Drained(io.RawIOBase):
    """Remembers how much was written to it, and gives it away."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        self._written += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._written

    def close(self) -> None:
        """The writer closes it before the last bytes are taken."""

    def drained(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _safe(frame: pl.DataFrame) -> pl.DataFrame:
    """Text, also of the header, that a spreadsheet does not run as a formula."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    safe = frame.with_columns(_safe_text(pl.col(name)) for name in texts)
    return safe.rename({name: f"'{name}" for name in safe.columns if name.startswith(FORMULA)})


def _safe_text(column: pl.Expr) -> pl.Expr:
    is_formula = column.str.slice(0, 1).is_in(FORMULA)
    return pl.when(is_formula).then(pl.concat_str(pl.lit("'"), column)).otherwise(column).name.keep()


def _require(column: str, schema: pl.Schema) -> pl.DataType:
    if column not in schema:
        raise UnknownColumn(
            f"There is no column {column[:80]!r}.", fix=did_you_mean(column, list(schema)), column=column[:80]
        )
    return schema[column]


def _condition(condition: Condition, schema: pl.Schema) -> pl.Expr:
    dtype = _require(condition.column, schema)
    column = pl.col(condition.column)
    if condition.operator == "missing":
        return _is_missing(column, dtype)
    if condition.operator == "not_number":
        return _is_not_number(column, dtype)
    if condition.operator == "contains":
        text = column.cast(pl.String, strict=False).str.to_lowercase()
        return text.str.contains(condition.value.lower(), literal=True)
    value = pl.lit(_value(condition, dtype))
    match condition.operator:
        case "eq":
            return column == value
        case "gte":
            return column >= value
        case _:
            return column <= value


def _is_missing(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_float():
        return column.is_null() | column.is_nan()
    if is_text(dtype):
        return column.is_null() | (column.cast(pl.String).str.strip_chars() == "")
    return column.is_null()


def _is_not_number(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """As the check for mixed types counts."""
    if not is_text(dtype):
        return pl.lit(value=False)
    text = column.cast(pl.String).str.strip_chars()
    is_there = text.is_not_null() & (text != "") & ~text.str.to_lowercase().is_in(MISSING_WORDS)
    return is_there & text.cast(pl.Float64, strict=False).is_null()


def _value(condition: Condition, dtype: pl.DataType) -> Any:
    text = pl.Series([condition.value])
    try:
        if dtype == pl.Boolean:
            return {"true": True, "false": False}[condition.value.lower()]
        if isinstance(dtype, pl.Datetime):
            return text.str.to_datetime(time_unit=dtype.time_unit, time_zone=dtype.time_zone)[0]
        if dtype == pl.Date:
            return date.fromisoformat(condition.value)
        if dtype == pl.Time:
            return time.fromisoformat(condition.value)
        if dtype.is_integer():
            return float(condition.value) if "." in condition.value else int(condition.value)
        return text.cast(dtype)[0]
    except (plx.PolarsError, ValueError, KeyError) as error:
        raise InvalidCondition(
            f"{condition.value[:80]!r} does not compare with the {type_name(dtype)} of {condition.column!r}.",
            fix="Give a value of the column's type.",
        ) from error
