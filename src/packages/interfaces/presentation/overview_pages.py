"""What needs somebody now: the first page of a tenant, and what it offers who has no data yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from anomaly_detection.api import Precision, RunView
from core.domain.public_ids import shown
from core.presentation.http import from_state, requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import (
    Cell,
    Column,
    EmptyState,
    Figure,
    Link,
    Moment,
    Number,
    Row,
    Spark,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from interfaces.application.load_sample import LoadSample
from interfaces.application.overview import Activity, LookOver, Overview
from interfaces.presentation.job_lists import WORDS as KINDS

RANGES = {"24h": timedelta(days=1), "7d": timedelta(days=7), "30d": timedelta(days=30)}
WORDS = {"24h": "24 hours", "7d": "7 days", "30d": "30 days"}
FEW_LABELS = 10

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    dependencies=[requires("runs:read"), requires("datasets:read")],
    include_in_schema=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """In, for who has no data yet."""

    title: str
    text: str
    action: str
    href: str  # of a page, or where its form is posted
    is_form: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Of the recent activity."""

    at: Moment
    text: str
    link: Link
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewPage:
    ranges: tuple[Tab, ...]
    updated: Moment
    figures: tuple[Figure, ...]
    attention: Table
    troubles: tuple[Link, ...]
    health: str
    activity: tuple[Entry, ...]
    ways: tuple[Way, ...]


@router.get("/")
def overview(
    visit: Here,
    look_over: Annotated[LookOver, Depends(from_state(LookOver))],
    reach: Annotated[Literal["24h", "7d", "30d"], Query(alias="range")] = "7d",
) -> Response:
    now = visit.site.clock()
    seen = look_over(visit.actor.tenant_id, now, RANGES[reach])
    page = OverviewPage(
        ranges=tuple(Tab(f"Last {WORDS[each]}", visit.here(range=each), each == reach) for each in RANGES),
        updated=visit.moment(now, seconds=True),
        figures=tuple(figures(visit, seen, WORDS[reach])),
        attention=attention(visit, seen, WORDS[reach]),
        troubles=tuple(
            Link(
                f"{KINDS.get(job.kind, job.kind)} failed: {(job.error or {}).get('title', '')}",
                visit.url("jobs", shown("job", job.id)),
            )
            for job in seen.failed
        ),
        health="Nothing has failed." if seen.runs else "Nothing has run yet.",
        activity=tuple(entry(visit, each) for each in seen.activity),
        ways=() if seen.has_data else tuple(ways_in(visit)),
    )
    return visit.page("overview/overview.html", page, title="Overview")


@router.post("/sample-data", dependencies=[requires("datasets:write"), requires("runs:write")])
def load_sample(visit: Here, load: Annotated[LoadSample, Depends(from_state(LoadSample))]) -> Response:
    run_id = load(visit.actor)
    return visit.go(
        visit.url("runs", shown("run", run_id)), "The sample is loaded; its anomalies are being found."
    )


def figures(visit: Visit, seen: Overview, reach: str) -> Iterator[Figure]:
    severe = " · ".join(
        f"{name[0].upper()}\u00a0{count:,}" for name, count in seen.by_severity.items() if count
    )
    rate = (
        f"{percent(seen.anomalies / seen.scored)} of {seen.scored:,} rows"
        if seen.scored
        else "no rows scored"
    )
    most = max(seen.per_step) or 1
    yield Figure(
        name="Anomalies",
        value=f"{seen.anomalies:,}",
        note=f"{severe or 'none'}; {seen.before:,} in the {reach} before",
        href=visit.url("runs", state="succeeded"),
        spark=Spark(tuple(n / most for n in seen.per_step), f"Anomalies over the last {reach}"),
    )
    yield Figure(name="Runs", value=f"{seen.runs:,}", note=rate, href=visit.url("runs"))
    yield Figure(
        name="Label precision, 30 days",
        value="-" if seen.precision.value is None else percent(seen.precision.value),
        note=precision_note(seen.precision),
        href=visit.url("labels"),
    )
    fresh = visit.moment(seen.stored_at).shown if seen.stored_at else "-"
    yield Figure(
        name="Datasets",
        value=f"{seen.datasets:,}",
        note=f"newest: {seen.newest.name}, {fresh}" if seen.newest else "none yet",
        href=visit.url("datasets"),
    )
    waiting = f"{len(seen.failed)} failed in {reach}" if seen.failed else f"none failed in {reach}"
    yield Figure(name="Jobs at work", value=f"{seen.active_jobs:,}", note=waiting, href=visit.url("jobs"))


def percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"


def precision_note(precision: Precision) -> str:
    if precision.interval is None:
        return "no labels yet: label rows of a run"
    low, high = precision.interval
    return f"of {precision.judged:,} labels; 95 % within {percent(low)} to {percent(high)}"


def attention(visit: Visit, seen: Overview, reach: str) -> Table:
    columns = ("Dataset", "Found by", "Critical", "High", "Medium", "When")
    return Table(
        id="attention",
        caption="Runs with the most severe anomalies",
        columns=tuple(Column(title, numeric=title in ("Critical", "High", "Medium")) for title in columns),
        rows=tuple(attention_row(visit, run) for run in seen.attention),
        empty=EmptyState(
            code="healthy" if seen.runs else "learning",
            title="Nothing unusual" if seen.runs else "Nothing has run yet",
            text=f"{seen.scored:,} rows checked in the last {reach}, 0 anomalies."
            if seen.runs
            else "Run a detector over a dataset: what it finds stands here.",
            actions=(
                Link(
                    "All runs" if seen.runs else "Find anomalies",
                    visit.url("runs") if seen.runs else visit.url("detectors", "new"),
                ),
            ),
        ),
    )


def attention_row(visit: Visit, run: RunView) -> Row:
    href, of = visit.url("runs", shown("run", run.id)), run.by_severity or {}
    cells: tuple[Cell, ...] = (
        Link(run.dataset_slug, href),
        Text(run.model_reference or run.algorithm),
        *(Number(f"{of.get(name, 0):,}") for name in ("critical", "high", "medium")),
        visit.moment(run.finished_at or run.created_at),
    )
    return Row(shown("run", run.id), cells, href=href)


def entry(visit: Visit, activity: Activity) -> Entry:
    at, run, label = visit.moment(activity.at), activity.run, activity.label
    if run is not None:
        link = Link(run.dataset_slug, visit.url("runs", shown("run", run.id)))
        found = (
            f"Run {run.state} on" if run.anomalies is None else f"Run found {run.anomalies:,} anomalies in"
        )
        return Entry(at=at, text=found, link=link, by=visit.name(run.created_by))
    if label is None:
        raise ValueError("an activity is a run's or a label's")
    href = visit.url("labels", "history")
    if activity.row_opens and label.run_id:
        href = visit.url("runs", shown("run", label.run_id), row=label.row)
    words = label.verdict.replace("_", " ")
    return Entry(
        at=at, text=f"Labelled {words}:", link=Link(f"row {label.row}", href), by=visit.name(label.user_id)
    )


def ways_in(visit: Visit) -> Iterator[Way]:
    if visit.may("datasets:write") and visit.may("runs:write"):
        yield Way(
            title="Look around first",
            text="3,000 made-up card payments with 15 planted anomalies. One click removes them again.",
            action="Load sample data",
            href=visit.url("sample-data"),
            is_form=True,
        )
        yield Way(
            title="Your own file",
            text="CSV, NDJSON, JSON or Parquet, also gzipped. Types and roles are guessed; you confirm them.",
            action="Upload CSV",
            href=visit.url("datasets", "new"),
        )
    if visit.may("sources:write"):
        yield Way(
            title="A database",
            text="PostgreSQL or MySQL, read-only, by a query of yours.",
            action="Connect a database",
            href=visit.url("sources", "new"),
        )
