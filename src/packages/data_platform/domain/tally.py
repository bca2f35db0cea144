"""What can be counted about a column batch by batch, exactly or in memory that does not grow."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

SKETCH = 1_024  # hashes kept; the standard error of an estimate is 1 / sqrt(SKETCH - 2), 3 %
HASHES = 2.0**64


@dataclass(slots=True)
class ColumnTally:
    """Exact counts and extremes; distinct values exact up to 1,024, above by the k smallest hashes
    (Bar-Yossef et al. 2002, Beyer et al. 2007)."""

    column: str
    rows: int = 0
    missing: int = 0
    infinite: int = 0
    low: Any = None  # in the column's own type
    high: Any = None
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))

    def add(self, series: pl.Series) -> None:
        """Take in the next values; NaN is missing, infinities do not count for the extremes."""
        self.rows += len(series)
        series = series.cast(pl.String) if series.dtype in (pl.Categorical, pl.Enum) else series
        if series.dtype.is_float():
            series = series.fill_nan(None)
        self.missing += series.null_count()
        present = series.drop_nulls()
        if present.dtype == pl.Object or present.dtype.is_nested():
            return
        self._add_hashes(present)
        if present.dtype.is_float():
            finite = present.filter(present.is_finite())
            self.infinite += len(present) - len(finite)
            present = finite
        if len(present):
            self.low = present.min() if self.low is None else min(self.low, present.min())
            self.high = present.max() if self.high is None else max(self.high, present.max())

    def _add_hashes(self, present: pl.Series) -> None:
        hashes = present.hash(seed=0).to_numpy()
        if self.distinct_is_exact is False:
            hashes = hashes[hashes < self.hashes[-1]]
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
