"""A column of times as parts of the calendar."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from data_platform.domain.features import Feature, Observed, Part, UsualNumbers
from data_platform.domain.reading import refuse_missing, times
from data_platform.domain.schema import MissingPolicy

CYCLES = {"hour": timedelta(days=1), "weekday": timedelta(days=7), "month": timedelta(days=365)}
CYCLES_SEEN = 2  # fewer, and the next hour, weekday or month would look new only because time went on
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class CalendarColumn:
    """Hour (0-23), weekday (1 Monday - 7) and month (1-12), as far as training covers two of their cycles.

    Clock time is that of the training column's zone. Every part is a source of its own in explanations:
    ``paid_at hour``. The missing-indicator belongs to the first part.
    """

    column: str
    zone: str | None
    parts: Mapping[str, UsualNumbers]
    missing: MissingPolicy

    @classmethod
    def fit(cls, series: pl.Series, *, missing: MissingPolicy) -> Self:
        """Without any part where training covers too little time."""
        values = times(series)
        zone = getattr(values.dtype, "time_zone", None)
        present = values.drop_nulls().dt.cast_time_unit("us").to_physical()
        span = timedelta(microseconds=int(present.to_numpy().max() - present.to_numpy().min()))
        usual = {}
        for part, cycle in CYCLES.items():
            numbers = _part(values, part).drop_nulls().to_numpy()
            if span >= CYCLES_SEEN * cycle and numbers.min() < numbers.max():
                low, median, high = map(float, np.quantile(numbers, QUANTILES))
                usual[part] = UsualNumbers(low, median, high, values.null_count() / len(values))
        return cls(series.name, zone, usual, missing)

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def sources(self) -> tuple[str, ...]:
        """What explanations call the parts."""
        return tuple(f"{self.column} {part}" for part in self.parts)

    @property
    def usual(self) -> Mapping[str, UsualNumbers]:
        return dict(zip(self.sources, self.parts.values(), strict=True))

    @property
    def features(self) -> tuple[Feature, ...]:
        values = tuple(Feature(source, source, Part.VALUE) for source in self.sources)
        if not self._shows_missing:
            return values
        return (*values, Feature(f"{self.column} is missing", self.sources[0], Part.MISSING))

    @property
    def _shows_missing(self) -> bool:
        gaps = any(usual.missing_share for usual in self.parts.values())
        return self.missing is MissingPolicy.INDICATOR and gaps

    def _read(self, frame: pl.DataFrame) -> pl.DataFrame:
        """One column per part, null where missing."""
        values = times(frame[self.column], zone=self.zone)
        return pl.DataFrame([_part(values, part).alias(f"{self.column} {part}") for part in self.parts])

    def encoded(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Shape (n_rows, n_features). Raises WrongType, MissingRefused."""
        read = self._read(frame)
        absent = read.to_series(0).is_null()
        if self.missing is MissingPolicy.REFUSE:
            refuse_missing(self.column, int(absent.sum()))
        zero = self.missing is MissingPolicy.ZERO
        columns = [
            read[source].cast(pl.Float64).fill_null(0.0 if zero else usual.median).to_numpy()
            for source, usual in self.usual.items()
        ]
        if self._shows_missing:
            columns.append(absent.cast(pl.Float64).to_numpy())
        return np.column_stack(columns)

    def observed(self, frame: pl.DataFrame) -> dict[str, list[Observed]]:
        """The parts, None where missing, by source. Raises WrongType."""
        return dict(self._read(frame).to_dict(as_series=False))

    def drift(self, frame: pl.DataFrame) -> dict[str, float]:
        """Nothing: time goes on."""
        del frame
        return {}

    def check(self, series: pl.Series) -> None:
        """Raises WrongType where the column cannot be read."""
        times(series, zone=self.zone)

    def state(self) -> dict[str, Any]:
        usual = {part: [u.low, u.median, u.high, u.missing_share] for part, u in self.parts.items()}
        return {"column": self.column, "zone": self.zone, "parts": usual}

    @classmethod
    def restore(cls, state: Mapping[str, Any], *, missing: MissingPolicy) -> Self:
        """Raises KeyError, TypeError and ValueError on a state that does not fit."""
        usual = {part: UsualNumbers(*map(float, values)) for part, values in state["parts"].items()}
        if not usual or not usual.keys() <= CYCLES.keys():
            raise ValueError(f"calendar parts of {state['column']!r} are not known")
        zone = state["zone"]
        return cls(str(state["column"]), None if zone is None else str(zone), usual, missing)


def _part(values: pl.Series, part: str) -> pl.Series:
    match part:
        case "hour":
            return values.dt.hour()
        case "weekday":
            return values.dt.weekday()
    return values.dt.month()
