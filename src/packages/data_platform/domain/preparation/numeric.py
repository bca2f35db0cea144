"""Numeric columns as finite numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_platform.domain.drift import population_stability
from data_platform.domain.features import Feature, Observed, Part, Usual, UsualCategories, UsualNumbers
from data_platform.domain.preparation.looks import LIMIT, ColumnLook
from data_platform.domain.reading import is_plain_number, numbers, refuse_missing
from data_platform.domain.schema import Kind, MissingPolicy

Numbers = NDArray[np.float64]

REACH = 1e6  # training ranges beyond the training values, to which a value further away is brought
QUANTILES = (0.05, 0.5, 0.95)
ARRAYS = {
    "fill": 0,
    "low": 0,
    "high": 0,
    "gaps": 0,
    "shown": 0,
    "statistics": 5,
    "shares": 4,
}  # and their widths


@dataclass(frozen=True, eq=False)
class NumberColumns:
    """How numeric columns become finite numbers; arrays are per column.

    Missing values become ``fill``. So do infinite ones where training had missing values, or under a policy other
    than the indicator; elsewhere an infinite value counts as one far outside, because nothing else would show it.
    All numbers lie in [low, high]: a million training ranges around the training values, at most +-1e100.
    """

    columns: tuple[str, ...]
    lenient: tuple[bool, ...]  # other text counts as missing
    words: tuple[tuple[str, str] | None, ...]  # what 0 and 1 are called in a column of truths
    missing: MissingPolicy
    fill: Numbers
    low: Numbers
    high: Numbers
    gaps: NDArray[np.bool_]  # whether training had missing or infinite values
    shown: NDArray[np.bool_]  # whether the values vary; otherwise only the gaps are a feature
    statistics: Numbers  # shape (n_columns, 5): 5 %, median, 95 %, mean, share of missing values
    shares: Numbers  # shape (n_columns, 4): of values below 5 %, up to the median, up to 95 %, above

    @classmethod
    def fit(cls, frame: pl.DataFrame, looks: Sequence[ColumnLook], *, missing: MissingPolicy) -> Self:
        """Learn from a frame of at least one row; each column has a finite value."""
        values = _floats(frame, [look.column for look in looks], [look.lenient for look in looks])
        found = _statistics(values)
        low, high = found[:, 3], found[:, 4]
        if missing is MissingPolicy.ZERO:
            low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
        reach = REACH * np.maximum(high - low, np.spacing(np.maximum(np.abs(low), np.abs(high))))
        return cls(
            columns=tuple(look.column for look in looks),
            lenient=tuple(look.lenient for look in looks),
            words=tuple(_words(frame[look.column], look) for look in looks),
            missing=missing,
            fill=np.zeros(len(looks)) if missing is MissingPolicy.ZERO else found[:, 1].copy(),
            low=np.maximum(low - reach, -LIMIT),
            high=np.minimum(high + reach, LIMIT),
            gaps=np.array([not look.always_present for look in looks], dtype=np.bool_),
            shown=np.array([look.constant is None for look in looks], dtype=np.bool_),
            statistics=np.column_stack(
                [found[:, :3], found[:, 5], [(look.rows - look.present) / look.rows for look in looks]]
            ),
            shares=_shares(values, found[:, :3]),
        )

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The values, then the indicators."""
        values = [
            Feature(c, c, Part.VALUE) for c, shown in zip(self.columns, self.shown, strict=True) if shown
        ]
        gaps = [self.columns[i] for i in self._indicated]
        return (*values, *(Feature(f"{column} is missing", column, Part.MISSING) for column in gaps))

    @cached_property
    def usual(self) -> Mapping[str, Usual]:
        return {
            column: _usual(statistics, words)
            for column, statistics, words in zip(self.columns, self.statistics, self.words, strict=True)
        }

    @cached_property
    def _indicated(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.gaps & (self.missing is MissingPolicy.INDICATOR))

    @cached_property
    def _as_they_are(self) -> bool:
        return bool(self.shown.all()) and not len(self._indicated)

    def encoded(self, frame: pl.DataFrame) -> Numbers:
        """Shape (n_rows, n_features), finite, C-contiguous. Raises WrongType, MissingRefused."""
        return self.finite(self._read(frame))

    def finite(self, values: Numbers) -> Numbers:
        """``values`` of shape (n_rows, n_columns) as features, whatever is missing or infinite. Raises MissingRefused."""
        if self.are_ready(values):
            return self.laid_out(values)
        absent = np.isnan(values) | (
            np.isinf(values) & (self.gaps | (self.missing is not MissingPolicy.INDICATOR))
        )
        if self.missing is MissingPolicy.REFUSE:
            for column, count in zip(self.columns, absent.sum(axis=0), strict=True):
                refuse_missing(column, int(count))
        return self.laid_out(np.clip(np.where(absent, self.fill, values), self.low, self.high), absent)

    def are_ready(self, values: Numbers) -> bool:
        """Whether ``values``, of shape (n_rows, n_columns), need no change; NaN fails every comparison."""
        return bool((values >= self.low).all()) and bool((values <= self.high).all())

    def laid_out(self, values: Numbers, absent: NDArray[np.bool_] | None = None) -> Numbers:
        """``values`` of all columns as features; the indicators are 1 where ``absent``."""
        if self._as_they_are:
            return np.ascontiguousarray(values)
        indicators = np.zeros((len(values), len(self._indicated)))
        if absent is not None:
            indicators[:] = absent[:, self._indicated]
        return np.concatenate([values[:, self.shown], indicators], axis=1)

    def _read(self, frame: pl.DataFrame) -> Numbers:
        if not self.columns:
            return np.empty((len(frame), 0))
        return np.ascontiguousarray(
            _floats(frame, self.columns, self.lenient).to_numpy(order="c"), dtype=np.float64
        )

    def observed(self, frame: pl.DataFrame) -> dict[str, list[Observed]]:
        """The values as they are, None where missing, by source. Raises WrongType."""
        found: dict[str, list[Observed]] = {}
        for column, lenient, words in zip(self.columns, self.lenient, self.words, strict=True):
            values = _listed(frame[column], lenient=lenient)
            found[column] = [_word(value, words) for value in values] if words else list(values)
        return found

    def check(self, series: pl.Series) -> None:
        """Raises WrongType where one of the columns cannot be read."""
        numbers(series, lenient=self.lenient[self.columns.index(series.name)])

    def drift(self, frame: pl.DataFrame) -> dict[str, float]:
        """Population stability index of each column against training, by source. Raises WrongType."""
        found: dict[str, float] = {}
        for i, column in enumerate(self.columns):
            values = numbers(frame[column], lenient=self.lenient[i]).to_numpy()
            missing = float(self.statistics[i, 4])
            now = _binned(values[np.isfinite(values)], self.statistics[i, :3])
            found[column] = population_stability(
                np.append(self.shares[i] * (1 - missing), missing),
                np.append(now, len(values) - now.sum()) / max(len(values), 1),
            )
        return found

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        values = {
            "columns": list(self.columns),
            "lenient": list(self.lenient),
            "words": [None if words is None else list(words) for words in self.words],
        }
        return values, {name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def restore(
        cls, values: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], *, missing: MissingPolicy
    ) -> Self:
        """Raises KeyError, TypeError and ValueError on a state that does not fit."""
        columns = tuple(map(str, values["columns"]))
        found = {name: np.asarray(arrays[name], dtype=np.float64) for name in ARRAYS}
        shapes = {name: (len(columns), width) if width else (len(columns),) for name, width in ARRAYS.items()}
        if {name: array.shape for name, array in found.items()} != shapes:
            raise ValueError("arrays of numeric columns differ in length")
        words = tuple(None if pair is None else (str(pair[0]), str(pair[1])) for pair in values["words"])
        lenient = tuple(map(bool, values["lenient"]))
        if not len(columns) == len(words) == len(lenient):
            raise ValueError("numeric columns differ in number")
        return cls(
            columns, lenient, words, missing, fill=found["fill"], low=found["low"], high=found["high"],
            gaps=found["gaps"].astype(np.bool_), shown=found["shown"].astype(np.bool_), statistics=found["statistics"],
            shares=found["shares"],
        )  # fmt: skip


def _words(series: pl.Series, look: ColumnLook) -> tuple[str, str] | None:
    if look.kind is not Kind.BOOLEAN:
        return None
    return ("0", "1") if series.dtype.is_numeric() else ("false", "true")


def _listed(series: pl.Series, *, lenient: bool) -> list[Any]:
    """None where missing. Raises WrongType."""
    if series.dtype.is_integer():
        return series.to_list()
    if series.dtype.is_float():  # for one row, Polars takes a hundred times as long
        return [None if value is None or isnan(value) else value for value in series.to_list()]
    return numbers(series, lenient=lenient).fill_nan(None).to_list()


def _word(value: float | None, words: tuple[str, str]) -> str | None:
    if value is None:
        return None
    return words[int(value)] if value in (0, 1) else f"{value:g}"


def _usual(statistics: Numbers, words: tuple[str, str] | None) -> Usual:
    low, median, high, mean, missing_share = map(float, statistics)
    if words is None:
        return UsualNumbers(low, median, high, missing_share)
    present = 1 - missing_share
    shares = {words[0]: (1 - mean) * present, words[1]: mean * present}
    return UsualCategories({word: share for word, share in shares.items() if share > 0}, 0.0, missing_share)


def _floats(frame: pl.DataFrame, columns: Sequence[str], lenient: Sequence[bool]) -> pl.DataFrame:
    """The columns as Float64, named 0, 1, ...: a name of a table may read as a pattern of names."""
    chosen = pl.DataFrame([frame[column].alias(str(i)) for i, column in enumerate(columns)])
    if set(chosen.dtypes) == {pl.Float64()}:
        return chosen  # for one row, casting takes as long as scoring it
    if all(map(is_plain_number, chosen.dtypes)):
        return chosen.cast(pl.Float64, strict=False)
    return pl.DataFrame([numbers(s, lenient=any_text) for s, any_text in zip(chosen, lenient, strict=True)])


def _statistics(values: pl.DataFrame) -> Numbers:
    """Per column 5 %, median, 95 %, minimum, maximum and mean of the finite values, shape (n_columns, 6)."""
    if not values.width:
        return np.empty((0, 6))
    exprs = []
    for i in range(values.width):
        finite = pl.when(pl.col(str(i)).is_finite()).then(pl.col(str(i)).clip(-LIMIT, LIMIT))
        found = [finite.quantile(q, "linear") for q in QUANTILES] + [
            finite.min(),
            finite.max(),
            finite.mean(),
        ]
        exprs += [statistic.alias(f"{i} {j}") for j, statistic in enumerate(found)]
    return np.array(values.select(exprs).row(0), dtype=np.float64).reshape(values.width, 6)


def _shares(values: pl.DataFrame, edges: Numbers) -> Numbers:
    """Shape (n_columns, 4), see ``NumberColumns.shares``."""
    shares = np.empty((values.width, 4))
    for i, series in enumerate(values):
        column = series.to_numpy()
        finite = column[np.isfinite(column)]
        shares[i] = _binned(finite, edges[i]) / len(finite)
    return shares


def _binned(values: Numbers, edges: Numbers) -> Numbers:
    """How many values lie below the first edge, up to the second, up to the third, above."""
    up_to = [(values < edges[0]).sum(), (values <= edges[1]).sum(), (values <= edges[2]).sum(), len(values)]
    return np.diff(up_to, prepend=0).astype(np.float64)
