"""A column of categories as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log10
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_platform.domain.drift import population_stability
from data_platform.domain.features import Feature, Observed, Part, UsualCategories
from data_platform.domain.reading import categories, counted, refuse_missing
from data_platform.domain.schema import MissingPolicy

MOST_ONE_HOT = 20  # values with a column of their own; the rarer ones share one
MOST_KEPT = 10_000  # values whose share is remembered; any other counts as seen once


@dataclass(frozen=True)
class CategoryColumn:
    """How a column's values become numbers, by their shares of the ``rows`` of training, the commonest first.

    Rarity: -log10 of the share; a value not seen in training is rarer than any seen, as if 1 in rows + 1.
    One-hot: a 0/1 column for each of the 20 commonest values, one for the others that training had.
    Missing is a value of its own, or by policy the commonest (median) or zeros (zero).
    """

    column: str
    shares: Mapping[str, float]
    missing_share: float
    rows: int
    one_hot: bool
    truncated: bool  # there were more values than are remembered
    missing: MissingPolicy

    @classmethod
    def fit(cls, series: pl.Series, *, one_hot: bool, missing: MissingPolicy) -> Self:
        values = categories(series)
        counts = counted(values)
        kept = counts.head(MOST_KEPT)
        shares = {value: n / len(values) for value, n in kept.iter_rows()}
        missing_share = values.null_count() / len(values)
        return cls(series.name, shares, missing_share, len(values), one_hot, len(counts) > len(kept), missing)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def usual(self) -> Mapping[str, UsualCategories]:
        rest = 1 / self.rows if self.truncated else 0.0
        return {self.column: UsualCategories(self.shares, rest, self.missing_share)}

    @property
    def features(self) -> tuple[Feature, ...]:
        name = self.column
        if not self.one_hot:
            return (Feature(name, name, Part.RARITY),)
        features = [Feature(f"{name} = {value}", name, Part.CATEGORY) for value in self._own]
        if self._has_others:
            features.append(Feature(f"{name} = another value", name, Part.CATEGORY))
        if self._shows_missing:
            features.append(Feature(f"{name} is missing", name, Part.MISSING))
        return tuple(features)

    @property
    def _own(self) -> tuple[str, ...]:
        return tuple(self.shares)[:MOST_ONE_HOT]

    @property
    def _has_others(self) -> bool:
        return len(self.shares) > MOST_ONE_HOT

    @property
    def _shows_missing(self) -> bool:
        return self.missing is MissingPolicy.INDICATOR and self.missing_share > 0

    def encoded(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Shape (n_rows, n_features). Raises WrongType, MissingRefused."""
        values = categories(frame[self.column])
        if self.missing is MissingPolicy.REFUSE:
            refuse_missing(self.column, values.null_count())
        if self.missing is MissingPolicy.MEDIAN:
            values = values.fill_null(next(iter(self.shares)))
        return self._one_hot(values) if self.one_hot else self._rarity(values)

    def observed(self, frame: pl.DataFrame) -> dict[str, list[Observed]]:
        """The values as ``usual`` has them, None where missing, by source. Raises WrongType."""
        return {self.column: categories(frame[self.column]).to_list()}

    def drift(self, frame: pl.DataFrame) -> dict[str, float]:
        """Population stability index of the 20 commonest values, the rest and missing. Raises WrongType."""
        values = categories(frame[self.column])
        counts = dict(counted(values).iter_rows())
        now = np.array([counts.get(value, 0) for value in self._own] + [values.null_count()]) / max(
            len(values), 1
        )
        before = np.array([self.shares[value] for value in self._own] + [self.missing_share])
        rest_before, rest_now = max(1 - before.sum(), 0.0), max(1 - now.sum(), 0.0)
        return {self.column: population_stability(np.append(before, rest_before), np.append(now, rest_now))}

    def check(self, series: pl.Series) -> None:
        """Raises WrongType where the column cannot be read."""
        categories(series)

    def encoded_texts(self, values: Sequence[str | None]) -> NDArray[np.float64]:
        """As ``encoded``, for few values that are text as ``categories`` makes it; needs another policy than refuse."""
        if self.missing is MissingPolicy.MEDIAN:
            commonest = next(iter(self.shares))
            values = [commonest if value is None else value for value in values]
        if self.one_hot:
            return self._one_hot(pl.Series(values, dtype=pl.String))
        known, unseen = self._rarities
        return np.array([[known.get(value, unseen)] for value in values])

    @cached_property
    def _rarities(self) -> tuple[dict[str | None, float], float]:
        """By value, and that of a value not seen in training."""
        unseen = 1 / (self.rows if self.truncated else self.rows + 1)
        known: dict[str | None, float] = {value: -log10(share) for value, share in self.shares.items()}
        known[None] = -log10(self.missing_share or unseen)
        if self.missing is MissingPolicy.ZERO:
            known[None] = 0.0
        return known, -log10(unseen)

    def _rarity(self, values: pl.Series) -> NDArray[np.float64]:
        known, unseen = self._rarities
        rarity = values.replace_strict(known, default=unseen, return_dtype=pl.Float64)
        return rarity.to_numpy().reshape(-1, 1)

    def _one_hot(self, values: pl.Series) -> NDArray[np.float64]:
        position = {value: i for i, value in enumerate(self._own)}
        others = len(position)
        encoded = np.zeros((len(values), len(self.features)))
        found = values.replace_strict(position, default=others, return_dtype=pl.Int64).to_numpy()
        absent = values.is_null().to_numpy()
        rows = np.flatnonzero(~absent & (found < others + self._has_others))
        encoded[rows, found[rows]] = 1.0
        if self._shows_missing:
            encoded[absent, -1] = 1.0
        return encoded

    def state(self) -> dict[str, Any]:
        return {
            "column": self.column,
            "values": list(self.shares),
            "shares": list(self.shares.values()),
            "missing_share": self.missing_share,
            "rows": self.rows,
            "one_hot": self.one_hot,
            "truncated": self.truncated,
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any], *, missing: MissingPolicy) -> Self:
        """Raises KeyError, TypeError and ValueError on a state that does not fit."""
        shares = {str(v): float(s) for v, s in zip(state["values"], state["shares"], strict=True)}
        if not shares or not all(0 < share <= 1 for share in shares.values()):
            raise ValueError(f"shares of {state['column']!r} are not in (0, 1]")
        return cls(
            str(state["column"]), shares, float(state["missing_share"]), int(state["rows"]),
            bool(state["one_hot"]), bool(state["truncated"]), missing,
        )  # fmt: skip
