"""The numbers on top of the overview: each compares, shows its course, and leads to the list behind it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from anomaly_detection.api import Precision
from core.domain.wording import count, listed, share
from core.presentation.parts import Figure, Spark
from core.presentation.visit import Visit
from interfaces.application.overview import Overview

NAMED = 3  # of the detectors that fail
UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


def figures(visit: Visit, seen: Overview, words: str) -> Iterator[Figure]:
    """``words`` say how long the range is."""
    severe = " · ".join(f"{name[0].upper()}\u00a0{n:,}" for name, n in seen.by_severity.items() if n)
    yield Figure(
        name="Anomalies",
        value=f"{seen.now.anomalies:,}",
        note=f"{severe or 'none'}; {compared(seen, change(seen.now.anomalies, seen.before.anomalies), words)}",
        href=visit.url("runs", state="succeeded"),
        spark=spark([step.anomalies for step in seen.per_step], f"Anomalies over the {words}"),
    )
    yield rate_figure(visit, seen, words)
    if visit.may("detectors:read"):
        yield detectors_figure(visit, seen, words)
    yield freshness_figure(visit, seen)
    if visit.may("labels:read"):
        yield Figure(
            name="Label precision",
            value="-" if seen.precision.value is None else share(seen.precision.value),
            note=precision_note(seen.precision),
            href=visit.url("labels"),
            spark=spark(seen.labels_per_step, "Labels given over 30 days"),
        )


def rate_figure(visit: Visit, seen: Overview, words: str) -> Figure:
    rate, before = seen.now.rate, seen.before.rate
    earlier = f"{'no rows scored' if before is None else share(before)} in"
    return Figure(
        name="Anomaly rate",
        value="-" if rate is None else share(rate),
        note=f"of {seen.now.rows:,} rows in {count(seen.now.runs, 'run')}; {compared(seen, earlier, words)}",
        href=visit.url("runs"),
        spark=spark([step.rate or 0.0 for step in seen.per_step], f"Anomaly rate over the {words}"),
    )


def detectors_figure(visit: Visit, seen: Overview, words: str) -> Figure:
    health = seen.detectors
    failing = listed(health.failing, most=NAMED)
    idle = f"{health.idle:,} never run" if health.idle else "all have run"
    return Figure(
        name="Detectors healthy",
        value=f"{health.ran - len(health.failing):,}/{health.ran:,}",
        note=f"failing: {failing}" if failing else idle if health.ran or health.idle else "none yet",
        href=visit.url("detectors"),
        spark=spark(seen.failed_per_step, f"Failed runs over the {words}"),
    )


def freshness_figure(visit: Visit, seen: Overview) -> Figure:
    name, stored_at = seen.oldest or ("", None)
    return Figure(
        name="Data freshness",
        value=lag(visit.site.clock(), stored_at) if stored_at else "-",
        note=f"{name} waited longest, of {count(seen.datasets, 'dataset')}" if stored_at else "no rows yet",
        href=visit.url("datasets"),
    )


def compared(seen: Overview, earlier: str, words: str) -> str:
    return "no more runs are counted" if seen.is_cut else f"{earlier} the {words} before"


def change(now: int, before: int) -> str:
    if now == before:
        return "as many as in"
    return f"{abs(now - before):,} {'more' if now > before else 'fewer'} than in"


def spark(values: Sequence[float], label: str) -> Spark:
    most = max(values, default=0) or 1
    return Spark(tuple(value / most for value in values), label)


def lag(now: datetime, since: datetime) -> str:
    """In the largest unit that fits: 3 h."""
    for unit, length in UNITS:
        if now - since >= length:
            return f"{(now - since) // length:,} {unit}"
    return "now"


def precision_note(precision: Precision) -> str:
    if precision.interval is None:
        return "no labels in 30 days: label rows of a run"
    low, high = precision.interval
    return f"of {count(precision.judged, 'label')} in 30 days; 95 % within {share(low)} to {share(high)}"
