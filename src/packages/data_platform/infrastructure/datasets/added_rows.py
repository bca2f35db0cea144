"""Rows that are to join others, each checked against their columns."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars.exceptions as plx

from core.domain.errors import MOST_PROBLEMS, RowProblem
from data_platform.application.datasets.ports import CheckedRows, StoredRows
from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.frames.schemas import Schema, conformed, plain
from data_platform.application.ports import Table
from data_platform.domain.reading import type_name
from data_platform.infrastructure.datasets.ingestion import write


@dataclass(frozen=True, slots=True)
class Misfit:
    """Rows of a column whose values are not of its type."""

    column: str
    rows: pl.Series  # true where it does not fit
    detail: str


def check_rows(new: Table, staged: Path, *, before: Table | None, joined: Table | None) -> CheckedRows:
    """See ``RowFiles.check``."""
    frame = plain(pl.concat(list(new.batches()))) if new.row_count() != 0 else pl.DataFrame()
    schema = frame.schema if before is None else before.schema
    fitting, misfits = fitted(frame, schema)
    rejected = pl.zeros(len(frame), dtype=pl.Boolean, eager=True).cast(pl.Boolean)
    for misfit in misfits:
        rejected = rejected | misfit.rows
    accepted = fitting.filter(~rejected)
    parts = [] if joined is None else [conformed(batch, schema) for batch in joined.batches()]
    stored = _stored(pl.concat([*parts, accepted]), staged, new) if len(accepted) else None
    rows_joined = sum(map(len, parts))
    return CheckedRows(
        stored=stored or StoredRows(path=staged, rows=rows_joined, columns={}),
        rejected=int(rejected.sum()),
        problems=_problems(misfits),
    )


def fitted(frame: pl.DataFrame, schema: Schema) -> tuple[pl.DataFrame, list[Misfit]]:
    """The frame in the schema's types, and where its values do not fit them."""
    misfits = [
        Misfit(name, frame[name].is_not_null(), "The dataset has no such column.")
        for name in frame.columns
        if name not in schema
    ]
    columns = []
    for name, dtype in schema.items():
        if name not in frame.columns:
            columns.append(pl.Series(name, [None], dtype).new_from_index(0, len(frame)))
            continue
        found = _cast(frame[name], dtype)
        odd = frame[name].is_not_null() & found.is_null()
        if frame[name].dtype.is_float() and dtype.is_integer():
            odd = odd | (found.cast(pl.Float64) != frame[name]).fill_null(False)
        if odd.any():
            misfits.append(Misfit(name, odd, f"Its values are {type_name(dtype)}; this one is not."))
        columns.append(found)
    return pl.DataFrame(columns), [m for m in misfits if m.rows.any()]


def _cast(column: pl.Series, dtype: pl.DataType) -> pl.Series:
    try:
        if column.dtype == pl.String and isinstance(dtype, pl.Datetime):
            return column.str.to_datetime(time_unit=dtype.time_unit, time_zone=dtype.time_zone, strict=False)
        if column.dtype == pl.String and dtype == pl.Date:
            return column.str.to_date(strict=False)
        if column.dtype == pl.String and dtype == pl.Boolean:
            return column.str.to_lowercase().replace_strict(
                {"true": True, "false": False}, default=None, return_dtype=pl.Boolean
            )
        return column.cast(dtype, strict=False)
    except plx.PolarsError:
        return pl.Series(column.name, [None], dtype).new_from_index(0, len(column))


def _problems(misfits: list[Misfit]) -> tuple[RowProblem, ...]:
    found = [
        RowProblem(row=row + 1, column=misfit.column, detail=misfit.detail)
        for misfit in misfits
        for row in misfit.rows.arg_true().head(MOST_PROBLEMS)
    ]
    return tuple(sorted(found, key=lambda problem: problem.row)[:MOST_PROBLEMS])


def _stored(frame: pl.DataFrame, staged: Path, new: Table) -> StoredRows:
    return write(FrameTable(frame, new.name, tuple(new.notes)), staged)
