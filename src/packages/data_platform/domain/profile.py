"""A table in figures, column by column."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_platform.domain.correlation import Correlation
from data_platform.domain.findings import Finding
from data_platform.domain.preparation.looks import ColumnLook
from data_platform.domain.reading import WrongType, categories, counted, is_text, numbers, texts
from data_platform.domain.schema import Decision, Kind, Role
from data_platform.domain.tally import ColumnTally

BINS = 20
TOP = 5
QUANTILES = {"p1": 0.01, "p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}
TAIL = 0.5  # widths of p1-p99 that a histogram reaches beyond its ends, at most


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of equally wide bins from ``low`` to ``high``; values beyond are in the first and the last."""

    low: float
    high: float
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """``missing`` (NaN and empty text too), ``infinite`` and the extremes are of all rows (numbers in text: of the sample); quantiles, mean, deviation, histogram and
    the commonest values with their counts are of the sample."""

    column: str
    type: str
    kind: Kind
    role: Role
    reason: str
    missing: int
    infinite: int
    distinct: int
    distinct_is_exact: bool
    low: object
    high: object
    mean: float | None
    deviation: float | None
    quantiles: Mapping[str, float]
    histogram: Histogram | None
    top: tuple[tuple[str, int], ...]
    correlations: tuple[Correlation, ...]  # with other columns, the strongest first


@dataclass(frozen=True, slots=True)
class Profile:
    """``sampled`` rows were looked at closely, chosen by ``seed`` where they are not all ``rows``; ``correlated`` of them for
    the correlations, 0 where these were left out."""

    table: str
    rows: int
    sampled: int
    seed: int
    correlated: int
    columns: tuple[ColumnProfile, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def column_profile(
    series: pl.Series,
    look: ColumnLook,
    decision: Decision,
    tally: ColumnTally,
    *,
    correlations: tuple[Correlation, ...] = (),
) -> ColumnProfile:
    """``series`` are the sampled values: all, or some of those that were tallied."""
    whole = len(series) == tally.rows
    values = _finite(series, look)
    mean, deviation = _moments(values)
    low, high = tally.low, tally.high
    distinct = _distinct(series) if whole and not tally.distinct_is_exact else tally.distinct
    if is_text(series.dtype) and len(values):
        low, high = float(values.min()), float(values.max())
    return ColumnProfile(
        column=series.name,
        type=str(series.dtype),
        kind=decision.kind,
        role=decision.role,
        reason=decision.reason,
        missing=tally.missing,
        infinite=tally.infinite,
        distinct=distinct,
        distinct_is_exact=whole or tally.distinct_is_exact,
        low=low,
        high=high,
        mean=mean,
        deviation=deviation,
        quantiles=_quantiles(values),
        histogram=_histogram(values),
        top=() if whole and distinct == look.present else _top(series, look),
        correlations=correlations,
    )


def _finite(series: pl.Series, look: ColumnLook) -> NDArray[np.float64]:
    if look.kind is not Kind.NUMERIC:
        return np.empty(0)
    values = numbers(series, lenient=look.lenient)
    return np.asarray(values.filter(values.is_finite()).to_numpy(), dtype=np.float64)


def _moments(values: NDArray[np.float64]) -> tuple[float | None, float | None]:
    """Mean and standard deviation, scaled meanwhile so that no square overflows."""
    scale = float(np.abs(values).max(initial=0.0))
    if not len(values) or not scale:
        return (0.0, 0.0) if len(values) else (None, None)
    scaled = values / scale
    return float(scaled.mean() * scale), float(scaled.std() * scale)


def _quantiles(values: NDArray[np.float64]) -> dict[str, float]:
    if not len(values):
        return {}
    found = np.quantile(values, list(QUANTILES.values()), method="inverted_cdf")
    return dict(zip(QUANTILES, map(float, found), strict=True))


def _histogram(values: NDArray[np.float64]) -> Histogram | None:
    if not len(values):
        return None
    p1, p99 = map(float, np.quantile(values, [0.01, 0.99], method="inverted_cdf"))
    reach = TAIL * p99 - TAIL * p1
    low, high = max(float(values.min()), p1 - reach), min(float(values.max()), p99 + reach)
    if not low < high or high - low == np.inf:
        return Histogram(low, high, (len(values),))
    position = ((np.clip(values, low, high) - low) / (high - low) * BINS).astype(np.int64)
    return Histogram(low, high, tuple(np.bincount(np.minimum(position, BINS - 1), minlength=BINS).tolist()))


def _distinct(series: pl.Series) -> int:
    if series.dtype.is_nested() or series.dtype == pl.Object:
        return 0
    if is_text(series.dtype):
        return texts(series).drop_nulls().n_unique()
    return (series.fill_nan(None) if series.dtype.is_float() else series).drop_nulls().n_unique()


def _top(series: pl.Series, look: ColumnLook) -> tuple[tuple[str, int], ...]:
    """The commonest values; none where no value comes twice."""
    if look.kind in (Kind.NESTED, Kind.EMPTY, Kind.DATETIME):
        return ()
    try:
        commonest = counted(categories(series)).head(TOP).rows()
    except WrongType:
        return ()
    return tuple(commonest) if commonest and commonest[0][1] > 1 else ()
