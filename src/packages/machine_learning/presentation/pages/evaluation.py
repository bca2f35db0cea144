"""The part of a model's page that says what a version is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from anomaly_detection.api import rarity_of
from core.domain.public_ids import shown
from core.presentation.charts.chart import Chart
from core.presentation.parts import EmptyState, Field, Link, Notice, Option, Tab, Table
from core.presentation.parts import Figure as Card
from core.presentation.visit import Visit
from machine_learning.api import ModelRegistry, ModelView, VersionView
from machine_learning.application.registry.ports import EvaluationView
from machine_learning.domain.cuts import MOST_CUTS
from machine_learning.presentation.pages.curve_charts import NARROW, CurveView, precision_chart, roc_chart
from machine_learning.presentation.pages.evaluated import FLAGGED_AT, Evaluated
from machine_learning.presentation.pages.evaluated_charts import (
    alert_chart,
    score_charts,
)
from machine_learning.presentation.pages.explanation import contributions_chart, counted_then, segments_table
from machine_learning.presentation.pages.shared import interval
from machine_learning.presentation.pages.threshold import (
    Choice,
    ThresholdPart,
    may_move,
    threshold_field,
    threshold_fields,
    threshold_href,
    threshold_part,
)

RECUT = Notice(
    title="Counts are read off the last measurement",
    text="The threshold was moved since. Of more than "
    f"{MOST_CUTS:,} rows, up to 0.5 % of the flagged ones may be missing from counts. Evaluate anew for all of them.",
)
FEW = 30  # anomalies; with fewer the curves jump with each of them
MOST_SOURCES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationPart:
    """``hidden``: what the form of the threshold hands on."""

    source: str
    sources: tuple[Tab, ...]
    few: Notice | None
    recut: Notice | None
    other: Notice | None
    figures: tuple[Card, ...]
    precision: Chart
    roc: Chart
    zoom: Link  # of the latter
    action: str
    hidden: tuple[tuple[str, str], ...]
    threshold: Field
    fields: tuple[Field, ...]
    result: ThresholdPart
    scores: tuple[Chart, ...]
    contributions: Chart | None
    segments: Table | None
    then: str  # of the segments, where the threshold was moved since


@dataclass(frozen=True, slots=True)
class UnmeasuredPart:
    """Of a version that no labels have measured."""

    empty: EmptyState
    alerts: Chart
    action: str  # of the form that moves the threshold; empty for who may not
    threshold: Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """What evaluations of versions are found with."""

    registry: ModelRegistry
    visit: Visit

    def of(self, version: VersionView) -> tuple[EvaluationView, ...]:
        """The newest first."""
        tenant_id = self.visit.actor.tenant_id
        found = self.registry.evaluations.evaluations(tenant_id, version.id, limit=MOST_SOURCES, cursor=None)
        return found.items

    def evaluated(self, version: VersionView, evaluation: EvaluationView | None) -> Evaluated | None:
        """None without one that is done."""
        if evaluation is None:
            return None
        cuts = partial(self.registry.evaluations.cuts, self.visit.actor.tenant_id, evaluation.id)
        return Evaluated.of(version, evaluation, cuts)

    def like(self, version: VersionView, measured: EvaluationView) -> Evaluated | None:
        """The version on the same rows where it was measured there, else on what it was measured on last."""
        done = [each for each in self.of(version) if each.document]
        same = [each for each in done if each.dataset_version_id == measured.dataset_version_id]
        return self.evaluated(version, next(iter(same or done), None))


def chosen_evaluation(evaluations: Sequence[EvaluationView], source: str) -> EvaluationView | None:
    """The one asked for, else the newest that is done."""
    done = [each for each in evaluations if each.document]
    return next((each for each in done if shown("evl", each.id) == source), next(iter(done), None))


def evaluation_part(
    visit: Visit,
    version: VersionView,
    evaluations: Sequence[EvaluationView],
    *,
    chosen: EvaluationView,
    one: Evaluated,
    beside: Evaluated | None,
    choice: Choice,
    others: tuple[Option, ...],
) -> EvaluationPart:
    compared = [one] if beside is None else [one, beside]
    view = CurveView(
        threshold=choice.threshold,
        widest=choice.widest,
        href=lambda score: visit.here(threshold=score, chart=None),
    )
    hidden = {"v": str(version.number), "source": shown("evl", chosen.id)}
    if choice.widest < 1:
        hidden["fpr"] = str(choice.widest)
    threshold, *fields = threshold_fields(choice, others)
    return EvaluationPart(
        source=one.source,
        sources=_sources(visit, evaluations, chosen),
        few=_few(one),
        recut=RECUT if one.is_recut and one.curve.rows > MOST_CUTS else None,
        other=_other_rows(one, beside),
        figures=_figures(one),
        precision=precision_chart(visit, compared, view=view),
        roc=roc_chart(visit, compared, view=view),
        zoom=_zoom(visit, choice),
        action=visit.url("models", version.model),
        hidden=tuple(hidden.items()),
        threshold=threshold,
        fields=tuple(fields),
        result=threshold_part(visit, version, one, choice, source=hidden["source"]),
        scores=score_charts(visit, one, threshold=choice.threshold),
        contributions=contributions_chart(visit, one),
        segments=segments_table(one),
        then=counted_then(one),
    )


def _zoom(visit: Visit, choice: Choice) -> Link:
    if choice.widest < 1:
        return Link("Show the whole curve", visit.here(fpr=None, chart=None) + "#roc")
    return Link(f"Look closely at false alarms up to {NARROW}", visit.here(fpr=NARROW, chart=None) + "#roc")


def unmeasured_part(visit: Visit, version: VersionView) -> UnmeasuredPart:
    actions = [Link("Label rows", visit.url("labels"))] if visit.may("labels:write") else []
    can_be_measured = version.state == "ready" and visit.may("models:evaluate")
    how = (
        "Evaluate the version on a labelled dataset below, or label rows of its runs. "
        if can_be_measured
        else ""
    )
    empty = EmptyState(
        code="learning",
        title="No labels, so no curves",
        text="Precision and recall need rows of which somebody has said what they are. "
        f"{how}What is known without labels is how many rows it flags.",
        actions=tuple(actions),
    )
    action = threshold_href(visit, version) if may_move(visit, version) else ""
    field = threshold_field(FLAGGED_AT, lowest=1, highest=99)
    return UnmeasuredPart(empty, alert_chart(visit, version, rarity_of), action, field)


def other_versions(model: ModelView, version: VersionView, chosen: int | None) -> tuple[Option, ...]:
    """To draw beside this one."""
    names = {number: alias for alias, number in model.aliases.items()}
    options = [Option("", "no other version", chosen is None)]
    for each in model.versions:
        if each.number != version.number:
            alias = f", {names[each.number]}" if each.number in names else ""
            options.append(Option(str(each.number), f"version {each.number}{alias}", each.number == chosen))
    return tuple(options)


def _sources(visit: Visit, evaluations: Sequence[EvaluationView], chosen: EvaluationView) -> tuple[Tab, ...]:
    tabs = []
    for each in evaluations:
        if each.document:
            where = "training rows" if each.document.get("on") else each.dataset
            text = f"{where} (n={each.document['rows']:,}, {each.document['anomalies']:,} anomalies)"
            tabs.append(Tab(text, visit.here(source=shown("evl", each.id)), each.id == chosen.id))
    return tuple(tabs)


def _few(one: Evaluated) -> Notice | None:
    anomalies = one.curve.anomalies
    if anomalies >= FEW:
        return None
    return Notice(
        kind="warning",
        title="Too few labels: the curves are indicative",
        text=f"{anomalies} anomalies are labelled; from {FEW} on one more or less changes little. Mind the intervals.",
    )


def _other_rows(one: Evaluated, beside: Evaluated | None) -> Notice | None:
    if beside is None:
        return None
    same = [one.document[name] == beside.document[name] for name in ("dataset", "number", "label")]
    if all(same):
        return None
    return Notice(
        kind="warning",
        title="The two versions were measured on different rows",
        text=f"Version {beside.number} on {beside.source}. Evaluate both on one dataset before you decide.",
    )


def _figures(one: Evaluated) -> tuple[Card, ...]:
    names = (
        ("PR AUC", "average_precision", "95 % bootstrap interval"),
        ("Precision", "precision", "as it is: score 80 and above"),
        ("Recall", "recall", "as it is: score 80 and above"),
        ("ROC AUC", "auroc", "95 % bootstrap interval"),
    )
    cards = []
    for name, key, note in names:
        estimate = one.metrics.get(key)
        if estimate is not None:
            bounds = interval(estimate).partition(" ")[2]
            cards.append(Card(name=name, value=f"{estimate['value']:.3g}", note=f"{bounds} {note}"))
    return tuple(cards)
