from datetime import datetime

import polars as pl
import pytest

from machine_learning.domain.time_span import TimeSpan


def span(*batches: list[datetime | None]) -> float | None:
    found = TimeSpan("at")
    for batch in batches:
        found.add(pl.DataFrame({"at": batch}, schema={"at": pl.Datetime("us")}))
    return found.days


def test_it_reaches_from_the_first_to_the_last_time_of_all_batches() -> None:
    assert span([datetime(2026, 1, 4), None], [datetime(2026, 1, 1, 12), datetime(2026, 1, 2)]) == 2.5


@pytest.mark.parametrize("batches", [[], [[None]], [[datetime(2026, 1, 1), datetime(2026, 1, 1, 23)]]])
def test_less_than_a_day_tells_nothing(batches: list[list[datetime | None]]) -> None:
    assert span(*batches) is None


def test_rows_without_a_column_of_times_have_none() -> None:
    for column in (None, "elsewhere"):
        found = TimeSpan(column)
        found.add(pl.DataFrame({"at": [datetime(2026, 1, 1), datetime(2026, 2, 1)]}))
        assert found.days is None
