"""Which values of a column flagged rows have more often than others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

RANGES = 5
FEW_VALUES = 10  # up to so many different numbers are shown one by one
LEAST_SHARE = 0.05  # of the flagged rows: a value that fewer have says little about them
FEWEST = 2
EDGE_ROWS = 10_000  # from which a numeric column's ranges are made


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """``value``, or the range from ``low`` to ``high`` (its end not included, the last one's aside).

    ``lift``: its share among flagged rows, by that among all rows.
    """

    value: Any = None
    low: Any = None
    high: Any = None
    rows: int
    flagged: int
    share: float  # of the flagged rows
    lift: float


@dataclass(frozen=True, slots=True)
class _Counted:
    rows: int
    flagged: int
    what: Mapping[str, Any]

    def facet(self, n_rows: int, n_flagged: int) -> Facet:
        share = self.flagged / n_flagged
        return Facet(
            rows=self.rows, flagged=self.flagged, share=share, lift=share * n_rows / self.rows, **self.what
        )


def facets(values: pl.Series, is_flagged: NDArray[np.bool_], *, most: int) -> tuple[Facet, ...]:
    """The up to ``most`` values, or ranges of numbers and times, that flagged rows have, the highest lift first; what only
    few of them have comes last."""
    n_flagged = int(is_flagged.sum())
    if n_flagged == 0:
        return ()
    edges = range_edges(values)
    counted = _of_values(values, is_flagged) if edges is None else _of_ranges(values, is_flagged, edges)
    found = [each.facet(len(values), n_flagged) for each in counted]
    least = least_support(n_flagged)
    return tuple(sorted(found, key=lambda facet: (facet.flagged < least, -facet.lift))[:most])


def highest_lift(found: tuple[Facet, ...], flagged: int) -> float:
    """Of what enough of the flagged rows have; 0 where nothing is."""
    least = least_support(flagged)
    return max((facet.lift for facet in found if facet.flagged >= least), default=0.0)


def least_support(flagged: int) -> int:
    return max(min(FEWEST, flagged), int(np.ceil(LEAST_SHARE * flagged)))


def range_edges(values: pl.Series) -> pl.Series | None:
    """Values of the column that cut it into about equal parts; None where values are shown one by one."""
    if not (values.dtype.is_numeric() or values.dtype.is_temporal()):
        return None
    known = values.gather_every(max(1, len(values) // EDGE_ROWS)).drop_nulls()
    known = (known.drop_nans() if known.dtype.is_float() else known).sort()
    if known.n_unique() <= FEW_VALUES:
        return None
    return known.gather([len(known) * i // RANGES for i in range(1, RANGES)]).unique(maintain_order=True)


def _of_values(values: pl.Series, is_flagged: NDArray[np.bool_]) -> Iterator[_Counted]:
    texts = values.cast(pl.String) if values.dtype in (pl.Categorical, pl.Enum) else values
    flagged = texts.filter(pl.Series(is_flagged)).rename("value").value_counts(name="flagged")
    rows = texts.rename("value").to_frame().join(flagged, on="value", how="semi", nulls_equal=True)
    counted = flagged.join(rows["value"].value_counts(name="rows"), on="value", nulls_equal=True)
    for value, n_flagged, n_rows in counted.select("value", "flagged", "rows").sort("value").iter_rows():
        yield _Counted(n_rows, n_flagged, {"value": value})


def _of_ranges(values: pl.Series, is_flagged: NDArray[np.bool_], edges: pl.Series) -> Iterator[_Counted]:
    numbers = values.fill_nan(None) if values.dtype.is_float() else values
    ends = [numbers.min(), *edges.to_list(), numbers.max()]
    is_known = numbers.is_not_null().to_numpy()
    places = np.searchsorted(_physical(edges), _physical(numbers.drop_nulls()), side="right")
    rows = np.bincount(places, minlength=len(ends) - 1)
    flagged = np.bincount(places[is_flagged[is_known]], minlength=len(ends) - 1)
    for i, (low, high) in enumerate(pairwise(ends)):
        if flagged[i]:
            yield _Counted(int(rows[i]), int(flagged[i]), {"low": low, "high": high})
    missing = int((is_flagged & ~is_known).sum())
    if missing:
        yield _Counted(int((~is_known).sum()), missing, {})


def _physical(values: pl.Series) -> NDArray[Any]:
    return (values.cast(pl.Float64) if values.dtype.is_decimal() else values.to_physical()).to_numpy()
