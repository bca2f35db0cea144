"""What a threshold would do among labelled rows, in words and figures."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from anomaly_detection.api import InvalidThreshold, rate_at_score
from core.domain.errors import BadRequest
from core.domain.wording import rounded
from core.presentation.charts.chart import Chart
from core.presentation.parts import Button, Column, Field, Option, Row, Table, Text
from core.presentation.visit import Visit
from machine_learning.api import Confusion, VersionView
from machine_learning.domain.score_curve import WHOLE, Costs
from machine_learning.presentation.pages.curve_charts import NARROW
from machine_learning.presentation.pages.evaluated import FLAGGED_AT, Evaluated
from machine_learning.presentation.pages.evaluated_charts import cost_chart
from machine_learning.presentation.pages.shared import may_train, percent

Figure = Annotated[str, Query(max_length=20)]
Zoom = Annotated[str, Query(pattern=rf"^({NARROW})?$")]
DEAREST = 1e9


class UnusableFigure(BadRequest):
    title = "That is no number we can use"


@dataclass(frozen=True, slots=True)
class Choice:
    """``threshold``: a score in [0, 1]; ``widest``: the share of false alarms up to which they are drawn."""

    threshold: float
    costs: Costs
    widest: float = 1.0

    @property
    def score(self) -> int:
        return round(100 * self.threshold)


async def asked_choice(
    threshold: Figure = "", cost_fp: Figure = "", cost_fn: Figure = "", fpr: Zoom = ""
) -> Choice:
    """Empty fields mean what they showed at first. Raises UnusableFigure."""
    score = round(figure("threshold", threshold, FLAGGED_AT, highest=WHOLE))
    return Choice(
        score / WHOLE,
        Costs(
            false_positive=figure("cost_fp", cost_fp, 1, highest=DEAREST),
            false_negative=figure("cost_fn", cost_fn, 20, highest=DEAREST),
        ),
        float(fpr or 1),
    )


def figure(name: str, text: str, usual: float, *, highest: float) -> float:
    try:
        value = float(text.replace(",", ".")) if text.strip() else usual
    except ValueError:
        raise UnusableFigure(f"{name} is {text[:20]!r}.", fix="Write a number.") from None
    if not 0 <= value <= highest:
        raise UnusableFigure(f"{name} is {text[:20]}.", fix=f"It lies between 0 and {highest:g}.")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdPart:
    """``sentence`` says all; ``apply_href`` leads to the question whether to keep it, ``train_href`` to a training with this
    alert rate."""

    sentence: str
    compared: str
    confusion: Table
    cost: Chart
    apply_href: str
    train_href: str


def threshold_fields(choice: Choice, others: tuple[Option, ...]) -> tuple[Field, ...]:
    """The first one is the threshold."""
    costs = choice.costs
    return (
        threshold_field(choice.score),
        Field(
            name="cost_fp",
            label="Cost of a false alarm",
            kind="number",
            value=f"{costs.false_positive:g}",
            lowest="0",
            step="any",
        ),
        Field(
            name="cost_fn",
            label="Cost of a missed anomaly",
            kind="number",
            value=f"{costs.false_negative:g}",
            lowest="0",
            step="any",
        ),
        Field(name="vs", label="Beside", kind="select", options=others),
    )


def threshold_field(score: int, *, lowest: int = 0, highest: int = WHOLE) -> Field:
    return Field(
        name="threshold",
        label="Threshold (score)",
        kind="number",
        value=str(score),
        lowest=str(lowest),
        highest=str(highest),
        step="1",
    )


def threshold_part(
    visit: Visit, version: VersionView, one: Evaluated, choice: Choice, *, source: str
) -> ThresholdPart:
    """``source``: the evaluation's id, as it stands in addresses."""
    found, now = one.curve.at(choice.threshold), one.curve.at(FLAGGED_AT / WHOLE)
    return ThresholdPart(
        sentence=_sentence(found, choice, one.curve.rows) + _pace(found, one.days),
        compared=_compared(found, now) + _out_of_reach(version, choice),
        confusion=_confusion(found),
        cost=cost_chart(visit, one, choice.costs, threshold=choice.threshold),
        apply_href=_apply_href(visit, version, choice, source),
        train_href=_train_href(visit, version, choice),
    )


def _sentence(found: Confusion, choice: Choice, rows: int) -> str:
    flagged = found.true_positives + found.false_positives
    anomalies = found.true_positives + found.false_negatives
    if not flagged:
        return f"From a score of {choice.score} on, none of {rows:,} rows is flagged: all {anomalies:,} anomalies are missed."
    wrong = f"{found.false_positives:,} of them wrongly" if found.false_positives else "none of them wrongly"
    missed = (
        f"{found.false_negatives:,} of {anomalies:,} anomalies" if found.false_negatives else "no anomaly"
    )
    return (
        f"From a score of {choice.score} on, {flagged:,} of {rows:,} rows are flagged ({percent(flagged / rows)}), "
        f"{wrong}; {missed} would be missed."
    )


def _pace(found: Confusion, days: float | None) -> str:
    """Empty where the rows tell nothing of time."""
    if days is None:
        return ""
    alerts = (found.true_positives + found.false_positives) / days
    return f" You would see {rounded(alerts)} alerts a day, {rounded(found.false_positives / days)} of them false."


def _compared(found: Confusion, now: Confusion) -> str:
    gained = found.true_positives - now.true_positives
    alarms = found.false_positives - now.false_positives
    if not (gained or alarms):
        return f"The same as now, at {FLAGGED_AT}."
    return f"Beside now, at {FLAGGED_AT}: {gained:+,} anomalies found, {alarms:+,} false alarms."


def _out_of_reach(version: VersionView, choice: Choice) -> str:
    """Why it cannot be applied; empty where it can, or is so."""
    if choice.score == FLAGGED_AT or _wished_rate(version, choice) is not None:
        return ""
    return " It cannot be applied: it would flag more than half of usual rows, or next to none."


def _confusion(found: Confusion) -> Table:
    rows = (
        ("Anomalies", found.true_positives, "found", found.false_negatives, "missed"),
        (
            "Normal rows",
            found.false_positives,
            _alarms(found.false_positives),
            found.true_negatives,
            "rightly left alone",
        ),
    )
    return Table(
        id="confusion",
        caption="Labelled rows by what they are and whether they would be flagged",
        columns=(Column("Rows"), Column("Flagged"), Column("Not flagged")),
        rows=tuple(
            Row(f"confusion-{at}", (Text(name), Text(f"{yes:,} {flagged}"), Text(f"{no:,} {left}")))
            for at, (name, yes, flagged, no, left) in enumerate(rows)
        ),
    )


def _alarms(count: int) -> str:
    return "false alarm" if count == 1 else "false alarms"


def undo_of(visit: Visit, version: VersionView) -> Button | None:
    """Of the last move of the version's threshold."""
    if version.previous_alert_rate is None or not may_move(visit, version):
        return None
    return Button(
        text=f"Undo: flag {percent(version.previous_alert_rate)} again",
        action=threshold_href(visit, version, "undo"),
        values=(("read", str(version.version)),),
    )


def may_move(visit: Visit, version: VersionView) -> bool:
    return visit.may("models:write") and version.state == "ready"


def threshold_href(visit: Visit, version: VersionView, *steps: str, **query: object) -> str:
    return visit.url("models", version.model, "versions", str(version.number), "threshold", *steps, **query)


def _apply_href(visit: Visit, version: VersionView, choice: Choice, source: str) -> str:
    """Empty for who may not, and where it is there already or cannot be."""
    if not may_move(visit, version) or _wished_rate(version, choice) is None:
        return ""
    return threshold_href(visit, version, threshold=choice.score, source=source)


def _train_href(visit: Visit, version: VersionView, choice: Choice) -> str:
    """Empty where there is nothing to train on as well."""
    rate = _wished_rate(version, choice)
    if rate is None or not may_train(visit) or version.dataset is None:
        return ""
    return visit.url(
        "models", "new", of=f"{version.model}:{version.number}", contamination=f"{100 * rate:.3g}"
    )


def _wished_rate(version: VersionView, choice: Choice) -> float | None:
    """None for the threshold in force, and for one that would flag more than half or less than anything."""
    if choice.score == FLAGGED_AT:
        return None
    try:
        return rate_at_score(version.alert_rate, choice.threshold)
    except InvalidThreshold:
        return None
