"""How the values of a column are spread: between equally wide steps of a scale, and over time."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from core.presentation.charts.chart import Chart, Histogram, Plot, Rule
from core.presentation.charts.scale import Scale as Axis
from core.presentation.charts.scale import Tick, short
from data_platform.presentation.pages.shared import figure
from data_platform.presentation.pages.shared import short as shortened

NUMBERS = ("Int", "UInt", "Float", "Decimal")
BINS, MOST_BUCKETS = 30, 40
MARKED = ("p1", "p50", "p99")
PLOT, LABEL_WIDTH = Plot(width=420), 34
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = 60, 3_600, 86_400
BUCKETS = {
    1: "second",
    MINUTE: "minute",
    5 * MINUTE: "5 minutes",
    15 * MINUTE: "15 minutes",
    HOUR: "hour",
    6 * HOUR: "6 hours",
    DAY: "day",
    7 * DAY: "7 days",
    30 * DAY: "30 days",
    90 * DAY: "90 days",
    365 * DAY: "365 days",
    3_650 * DAY: "3,650 days",
    36_500 * DAY: "36,500 days",
    365_000 * DAY: "365,000 days",
}
Count = Callable[[Sequence[float]], tuple[Sequence[int], Sequence[float]]]
"""The rows between edges, and those of the version before, as if it had as many."""


@dataclass(frozen=True, slots=True)
class Transform:
    """Where values lie on the axis, and back."""

    name: str
    to: Callable[[float], float]
    back: Callable[[float], float]


LINEAR = Transform("Linear", float, float)
LOG = Transform("Log", math.log10, lambda place: 10.0**place)
SYMLOG = Transform(
    "Symlog",
    lambda value: math.copysign(math.log10(1 + abs(value)), value),
    lambda place: math.copysign(10.0 ** abs(place) - 1, place),
)
SCALES = {"": LINEAR, "log": LOG, "symlog": SYMLOG}


def scales_of(column: Mapping[str, Any]) -> dict[str, Transform]:
    """Those that its values have a place on: a logarithm is of what is above 0. None of what is no number."""
    if column["histogram"] is None or not column["type"].startswith(NUMBERS):
        return {}
    return {key: each for key, each in SCALES.items() if key != "log" or column["low"] > 0}


def number_chart(
    column: Mapping[str, Any], scale: Transform, count: Count | None, *, before_label: str, csv_href: str
) -> Chart | None:
    """None where the values lie too far apart for the scale. Without ``count``, as the profile counted. The linear scale ends
    as the profile's does; on the others there is room for all values."""
    name, quantiles, found = column["column"], column["quantiles"], column["histogram"]
    is_linear = scale is LINEAR
    low, high = (found["low"], found["high"]) if is_linear else (column["low"], column["high"])
    low, high = scale.to(low), scale.to(high)
    if not low < high:
        margin = max(0.5, abs(low) * 1e-9)
        low, high = low - margin, high + margin
    if not math.isfinite(high - low):
        return None
    bins = BINS if count else len(found["counts"])
    places = [low + (high - low) * (i / bins) for i in range(bins + 1)]
    edges = [scale.back(place) for place in places]
    counts, before = count(edges) if count else (found["counts"], ())
    beyond = "; values beyond the ends are in the first and last bars" if is_linear else ""
    axis = Axis(low, high, *PLOT.across)
    chart = Histogram(
        id="spread",
        title=f"How {shortened(name)} is spread",
        answer=f"98 % of the values lie between {figure(quantiles['p1'])} and {figure(quantiles['p99'])}{beyond}.{_grey(before, before_label)}",
        edges=places,
        counts=counts,
        names=[f"{short(a)} to {short(b)}" for a, b in pairwise(edges)],
        before=before,
        before_label=before_label,
        x_label=name[:40],
        csv_href=csv_href,
        plot=PLOT,
    ).chart()
    if not is_linear:
        chart = replace(chart, x_ticks=_powers(scale, axis))
    return replace(chart, rules=_marks(quantiles, scale, axis))


def _powers(scale: Transform, axis: Axis) -> tuple[Tick, ...]:
    """Powers of ten as far apart as their names need."""
    values = sorted({0.0, *(sign * 10.0**n for n in range(-12, 19) for sign in (1, -1))})
    if scale is LOG:
        values = [value for value in values if value > 0]
    inside = [value for value in values if axis.low <= scale.to(value) <= axis.high]
    ticks: list[Tick] = []
    for value in inside:
        at = axis(scale.to(value))
        if not ticks or at - ticks[-1].at > 2 * LABEL_WIDTH:
            ticks.append(Tick(at, value, short(value)))
    return tuple(ticks)


def _marks(quantiles: Mapping[str, float], scale: Transform, axis: Axis) -> tuple[Rule, ...]:
    """Where there is room for their names."""
    rules: list[Rule] = []
    for mark in MARKED:
        at = axis(scale.to(quantiles[mark]))
        if at - (rules[-1].x1 if rules else PLOT.across[0]) > LABEL_WIDTH:
            rules.append(PLOT.upright(at, "quantile", mark))
    return tuple(rules)


def time_chart(column: Mapping[str, Any], count: Count, *, before_label: str, csv_href: str) -> Chart | None:
    """Rows per bucket; none where all are of one moment."""
    low, high = (_seconds(column[end]) for end in ("low", "high"))
    bucket = next((size for size in BUCKETS if (high - low) / size < MOST_BUCKETS), 0)
    if not low < high or not bucket:
        return None
    first = low // min(bucket, DAY) * min(bucket, DAY)
    edges = [first + bucket * i for i in range(int((high - first) // bucket) + 2)]
    counts, before = count(edges)
    moments = [EPOCH + timedelta(seconds=edge) for edge in edges[:-1]]
    pattern = "%Y-%m-%d" if bucket >= DAY else "%Y-%m-%d %H:%M" if bucket >= MINUTE else "%H:%M:%S"
    empty = sum(n == 0 for n in counts)
    axis = Axis(edges[0], edges[-1], *PLOT.across)
    ticks = "%Y-%m-%d" if high - low > 3 * DAY else "%d %b %H:%M" if bucket >= MINUTE else "%H:%M:%S"
    chart = Histogram(
        id="spread",
        title=f"Rows by {shortened(column['column'])}, per {BUCKETS[bucket]}",
        answer=f"{f'{empty} of {len(counts)} have no rows' if empty else 'Each has rows'}.{_grey(before, before_label)}",
        edges=edges,
        counts=counts,
        names=[moment.strftime(pattern) for moment in moments],
        before=before,
        before_label=before_label,
        x_label="UTC",
        csv_href=csv_href,
        plot=PLOT,
    ).chart()
    step = -(-len(counts) // 3)
    shown = [(edge, moment.strftime(ticks)) for edge, moment in zip(edges, moments, strict=False)][::step]
    return replace(chart, x_ticks=tuple(Tick(axis(edge), edge, text) for edge, text in shown))


def _grey(before: Sequence[float], label: str) -> str:
    return f" The grey line is {label}, as if it had as many rows." if before else ""


def _seconds(stored: str) -> float:
    """Of a stored time; one without a zone is as it stands."""
    moment = datetime.fromisoformat(stored)
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH).total_seconds()
