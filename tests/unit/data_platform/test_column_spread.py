"""Where the values of a column lie on a scale, however odd they are."""

from collections.abc import Sequence
from typing import Any

import pytest

from data_platform.presentation.pages.column_spread import SCALES, number_chart, scales_of, time_chart


def column(low: Any, high: Any, type_: str = "Float64") -> dict[str, Any]:
    quantiles = {"p1": low, "p50": low, "p99": high}
    histogram = {"low": low, "high": high, "counts": [1] * 20}
    return {
        "column": "a",
        "type": type_,
        "low": low,
        "high": high,
        "quantiles": quantiles,
        "histogram": histogram,
    }


def counted(edges: Sequence[float]) -> tuple[Sequence[int], Sequence[float]]:
    return [1] * (len(edges) - 1), [0.5] * (len(edges) - 1)


@pytest.mark.parametrize(
    ("low", "high", "scales"),
    [
        (1.0, 1_000.0, {"", "log", "symlog"}),
        (0, 10, {"", "symlog"}),
        (-5.0, -1.0, {"", "symlog"}),
        (7, 7, {"", "log", "symlog"}),
        (2**62, 2**62 + 3, {"", "log", "symlog"}),
        (0.0, 1e-300, {"", "symlog"}),
        (1.0, 1e308, {"", "log", "symlog"}),
    ],
)
def test_numbers_are_drawn_on_the_scales_they_have_a_place_on(
    low: float, high: float, scales: set[str]
) -> None:
    numbers = column(low, high)
    assert scales_of(numbers).keys() == scales
    for key in scales:
        chart = number_chart(numbers, SCALES[key], counted, before_label="version 1", csv_href="")
        assert chart is not None
        assert (chart.points, len(chart.bars), len(chart.lines)) == (30, 30, 1)
        assert chart.twin.headers[-1] == "version 1"


def test_numbers_too_far_apart_for_a_scale_are_drawn_on_another() -> None:
    far = column(-1e308, 1e308)
    assert number_chart(far, SCALES[""], counted, before_label="", csv_href="") is None
    assert number_chart(far, SCALES["symlog"], counted, before_label="", csv_href="") is not None


def test_what_is_no_number_keeps_the_profiles_own_counts() -> None:
    texts = column(0.0, 9.0, "String")
    assert scales_of(texts) == {}
    chart = number_chart(texts, SCALES[""], None, before_label="", csv_href="")
    assert chart is not None
    assert (chart.points, chart.lines) == (20, ())


@pytest.mark.parametrize(
    ("low", "high", "per"),
    [
        ("2025-12-31T10:00:00", "2025-12-31T10:00:30", "second"),
        ("2025-12-31T10:00:00+00:00", "2025-12-31T18:00:00+00:00", "15 minutes"),
        ("2025-01-01", "2025-03-01", "7 days"),
        ("0001-01-01", "9999-12-31", "365,000 days"),
    ],
)
def test_rows_are_counted_per_a_time_that_leaves_few_bars(low: str, high: str, per: str) -> None:
    chart = time_chart(column(low, high, "Date"), counted, before_label="", csv_href="")
    assert chart is not None
    assert chart.title.endswith(f"per {per}")
    assert 2 <= chart.points <= 40
    assert len(chart.x_ticks) <= 3
