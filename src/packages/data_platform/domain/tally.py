"""What can be counted about columns batch by batch, exactly or in memory that does not grow."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_platform.domain.reading import is_text, texts

SKETCH = 1_024  # hashes kept; the standard error of an estimate is 1 / sqrt(SKETCH - 2), 3 %
HASHES = 2.0**64


@dataclass(slots=True)
class ColumnTally:
    """Exact counts and extremes; distinct values exact up to 1,024, above by the k smallest hashes
    (Bar-Yossef et al. 2002, Beyer et al. 2007). NaN and empty text are missing; infinities are no extremes."""

    column: str
    rows: int = 0
    missing: int = 0
    infinite: int = 0
    low: Any = None  # in the column's own type
    high: Any = None
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))

    def add(self, rows: int, *, missing: int, infinite: int, low: Any, high: Any) -> None:
        """Take in the counts and extremes of the next rows; None where these have no value."""
        self.rows += rows
        self.missing += missing
        self.infinite += infinite
        if low is not None:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)

    def add_hashes(self, hashes: NDArray[np.uint64]) -> None:
        """Take in the hashes of the next values; only the smallest matter."""
        self.hashes = np.union1d(self.hashes, hashes)[:SKETCH]

    @property
    def distinct_is_exact(self) -> bool:
        return len(self.hashes) < SKETCH

    @property
    def distinct(self) -> int:
        """How many different values, missing ones aside; an estimate unless ``distinct_is_exact``."""
        if self.distinct_is_exact:
            return len(self.hashes)
        estimate = round((SKETCH - 1) * HASHES / float(self.hashes[-1]))
        return min(max(estimate, SKETCH), self.rows - self.missing)


def tallies_of(columns: Sequence[str]) -> tuple[ColumnTally, ...]:
    return tuple(map(ColumnTally, columns))


def count_rows(frame: pl.DataFrame, tallies: Sequence[ColumnTally]) -> None:
    """Add a batch to the tallies of its columns: all in one query, for a query per column is slow where there are
    thousands."""
    columns = {str(i): frame[tally.column] for i, tally in enumerate(tallies)}
    comparable = {name: _tidy(series) for name, series in columns.items() if _is_comparable(series)}
    tidy = pl.DataFrame([series.alias(name) for name, series in comparable.items()])
    queries = [query for name, series in comparable.items() for query in _queries(name, series.dtype)]
    found = tidy.select(queries) if queries else tidy
    for (name, series), tally in zip(columns.items(), tallies, strict=True):
        if name not in comparable:
            tally.add(len(frame), missing=series.null_count(), infinite=0, low=None, high=None)
            continue
        missing, infinite, low, high = (
            found[f"{name} {what}"][0] for what in ("missing", "infinite", "low", "high")
        )
        tally.add(len(frame), missing=missing, infinite=infinite, low=low, high=high)
        tally.add_hashes(found[f"{name} hashes"][0].to_numpy())


def _is_comparable(series: pl.Series) -> bool:
    return not (series.dtype.is_nested() or series.dtype in (pl.Object, pl.Null))


def _tidy(series: pl.Series) -> pl.Series:
    return texts(series) if is_text(series.dtype) else series


def _queries(name: str, dtype: pl.DataType) -> list[pl.Expr]:
    value = pl.col(name).fill_nan(None) if dtype.is_float() else pl.col(name)
    ordered = pl.when(value.is_finite()).then(value) if dtype.is_float() else value
    infinite = value.is_infinite().sum() if dtype.is_float() else pl.lit(0)
    hashes = value.drop_nulls().hash(seed=0).unique().bottom_k(SKETCH).implode()
    found = {"missing": value.null_count(), "infinite": infinite, "low": ordered.min(), "high": ordered.max()}
    return [query.alias(f"{name} {what}") for what, query in (found | {"hashes": hashes}).items()]
