"""Values of a column as addresses name them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest

from anomaly_detection.domain.explanations.choice import MISSING, NoSuchValue, having, text_of
from anomaly_detection.domain.explanations.lift import Facet

COLUMNS = (
    pl.Series("text", ["a", "", "(odd)", None, "1..2"]),
    pl.Series("whole", [1, 5, None, -7, 2**60 + 1]),
    pl.Series("real", [0.1, float("nan"), None, -1e-9, 1e300]),
    pl.Series("flag", [True, False, None]),
    pl.Series("day", [date(2026, 1, 31), None, date(1999, 12, 31)]),
    pl.Series("at", [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), None], dtype=pl.Datetime("us", "UTC")),
    pl.Series("money", [Decimal("1.50"), Decimal("-3.25")], dtype=pl.Decimal(10, 2)),
)


@pytest.mark.parametrize("values", COLUMNS, ids=lambda values: values.name)
def test_each_value_finds_itself_again(values: pl.Series) -> None:
    for row, value in enumerate(values.to_list()):
        is_missing = value is None or value != value
        text = text_of(Facet(value=None if is_missing else value, rows=1, flagged=1, share=1, lift=1))

        assert text is not None
        assert having(values, text)[row]


def test_a_range_holds_its_start_and_of_ends_the_highest_value_alone() -> None:
    values = pl.Series("amount", [1.0, 2.0, 3.0, None])

    assert having(values, "1.0..2.0").tolist() == [True, False, False, False]
    assert having(values, "2.0..3.0").tolist() == [False, True, True, False]


def test_missing_means_null_and_not_a_number() -> None:
    assert having(pl.Series("x", [None, float("nan"), 0.0]), MISSING).tolist() == [True, True, False]


@pytest.mark.parametrize("text", ["", "soon", "1..2..3", "..", "1e999999", "9" * 5000])
def test_texts_that_are_no_number_are_refused_or_find_nothing(text: str) -> None:
    values = pl.Series("whole", [1, 2, 3])

    with pytest.raises(NoSuchValue, match="whole"):
        having(values, text)


def test_a_value_without_a_text_has_none() -> None:
    assert text_of(Facet(value=[1, 2], rows=1, flagged=1, share=1, lift=1)) is None
