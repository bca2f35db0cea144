"""Looking for rows in the files that datasets are kept in."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from data_platform.application.datasets.ports import Condition
from data_platform.domain.schema import UnknownColumn
from data_platform.infrastructure.datasets.kept_rows import extremes, facets, preview, rows_matching, spread

FRAME = pl.DataFrame(
    {
        "amount": [3.0, None, math.nan, 1.0, 9.0, 1.0, 9.0],
        "note": ["a", " ", None, "", "b", "c", "d"],
        "day": [date(2026, 1, d) if d != 3 else None for d in range(1, 8)],
    }
)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """The rows in two files."""
    found = [tmp_path / "1.parquet", tmp_path / "2.parquet"]
    FRAME.head(4).write_parquet(found[0])
    FRAME.tail(3).write_parquet(found[1])
    return found


def test_extremes_have_their_rows_the_first_of_equal_ones_first(paths: list[Path]) -> None:
    low, high = extremes(paths, "amount", 3)
    assert low == [(3, 1.0), (5, 1.0), (0, 3.0)]
    assert high == [(4, 9.0), (6, 9.0), (0, 3.0)]


def test_extremes_of_dates_leave_gaps_out(paths: list[Path]) -> None:
    low, high = extremes(paths, "day", 2)
    assert low == [(0, date(2026, 1, 1)), (1, date(2026, 1, 2))]
    assert high == [(6, date(2026, 1, 7)), (5, date(2026, 1, 6))]


def test_extremes_of_no_column_are_refused(paths: list[Path]) -> None:
    with pytest.raises(UnknownColumn):
        extremes(paths, "nothing", 2)


@pytest.mark.parametrize(("column", "rows"), [("amount", [1, 2]), ("note", [1, 2, 3]), ("day", [2])])
def test_missing_is_what_the_profile_counts_as_missing(
    paths: list[Path], column: str, rows: list[int]
) -> None:
    found = preview(paths, first=0, limit=10, where=[Condition(column, "missing", "")])
    assert [row for row, _ in found] == rows


@pytest.mark.parametrize("column", ["amount", "note", "day"])
def test_the_commonest_values_count_as_many_missing_ones_as_the_condition_finds(
    paths: list[Path], column: str
) -> None:
    found = facets(paths, column, 10)
    missing = rows_matching(paths, where=[Condition(column, "missing", "")], most=None)
    assert [n for value, n in found if value is None] == [missing]
    assert not any(value == "" or value != value for value, _ in found)


@pytest.mark.parametrize(
    ("values", "edges"),
    [
        (pl.Series([0, 1, 5, 9, 40, None]), [0, 2, 8, 10]),
        (pl.Series([-1.0, 1, 5, 9, 10, math.nan, math.inf]), [0, 2, 8, 10]),
        (pl.Series([Decimal("0.1"), Decimal("1.9"), Decimal(5), Decimal(8), Decimal(9)]), [0, 2, 8, 10]),
        (pl.Series([date(1970, 1, day) for day in (1, 2, 5, 9, 10)]), [0, 2 * 86400, 8 * 86400, 10 * 86400]),
        (
            pl.Series([datetime(1970, 1, 1, 0, 0, second, tzinfo=UTC) for second in (0, 1, 5, 8, 9)]),
            [0, 2, 8, 10],
        ),
    ],
)
def test_rows_between_edges_are_counted_and_those_beyond_at_the_ends(
    tmp_path: Path, values: pl.Series, edges: list[float]
) -> None:
    path = tmp_path / "part.parquet"
    pl.DataFrame({"value": values}).write_parquet(path)
    assert spread([path], "value", edges) == [2, 1, 2]
