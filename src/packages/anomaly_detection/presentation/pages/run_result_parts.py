"""Parts of the page of a run's result: the answer, the distribution of scores, what another threshold would do, facets."""

from collections.abc import Sequence
from dataclasses import dataclass

from anomaly_detection.application.explanations.row_facets import ColumnFacets, RunFacets
from anomaly_detection.application.runs.look_at_result import ScoreCounts
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.domain.explanation import number, percent
from anomaly_detection.domain.explanations.choice import BETWEEN, MISSING, text_of
from anomaly_detection.domain.explanations.lift import Facet as Lift
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.domain.runs.cut import InvalidThreshold, rate_at_score
from anomaly_detection.domain.severity import Severity, SeverityCutOffs
from anomaly_detection.presentation.pages.run_result_query import (
    THRESHOLD,
    ResultQuery,
    facet_parts,
    facet_text,
    score_text,
)
from core.domain.wording import between
from core.presentation.charts.chart import Chart, Histogram, Plot
from core.presentation.parts import Facet, Link
from core.presentation.visit import Visit

BINS = 50
WIDE = Plot(800, 150)
SHOWN_VALUES = 6
LONGEST = 60  # characters of a facet's value


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What the chosen score would do as the threshold. ``can_apply``: it can be one."""

    words: str
    can_apply: bool


def answer_of(run: RunView, counts: ScoreCounts, asked: ResultQuery, *, usual: Sequence[float]) -> str:
    """``usual``: shares of flagged rows in other runs of the same detector."""
    rows, n = run.rows or 0, counts.at_least(asked.score_gte)
    share = percent(n / rows) if rows else "0 %"
    words = f"{n:,} of {rows:,} rows ({share}) {'scores' if n == 1 else 'score'} {score_text(asked.min_score)} or more."
    if len(usual) < 3:
        return words
    return f"{words} Usual for this detector: {between(percent(min(usual)), percent(max(usual)))}."


def chart_of(visit: Visit, run: RunView, counts: ScoreCounts, asked: ResultQuery) -> Chart:
    edges = [100 * i / BINS for i in range(BINS + 1)]
    return Histogram(
        id="scores",
        title="How do the rows score?",
        answer=_flagged_words(run.anomalies or 0),
        edges=edges,
        counts=counts.binned(BINS),
        x_label="score",
        kinds=[_kind(low, asked, run.cut_offs) for low in edges[:-1]],
        logarithmic=True,
        threshold=asked.min_score,
        csv_href=visit.here(chart="scores"),
        plot=WIDE,
    ).chart()


def _flagged_words(n: int) -> str:
    return (
        "1 row scores 80 or more: it is flagged."
        if n == 1
        else f"{n:,} rows score 80 or more: these are flagged."
    )


def _kind(low: float, asked: ResultQuery, cut_offs: SeverityCutOffs) -> str:
    """Bars below the chosen score are grey."""
    if low + 100 / BINS <= asked.min_score:
        return Severity.NONE.value
    return cut_offs.of((low + 0.5) / 100).value


def effect_of(run: RunView, counts: ScoreCounts, asked: ResultQuery) -> Effect | None:
    """None at the threshold itself."""
    if asked.min_score == THRESHOLD or run.alert_rate is None:
        return None
    before, after = run.anomalies or 0, counts.at_least(asked.score_gte)
    change = after - before
    words = f"{abs(change):,} {'more' if change > 0 else 'fewer'} than now" if change else "as many as now"
    said = f"As the threshold, {score_text(asked.min_score)} would flag {after:,} rows: {words}."
    try:
        if not 0 < asked.score_gte < 1:
            return Effect(words="No threshold can be at the end of the scale.", can_apply=False)
        rate_at_score(run.alert_rate, asked.score_gte)
    except InvalidThreshold as error:
        return Effect(words=f"{said} It cannot be one. {error.fix}", can_apply=False)
    return Effect(words=said, can_apply=True)


def precision_text(found: Precision | None) -> str:
    if found is None or found.value is None or found.interval is None:
        return "No precision yet: label flagged rows as true or false positive."
    low, high = found.interval
    labels = "1 label" if found.judged == 1 else f"{found.judged:,} labels"
    return f"Precision on {labels} ≥ 80: {found.value:.2f} [{low:.2f}-{high:.2f}]."


def facets_of(visit: Visit, found: RunFacets, asked: ResultQuery) -> tuple[Facet, ...]:
    return tuple(_facet(visit, i, each, asked) for i, each in enumerate(found.columns))


def _facet(visit: Visit, i: int, found: ColumnFacets, asked: ResultQuery) -> Facet:
    return Facet(
        id=f"facet-{i}",
        swaps="rows",
        title=found.column[:LONGEST],
        links=tuple(filter(None, (_link(visit, found.column, each, asked) for each in found.facets)))[
            :SHOWN_VALUES
        ],
    )


def _link(visit: Visit, column: str, facet: Lift, asked: ResultQuery) -> tuple[str, str, str, bool] | None:
    text = text_of(facet)
    if text is None:
        return None
    words, note = (
        value_words(facet)[:LONGEST],
        f"{facet.flagged:,} {'row' if facet.flagged == 1 else 'rows'}, {facet.lift:{',.0f' if facet.lift >= 10 else '.2g'}}x",
    )
    key = facet_text(column, text)
    chosen = key in asked.facets
    rest = [each for each in asked.facets if each != key]
    return words, note, visit.here(facet=rest if chosen else [*rest, key], row=None), chosen


def value_words(facet: Lift) -> str:
    if facet.low is not None:
        return f"{_shown(facet.low)} to {_shown(facet.high)}"
    return MISSING if facet.value is None else _shown(facet.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chips:
    """What narrows the list, each with the address without it. ``facets`` change the rows alone."""

    facets: tuple[Link, ...]
    score: Link | None


def chips_of(visit: Visit, asked: ResultQuery) -> Chips:
    words = f"score {score_text(asked.min_score)} or more"
    score = Link(words, visit.here(min_score=None, row=None))
    return Chips(
        facets=tuple(_chip(visit, each, asked) for each in asked.facets),
        score=None if asked.min_score == THRESHOLD else score,
    )


def _chip(visit: Visit, facet: str, asked: ResultQuery) -> Link:
    column, text = facet_parts(facet)
    rest = [each for each in asked.facets if each != facet]
    return Link(
        f"{column[:LONGEST]}: {text_words(text)[:LONGEST]}",
        visit.here(facet=rest, row=None),
        exact=f"{column[:LONGEST]}: {text}",
    )


def text_words(text: str) -> str:
    """A range as the facets show it, its ends rounded; a value as it is."""
    ends = text.split(BETWEEN)
    try:
        return " to ".join(number(float(end)) for end in ends) if len(ends) == 2 else text
    except ValueError:
        return text


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return number(value)
    return value.isoformat(sep=" ") if hasattr(value, "hour") and hasattr(value, "year") else str(value)  # type: ignore[attr-defined]  # a datetime
