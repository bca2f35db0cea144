"""A version's evaluation as charts: what a threshold costs, how labelled rows score."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from operator import neg
from typing import Any

from core.presentation.charts.chart import Chart, Histogram
from core.presentation.charts.curve import Curve, CurveChart
from core.presentation.visit import Visit
from machine_learning.api import VersionView
from machine_learning.domain.score_curve import WHOLE, Costs, ScoreCurve
from machine_learning.presentation.pages.evaluated import FLAGGED_AT, Evaluated

BINS = tuple(range(0, WHOLE + 1, 5))


def cost_chart(visit: Visit, one: Evaluated, costs: Costs, *, threshold: float) -> Chart:
    """From the score on at which it costs little enough to be looked at."""
    curve = one.curve
    nothing = 1_000 * curve.anomalies * costs.false_negative / curve.rows
    cheapest = curve.cheapest(costs)
    now = curve.cost(FLAGGED_AT / WHOLE, costs)
    limit = 1.5 * max(nothing, now, curve.cost(threshold, costs))
    values = [(number, curve.cost(number / WHOLE, costs)) for number in range(WHOLE + 1)]
    shown = [(x, y) for x, y in values if y <= limit or x >= 100 * min(threshold, cheapest)] or values
    least = curve.cost(cheapest, costs)
    return CurveChart(
        id="cost",
        title="What does a threshold cost?",
        answer=f"Per 1,000 rows: {_amount(now)} now, {_amount(curve.cost(threshold, costs))} as chosen, {_amount(least)} at "
        f"the cheapest, score {100 * cheapest:g}. Flagging nothing costs {_amount(nothing)}.",
        curves=[Curve("cost", [x for x, _ in shown], [y for _, y in shown])],
        x_label="threshold (score)",
        y_label="cost per 1,000 rows",
        y_range=(0, max([y for _, y in shown] + [nothing]) or 1),
        level=(nothing, "flag nothing"),
        marks=marks(threshold, cheapest),
        csv_href=visit.here(chart="cost"),
    ).chart()


def _amount(cost: float) -> str:
    """Three significant digits, and no fewer than the whole ones."""
    return f"{cost:,.0f}" if cost >= 100 else f"{cost:.3g}"


def marks(threshold: float, cheapest: float) -> list[tuple[float, str]]:
    """Thresholds that are the same share a mark."""
    named: dict[float, list[str]] = {}
    for value, name in ((FLAGGED_AT, "now"), (100 * threshold, "chosen"), (100 * cheapest, "cheapest")):
        named.setdefault(round(value, 1), []).append(name)
    return [(value, ", ".join(names)) for value, names in named.items()]


def score_charts(visit: Visit, one: Evaluated, *, threshold: float) -> tuple[Chart, ...]:
    """How anomalies and normal rows score."""
    kinds = (
        ("anomalies", "How do the anomalies score?", one.curve.true_positives),
        ("normal", "How do the normal rows score?", one.curve.false_positives),
    )
    return tuple(
        _scores(visit, id_, title, counts_between(one.curve, cumulative), threshold)
        for id_, title, cumulative in kinds
    )


def counts_between(curve: ScoreCurve, cumulative: Sequence[int]) -> list[int]:
    """Rows in each bin; the last one holds the score of 100."""
    places = [bisect_right(curve.thresholds, -edge / WHOLE, key=neg) - 1 for edge in BINS[:-1]]
    above = [cumulative[place] for place in places] + [0]
    return [a - b for a, b in pairwise(above)]


def _scores(visit: Visit, id_: str, title: str, counts: list[int], threshold: float) -> Chart:
    total = sum(counts)
    flagged = sum(n for n, edge in zip(counts, BINS, strict=False) if edge >= FLAGGED_AT)
    return Histogram(
        id=id_,
        title=title,
        answer=f"{flagged:,} of {total:,} score {FLAGGED_AT} and above.",
        edges=BINS,
        counts=counts,
        x_label="score",
        kinds=["none" if edge < FLAGGED_AT else kind(edge) for edge in BINS[:-1]],
        logarithmic=max(counts, default=0) > 100,
        threshold=100 * threshold,
        csv_href=visit.here(chart=id_),
    ).chart()


def kind(edge: int) -> str:
    """The severity of scores from ``edge`` on, by the default cut-offs."""
    return "critical" if edge >= 95 else "high" if edge >= 90 else "medium"


def alert_chart(visit: Visit, version: VersionView, rarity_of: Any) -> Chart:
    """Without labels: how many rows like the training rows each threshold would flag."""
    rate = version.alert_rate
    numbers = list(range(70, WHOLE + 1))
    shares = [1_000 * rarity_of(rate, number / WHOLE) for number in numbers]
    return CurveChart(
        id="alerts",
        title="How many rows would a threshold flag?",
        answer=f"At {FLAGGED_AT}, as it is: {1_000 * rate:.3g} of 1,000 rows like those it learned from.",
        curves=[Curve("rows flagged", numbers, shares)],
        x_label="threshold (score)",
        y_label="rows flagged per 1,000",
        marks=[(FLAGGED_AT, "now")],
        csv_href=visit.here(chart="alerts"),
    ).chart()
