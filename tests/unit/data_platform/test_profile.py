"""A profile counts every row, samples for the rest, and says which is which."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from core.presentation.json_text import json_text
from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.profile_table import ProfileTable
from data_platform.domain.profile import ColumnProfile, Histogram
from data_platform.domain.schema import ColumnChoices, Kind, Role
from data_platform.domain.tally import count_rows, tallies_of
from data_platform.presentation import profile_view as view

ROWS = 5_000
RANDOM = np.random.default_rng(0)


@dataclass(frozen=True)
class InBatches(FrameTable):
    def batches(self, *, columns: Sequence[str] | None = None, rows: int = 1) -> Iterator[pl.DataFrame]:
        return super().batches(columns=columns, rows=700)


def frame() -> pl.DataFrame:
    amount = RANDOM.normal(100, 10, ROWS)
    amount[:3] = [np.nan, np.inf, 1e9]
    return pl.DataFrame(
        {
            "id": np.arange(ROWS),
            "amount": amount,
            "country": RANDOM.choice(["DE", "FR"], ROWS, p=[0.75, 0.25]),
            "at": [datetime(2024, 1, 1) + timedelta(minutes=i) for i in range(ROWS)],
            "note": [f"text {i} of many" for i in range(ROWS)],
            "parts": [[1, 2]] * ROWS,
            "empty": pl.Series([None] * ROWS, dtype=pl.String),
        }
    )


FRAME = frame()


def columns(table: pl.DataFrame, *, sample: int = 100_000) -> dict[str, ColumnProfile]:
    found = ProfileTable(sample)(InBatches(table, "t"))
    return {column.column: column for column in found.columns}


def test_counts_and_extremes_are_exact_whatever_the_sample() -> None:
    found = columns(FRAME, sample=50)
    amount = found["amount"]
    assert (amount.missing, amount.infinite) == (1, 1)
    assert (amount.low, amount.high) == (np.nanmin(FRAME["amount"].to_numpy()), 1e9)
    assert (found["id"].low, found["id"].high) == (0, ROWS - 1)
    assert found["empty"].missing == ROWS


def test_distinct_values_are_exact_when_all_rows_were_looked_at() -> None:
    found = columns(FRAME)
    assert [(c.distinct, c.distinct_is_exact) for c in found.values()] == [
        (ROWS, True), (ROWS - 1, True), (2, True), (ROWS, True), (ROWS, True), (0, True), (0, True),
    ]  # fmt: skip


def test_many_distinct_values_of_a_sampled_table_are_an_estimate() -> None:
    found = columns(FRAME, sample=50)
    assert not found["note"].distinct_is_exact
    assert found["note"].distinct == pytest.approx(ROWS, rel=0.15)
    assert (found["country"].distinct, found["country"].distinct_is_exact) == (2, True)


def test_the_batches_do_not_matter_to_the_estimate() -> None:
    whole, parts = tallies_of(["x"]), tallies_of(["x"])
    values = pl.DataFrame({"x": RANDOM.integers(0, 40_000, 60_000)})
    count_rows(values, whole)
    for start in range(0, 60_000, 7_000):
        count_rows(values[start : start + 7_000], parts)
    assert parts[0].distinct == whole[0].distinct == pytest.approx(values["x"].n_unique(), rel=0.1)


def test_roles_are_those_of_detection() -> None:
    found = columns(FRAME)
    assert {name: column.role for name, column in found.items()} == {
        "id": Role.ID, "amount": Role.FEATURE, "country": Role.FEATURE, "at": Role.TIME,
        "note": Role.IGNORED, "parts": Role.IGNORED, "empty": Role.IGNORED,
    }  # fmt: skip
    assert found["at"].kind is Kind.DATETIME


def test_choices_of_the_caller_are_followed() -> None:
    found = ProfileTable()(InBatches(FRAME, "t"), ColumnChoices(ignore=("amount",)))
    assert found.columns[1].role is Role.IGNORED


def test_quantiles_and_moments_are_those_of_the_finite_values() -> None:
    found = columns(pl.DataFrame({"x": [*map(float, range(101)), np.nan, np.inf]}))["x"]
    assert found.quantiles["p50"] == 50
    assert found.quantiles["p5"] == pytest.approx(5, abs=1)
    assert found.mean == pytest.approx(50)
    assert found.deviation == pytest.approx(np.std(np.arange(101)))


def test_a_histogram_has_twenty_bins_that_one_huge_value_does_not_flatten() -> None:
    histogram = columns(FRAME)["amount"].histogram
    assert histogram is not None
    assert len(histogram.counts) == 20
    assert sum(histogram.counts) == ROWS - 2
    assert histogram.high < 1_000
    assert sum(n > 0 for n in histogram.counts) > 10


@pytest.mark.parametrize("values", [[7.0] * 30, [1e308, -1e308] * 15])
def test_a_histogram_without_a_width_is_one_bin(values: list[float]) -> None:
    histogram = columns(pl.DataFrame({"x": values}))["x"].histogram
    assert histogram is not None
    assert histogram.counts == (30,)


def test_the_commonest_values_are_counted() -> None:
    top = columns(FRAME)["country"].top
    assert [value for value, _ in top] == ["DE", "FR"]
    assert top[0][1] == (FRAME["country"] == "DE").sum()
    assert columns(FRAME)["note"].top == ()


def test_empty_text_is_missing() -> None:
    found = columns(pl.DataFrame({"x": ["a", " ", "", None, "b"] * 4}))["x"]
    assert (found.missing, found.distinct) == (12, 2)


def test_values_of_every_type_have_a_profile() -> None:
    frame = pl.DataFrame(
        {
            "wide": pl.Series([2**100, 2**101, 5] * 20, dtype=pl.Int128),
            "far": pl.Series([2**64 - 1, 2**63, 5] * 20, dtype=pl.UInt64),
            "at": pl.Series([datetime(2024, 1, 1).time()] * 60),
            "for": pl.Series([timedelta(days=i) for i in range(60)]),
            "kind": pl.Series(["a", "b", "a"] * 20, dtype=pl.Enum(["a", "b"])),
            "raw": pl.Series([b"x"] * 60),
            "any": pl.Series([object()] * 60, dtype=pl.Object),
            "tiny": pl.Series([1e-310, 2e-310, 3e-310] * 20),
        }
    )
    found = columns(frame)
    assert list(found) == frame.columns
    assert (found["wide"].high, found["far"].high) == (2**101, 2**64 - 1)


def test_a_table_of_no_rows_has_a_profile() -> None:
    found = ProfileTable()(FrameTable(FRAME.head(0), "t"))
    assert found.rows == 0
    assert [c.distinct for c in found.columns] == [0] * FRAME.width
    assert len(view.rows(found)) == FRAME.width


def test_the_document_is_strict_json_with_its_schema() -> None:
    document = view.document(ProfileTable()(InBatches(FRAME, "t")))
    assert document["schema"] == "anom.dataset_profile/1"
    assert document["columns"][2]["top"][0]["value"] == "DE"
    assert '"role": "time"' in json_text(document)


def test_a_terminal_sees_shapes_and_commonest_values() -> None:
    by_column = {row["column"]: row for row in view.rows(ProfileTable()(InBatches(FRAME, "t")))}
    assert len(by_column["amount"]["values"]) == 20
    assert by_column["country"]["values"].startswith("DE 7")
    assert by_column["note"]["low"] == "text 0 of many"


def test_bars_are_relative_to_the_fullest_bin() -> None:
    assert view.sparkline(Histogram(0, 1, (0, 1, 50, 100))) == " ▁▅█"


def test_what_was_sampled_is_said() -> None:
    said = list(view.sentences(ProfileTable(50)(InBatches(FRAME, "t"))))
    assert said[0] == "t: 5,000 rows, 7 columns"
    assert "are of 50 rows chosen at random (seed 0)" in said[1]
    assert said[2].startswith("~ marks estimates")
