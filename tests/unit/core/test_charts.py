"""Drawings say what their tables say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.presentation.charts.chart import Histogram
from core.presentation.charts.curve import Curve, CurveChart, SeriesChart
from core.presentation.charts.scale import Scale, short
from core.presentation.charts.scatter import Mark, ScatterChart
from core.presentation.charts.thinning import MOST_POINTS, thinned


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_few_round_and_within_the_scale(low: float, width: float) -> None:
    scale = Scale.of([low, low + width], 0, 100)
    ticks = scale.ticks()
    assert len(ticks) <= 6
    assert all(-0.1 <= tick.at <= 100.1 for tick in ticks)


def test_a_spike_of_one_point_in_millions_is_drawn_at_every_zoom() -> None:
    n, spike = 3_600_000, 1_234_567
    x = np.arange(n, dtype=float)
    y = np.sin(x / 1000)
    y[spike] = 40.0
    for reach in (n, 500_000, 20_000, 3_000):
        first = max(0, spike - reach // 3)
        part = slice(first, first + reach)
        kept = thinned(x[part], y[part])
        assert len(kept) <= MOST_POINTS
        assert y[part][kept].max() == 40.0


def test_thinning_keeps_ends_extremes_gaps_and_anomalies() -> None:
    random = np.random.default_rng(0)
    x, y = np.arange(100_000.0), random.normal(size=100_000)
    y[40_000:41_000] = np.nan
    flagged = np.zeros(100_000, dtype=bool)
    flagged[[17, 60_000]] = True
    kept = thinned(x, y, keep=flagged)
    assert {0, 17, 60_000, 99_999} <= set(kept.tolist())
    assert np.nanmin(y[kept]) == np.nanmin(y)
    assert np.nanmax(y[kept]) == np.nanmax(y)
    assert np.isnan(y[kept]).any()
    assert (np.diff(kept) > 0).all()


def test_a_histogram_has_a_row_for_each_bar_and_marks_the_threshold() -> None:
    chart = Histogram(
        id="h", title="How do scores spread?", answer="Most are low.", edges=[0, 50, 80, 100], counts=[900, 90, 10],
        x_label="score", threshold=80, logarithmic=True,
    ).chart()  # fmt: skip
    assert chart.twin.rows == (("0 to 50", "900"), ("50 to 80", "90"), ("80 to 100", "10"))
    assert len(chart.bars) == 3
    assert chart.bars[0].y < chart.bars[1].y < chart.bars[2].y
    assert chart.rules[0].x1 == chart.bars[2].x


def test_an_empty_bin_has_no_bar_but_a_row() -> None:
    chart = Histogram(id="h", title="?", answer="", edges=[0, 1, 2], counts=[0, 4], x_label="x").chart()
    assert (len(chart.bars), chart.points) == (1, 2)


def test_a_gap_breaks_the_line() -> None:
    chart = SeriesChart(
        id="s", title="?", answer="", x=np.arange(5.0), y=np.array([1, 2, np.nan, 2, 1.0]),
        severity=np.array([0, 0, 0, 4, 0]),
    ).chart()  # fmt: skip
    assert chart.lines[0].d.count("M") == 2
    assert [marker.severity for marker in chart.markers] == [4]
    assert chart.points == 5


def test_curves_share_axes_and_the_table_has_a_column_each() -> None:
    chart = CurveChart(
        id="pr", title="How precise?", answer="", x_label="recall", y_label="precision",
        curves=[Curve("v2", [0, 0.5, 1], [1, 0.8, 0.1]), Curve("v1", [0, 1], [1, 0.2])],
        x_range=(0, 1), y_range=(0, 1),
    ).chart()  # fmt: skip
    assert chart.twin.headers == ("recall", "v2", "v1")
    assert chart.twin.rows[1] == ("0.5", "0.8", "0.6")
    assert [line.dash for line in chart.lines] == [0, 1]


def test_marks_are_drawn_over_the_dots_the_most_severe_last_and_make_the_table() -> None:
    marks = [Mark(9, 1, 4, "Row 5", "/rows/5"), Mark(4, 2, 2, "Row 7")]
    chart = ScatterChart(
        id="map", title="Where?", answer="", dots=np.random.default_rng(0).normal(size=(1_900, 2)), marks=marks,
        x_label="axis 1", y_label="axis 2", mark_label="row", downsampled_from=100_000,
    ).chart()  # fmt: skip
    assert [(marker.severity, marker.href) for marker in chart.markers] == [(2, ""), (4, "/rows/5")]
    assert chart.twin.rows == (("Row 5", "9", "1"), ("Row 7", "4", "2"))
    assert len(chart.lines) == 1
    assert chart.lines[0].d.count("M") == 1_900
    assert chart.has_links
    assert (chart.points, chart.downsampled_from) == (2, 100_000)


def test_a_plane_without_a_point_is_empty() -> None:
    chart = ScatterChart(
        id="map", title="Where?", answer="", dots=np.empty((0, 2)), marks=[], x_label="x", y_label="y", mark_label="row",
    ).chart()  # fmt: skip
    assert (chart.lines, chart.markers, chart.points) == ((), (), 0)
    assert not chart.has_links


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234, "1.23k"), (-2_500_000, "-2.5M"), (0.02, "0.02"), (0.00001, "1.0e-05")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert short(value) == text
