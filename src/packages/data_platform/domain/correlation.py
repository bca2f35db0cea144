"""Which numeric columns of a table rise and fall together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_platform.domain.preparation.looks import ColumnLook
from data_platform.domain.reading import numbers
from data_platform.domain.schema import Kind

TOP = 5
MOST_COLUMNS = 1_000
MOST_CELLS = 2_000_000  # 100,000 rows of 20 columns, 2,000 of 1,000: a few seconds at most
FEWEST_ROWS = 10  # with both values
LEAST_VARIANCE = 1e-9  # of ranks, which is 1/3 where all values differ; rounding leaves less than this


@dataclass(frozen=True, slots=True)
class Correlation:
    """With another column: -1 to 1."""

    column: str
    spearman: float


@dataclass(frozen=True, slots=True)
class Correlations:
    """The strongest of each numeric column, first the strongest, in so many ``rows``; of no row where there are too many
    columns."""

    rows: int
    strongest: Mapping[str, tuple[Correlation, ...]]


def correlations(frame: pl.DataFrame, looks: Sequence[ColumnLook], *, seed: int = 0) -> Correlations:
    """Spearman's, by ranks among all values of a column; a pair is compared where both have one."""
    chosen = [look for look in looks if look.kind is Kind.NUMERIC and look.constant is None]
    if len(chosen) < 2:
        return Correlations(len(frame), {})
    if len(chosen) > MOST_COLUMNS:
        return Correlations(0, {})
    most = MOST_CELLS // len(chosen)
    rows = frame if len(frame) <= most else frame.sample(most, seed=seed)
    ranks = np.stack([_ranks(rows[look.column], lenient=look.lenient) for look in chosen])
    found = _spearman(ranks)
    names = [look.column for look in chosen]
    return Correlations(
        len(rows), {name: _strongest(of, names) for name, of in zip(names, found, strict=True)}
    )


def _ranks(series: pl.Series, *, lenient: bool) -> NDArray[np.float64]:
    """From -1 to 1, equal values alike; NaN where there is no finite value."""
    values = numbers(series, lenient=lenient)
    ranks = pl.select(pl.when(values.is_finite()).then(values)).to_series().rank().to_numpy()
    return np.asarray(2 * ranks / max(len(ranks), 1) - 1, dtype=np.float64)


def _spearman(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each pair of rows of ``ranks``; NaN where it means nothing."""
    present = np.isfinite(ranks)
    there, values = present.astype(np.float64), np.where(present, ranks, 0.0)
    n = there @ there.T
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = values @ there.T / n  # of the one where the other has a value
        variance = (values**2) @ there.T / n - mean**2
        found = (values @ values.T / n - mean * mean.T) / np.sqrt(variance * variance.T)
    means_something = (n >= FEWEST_ROWS) & (np.minimum(variance, variance.T) > LEAST_VARIANCE)
    np.fill_diagonal(means_something, val=False)
    return np.where(means_something, np.clip(found, -1, 1), np.nan)


def _strongest(of: NDArray[np.float64], names: Sequence[str]) -> tuple[Correlation, ...]:
    order = np.argsort(-np.abs(of), kind="stable")[:TOP]  # NaN last
    return tuple(Correlation(names[i], round(float(of[i]), 4)) for i in order if np.isfinite(of[i]))
