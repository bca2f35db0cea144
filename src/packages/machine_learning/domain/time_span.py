"""Over how many days rows lie."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from data_platform.api import Preprocessor, Role, times

DAY = timedelta(days=1)


@dataclass(slots=True)
class TimeSpan:
    """Of the column that holds the rows' times, in as many batches as it takes; None: there is none."""

    column: str | None
    seen: list[datetime] = field(default_factory=list)  # the first and the last

    @classmethod
    def of(cls, preprocessor: Preprocessor) -> "TimeSpan":
        return cls(next((each.column for each in preprocessor.decisions if each.role is Role.TIME), None))

    def add(self, frame: pl.DataFrame) -> None:
        if self.column is None or self.column not in frame.columns:
            return
        found = times(frame[self.column]).drop_nulls()
        first, last = found.arg_min(), found.arg_max()
        if first is not None and last is not None:
            seen = sorted([*self.seen, found[first], found[last]])
            self.seen = [seen[0], seen[-1]]

    @property
    def days(self) -> float | None:
        """None where the times are unknown, and for less than a day."""
        if not self.seen:
            return None
        lasted: timedelta = self.seen[-1] - self.seen[0]
        return None if lasted < DAY else lasted / DAY
