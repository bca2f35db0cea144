"""How often what was flagged was rightly flagged: of each detector, week by week."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from fastapi import Response

from anomaly_detection.application.labels.ports import Agreement, JudgedWeek
from anomaly_detection.domain.explanation import percent
from anomaly_detection.domain.ids import DetectorId
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.presentation.pages.labels_shared import (
    Detectors,
    LabelService,
    label_router,
    label_tabs,
)
from anomaly_detection.presentation.pages.runs_words import GONE, Named
from core.domain.wording import count
from core.presentation.charts.chart import Chart
from core.presentation.charts.curve import SeriesChart
from core.presentation.parts import (
    Cell,
    Column,
    EmptyState,
    Link,
    Number,
    Row,
    Share,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit

router = label_router()
WEEKS = 26
DRAWN = 4  # subjects with a chart, once they have labels of several weeks
ENOUGH = 30  # labels for a trend
TICKS = 5
Subject = tuple[DetectorId | None, str]
Judged = Mapping[datetime, Precision]  # by the week's beginning, the oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPrecisionPage:
    tabs: tuple[Tab, ...]
    table: Table
    agreement: str
    charts: tuple[Chart, ...]
    too_few: EmptyState | None  # for a line over the weeks


@router.get("/labels/precision")
def show_precision(visit: Here, labels: LabelService, detectors: Detectors) -> Response:
    tenant_id = visit.actor.tenant_id
    weeks = weeks_until(visit.site.clock())
    subjects = _by_subject(labels.precision.by_week(tenant_id, weeks))
    named = detectors.queries.named(tenant_id, {each for each, _ in subjects if each is not None})
    charts = tuple(
        _chart(visit, number, _name(subject, named), judged)
        for number, (subject, judged) in enumerate(list(subjects.items())[:DRAWN])
        if total_of(judged).judged >= ENOUGH and len(judged) > 1
    )
    context = LabelPrecisionPage(
        tabs=label_tabs(visit, "Precision"),
        table=_table(visit, subjects, named),
        agreement=_agreement(labels.precision.agreement(tenant_id, since=weeks[0])),
        charts=charts,
        too_few=None if charts or not subjects else _too_few(visit, next(iter(subjects.values()))),
    )
    crumbs = (Link("Labels", visit.url("labels")), Link("Precision", ""))
    return visit.page(
        "anomaly_detection/labels_precision.html", context, title="Label precision", crumbs=crumbs
    )


def _agreement(found: Agreement) -> str:
    if not found.rows:
        return ""
    share = percent(found.alike / found.rows)
    return f"{count(found.rows, 'row')} labelled by several people; they agree on {found.alike:,} ({share})."


def _too_few(visit: Visit, most: Judged) -> EmptyState:
    """``most``: of what has most labels."""
    labels = total_of(most).judged
    if labels >= ENOUGH:
        words = "All labels are of one week. A line over the weeks begins with the second."
    else:
        words = f"{labels} of {ENOUGH} labels. From {ENOUGH} on, over two weeks or more, a line shows where precision goes."
    return EmptyState(
        code="learning",
        title="Too early for a trend",
        text=words,
        actions=(Link("Label rows", visit.url("labels")),),
        progress=min(1.0, labels / ENOUGH),
    )


def weeks_until(now: datetime) -> list[datetime]:
    """The Mondays, in UTC, in which the last weeks begin; this week's is the last."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def _by_subject(found: Sequence[JudgedWeek]) -> dict[Subject, Judged]:
    """What has most labels first."""
    subjects: defaultdict[Subject, dict[datetime, Precision]] = defaultdict(dict)
    for each in found:
        subjects[each.detector_id, each.algorithm][each.week] = each.precision
    return dict(sorted(subjects.items(), key=lambda pair: -total_of(pair[1]).judged))


def total_of(judged: Judged) -> Precision:
    weeks = judged.values()
    return Precision(
        {each: sum(week.of(each) for week in weeks) for each in (Verdict.TRUE, Verdict.FALSE_POSITIVE)}
    )


def _name(subject: Subject, named: Named) -> str:
    detector_id, algorithm = subject
    if detector_id is None:
        return f"{algorithm}, without a detector"
    return named[detector_id].name if detector_id in named else GONE


def _table(visit: Visit, subjects: Mapping[Subject, Judged], named: Named) -> Table:
    return Table(
        id="precision",
        caption=f"Precision on the labels of the last {WEEKS} weeks",
        columns=(
            Column("Detector"),
            Column("Precision"),
            Column("95 % interval"),
            Column("True", True),
            Column("False positive", True),
        ),
        rows=tuple(
            _row(visit, number, subject, total_of(judged), named)
            for number, (subject, judged) in enumerate(subjects.items())
        ),
        empty=EmptyState(
            code="first-use",
            title="No precision yet",
            text="Label flagged rows as true or false positive: how often flags are right then stands here.",
            actions=(Link("Label rows", visit.url("labels")),),
        ),
    )


def _row(
    visit: Visit,
    number: int,
    subject: Subject,
    precision: Precision,
    named: Named,
) -> Row:
    low, high = precision.interval or (0.0, 1.0)
    value, name = precision.value or 0.0, _name(subject, named)
    known = named.get(subject[0]) if subject[0] else None
    first: Cell = Link(name, visit.url("detectors", known.slug)) if known else Text(name)
    return Row(
        f"precision-{number}",
        (
            first,
            Share(f"{value:.2f}", value, f"Precision of {name}"),
            Text(f"{low:.2f} to {high:.2f}"),
            Number(f"{precision.of(Verdict.TRUE):,}"),
            Number(f"{precision.of(Verdict.FALSE_POSITIVE):,}"),
        ),
    )


def _chart(visit: Visit, number: int, name: str, judged: Judged) -> Chart:
    chart_id = f"precision-{number}-weeks"
    starts, values = list(judged), [each.value or 0.0 for each in judged.values()]
    x = np.array([start.timestamp() for start in starts])
    every = max(1, -(-len(starts) // TICKS))
    last = judged[starts[-1]]
    return SeriesChart(
        id=chart_id,
        title=f"Is {name} getting better?",
        answer=f"{values[-1]:.2f} on {last.judged:,} labels in the week of {starts[-1]:%-d %b %Y}.",
        x=x,
        y=np.array(values),
        severity=np.zeros(len(x), dtype=np.int64),
        x_names=[f"{start:%Y-%m-%d}" for start in starts],
        x_marks=[(start.timestamp(), f"{start:%-d %b}") for start in starts[::every]],
        x_label="week",
        y_label="precision",
        csv_href=visit.here(chart=chart_id),
    ).chart()
