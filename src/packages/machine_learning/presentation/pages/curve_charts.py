"""A version's curves: precision over recall, recall over false alarms, and the table of both by threshold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.presentation.charts.chart import Chart, Plot, Rule, TableTwin
from core.presentation.charts.curve import Curve, CurveChart
from core.presentation.charts.scale import Scale, short
from core.presentation.visit import Visit
from machine_learning.domain.score_curve import WHOLE
from machine_learning.presentation.pages.evaluated import Evaluated
from machine_learning.presentation.pages.shared import interval

BAND = "bands: 95 % Wilson intervals"
SCORES = tuple(range(0, WHOLE + 1, 5))  # of the tables
NARROW = 0.05  # share of false alarms up to which the curve is drawn where it is looked at closely
Place = Callable[[Evaluated, float], tuple[float, float | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveView:
    """``threshold`` is marked; ``href`` leads to another one, by its score."""

    threshold: float | None = None
    widest: float = 1.0  # share of false alarms
    href: Callable[[int], str]


def precision_chart(visit: Visit, shown: Sequence[Evaluated], *, view: CurveView) -> Chart:
    """Of up to four versions; a band for the first one alone where there are more."""
    first, chosen = shown[0], None
    prevalence = first.curve.anomalies / first.curve.rows
    if view.threshold is not None:
        recall, precision = recall_and_precision(first, view.threshold)
        chosen = None if precision is None else (recall, precision, score_text(view.threshold))
    chart = CurveChart(
        id="precision",
        title="Of what it flags, how much is right?",
        answer=f"PR AUC {interval(first.document['average_precision'])}; {BAND}.",
        curves=first_with_band([one.precision_over_recall() for one in shown]),
        x_label="recall: share of the anomalies it finds",
        y_label="precision",
        x_range=(0, 1),
        y_range=(0, 1),
        steps_back=True,
        level=(prevalence, f"chance: {prevalence:.3g}"),
        chosen=chosen,
        csv_href=visit.here(chart="precision"),
    ).chart()
    return with_thresholds(chart, shown, ("recall", "precision"), recall_and_precision, view)


def roc_chart(visit: Visit, shown: Sequence[Evaluated], *, view: CurveView) -> Chart:
    first, chosen = shown[0], None
    if view.threshold is not None:
        place = false_alarms_and_recall(first, view.threshold)
        chosen = (*place, score_text(view.threshold)) if place[0] <= view.widest else None
    curves = first_with_band([cut_at(one.recall_over_false_alarms(), view.widest) for one in shown])
    chart = CurveChart(
        id="roc",
        title="How many false alarms for the anomalies it finds?",
        answer=f"ROC AUC {interval(first.document['auroc'])}; {BAND}. Rare anomalies make it look good.",
        curves=curves,
        x_label="share of normal rows flagged",
        y_label="recall",
        x_range=(0, view.widest),
        y_range=(0, 1),
        chosen=chosen,
        csv_href=visit.here(chart="roc"),
    ).chart()
    plot = Plot()
    y = Scale(0, 1, *plot.up)
    chance = Rule(plot.across[0], y(0), plot.across[1], y(view.widest), "level", "chance")
    chart = replace(chart, rules=(*chart.rules, chance))
    return with_thresholds(chart, shown, ("false alarms", "recall"), false_alarms_and_recall, view)


def recall_and_precision(one: Evaluated, threshold: float) -> tuple[float, float | None]:
    """No precision where nothing is flagged."""
    found = one.curve.at(threshold)
    flagged = found.true_positives + found.false_positives
    return found.true_positives / one.curve.anomalies, found.true_positives / flagged if flagged else None


def false_alarms_and_recall(one: Evaluated, threshold: float) -> tuple[float, float]:
    found = one.curve.at(threshold)
    return found.false_positives / one.curve.normal, found.true_positives / one.curve.anomalies


def with_thresholds(
    chart: Chart, shown: Sequence[Evaluated], names: tuple[str, str], place: Place, view: CurveView
) -> Chart:
    """The table by threshold instead of by point; each threshold is a link that tries it."""
    of = ["", *(f"{one.name}, " for one in shown[1:])]
    headers = ("threshold (score)", *(f"{which}{name}" for which in of for name in names))
    x = Scale(0, view.widest, *Plot().across)
    rows, exact, places = [], [], []
    for score in SCORES:
        values = [place(one, score / WHOLE) for one in shown]
        digits = [v for pair in values for v in pair]
        exact.append((score, *digits))
        rows.append((str(score), *("" if v is None else short(v) for v in digits)))
        places.append(x(min(values[0][0], view.widest)))
    hrefs = tuple(view.href(score) for score in SCORES)
    twin = TableTwin(headers, tuple(rows), hrefs, exact=tuple(exact))
    return replace(chart, twin=twin, places=tuple(places))


def cut_at(curve: Curve, widest: float) -> Curve:
    """Up to that x, and right to it."""
    inside = [at for at, x in enumerate(curve.x) if x < widest]
    lines = [
        [*(line[at] for at in inside), float(np.interp(widest, curve.x, line))]
        for line in (curve.y, curve.low, curve.high)
    ]
    return Curve(curve.name, [*(curve.x[at] for at in inside), widest], *lines)


def score_text(threshold: float) -> str:
    return f"score {100 * threshold:g} and above"


def first_with_band(curves: Sequence[Curve]) -> list[Curve]:
    """Several bands would hide each other."""
    return [*curves[:1], *(Curve(curve.name, curve.x, curve.y) for curve in curves[1:])]
