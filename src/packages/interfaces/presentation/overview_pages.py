"""What needs somebody now: the first page of a tenant, and what it offers who has no data yet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from anomaly_detection.api import RunView
from core.application.job_list import JobView
from core.domain.public_ids import shown
from core.domain.wording import count, listed
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
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from interfaces.application.load_sample import LoadSample
from interfaces.application.overview import Activity, LookOver, Overview
from interfaces.presentation.job_lists import WORDS as KINDS
from interfaces.presentation.overview_figures import NAMED, figures
from interfaces.presentation.overview_range import Day, OverviewRange, Reach, range_of

EVERY_S = 60

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
    range: OverviewRange
    updated: Moment
    refresh: Tab  # on, where it is current
    seconds: int  # until it comes anew by itself; 0: never
    figures: tuple[Figure, ...]
    attention: Table
    troubles: tuple[Link, ...]
    health: str
    active: Link | None  # jobs at work
    activity: tuple[Entry, ...]
    ways: tuple[Way, ...]


@router.get("/")
def overview(
    visit: Here,
    look_over: Annotated[LookOver, Depends(from_state(LookOver))],
    reach: Annotated[Reach, Query(alias="range")] = "7d",
    first: Annotated[Day, Query(alias="from")] = "",
    last: Annotated[Day, Query(alias="to")] = "",
    refresh: Annotated[Literal["", "on"], Query()] = "",
) -> Response:
    now, chosen = visit.site.clock(), range_of(visit, reach, first, last)
    seen = look_over(visit.actor.tenant_id, chosen.span, now)
    page = OverviewPage(
        range=chosen,
        updated=visit.moment(now, seconds=True),
        refresh=Tab("Auto-refresh", visit.here(refresh=None if refresh else "on"), bool(refresh)),
        seconds=EVERY_S if refresh else 0,
        figures=tuple(figures(visit, seen, chosen.words)),
        attention=attention(visit, seen),
        troubles=tuple(trouble(visit, job) for job in seen.failed if visit.may("jobs:read")),
        health=health(visit, seen),
        active=active(visit, seen),
        activity=tuple(entry(visit, each) for each in seen.activity if each.run or visit.may("labels:read")),
        ways=() if seen.has_data else tuple(ways_in(visit)),
    )
    return visit.page("overview/overview.html", page, title="Overview", refresh_seconds=page.seconds)


@router.post("/sample-data", dependencies=[requires("datasets:write"), requires("runs:write")])
def load_sample(visit: Here, load: Annotated[LoadSample, Depends(from_state(LoadSample))]) -> Response:
    run_id = load(visit.actor)
    return visit.go(
        visit.url("runs", shown("run", run_id)), "The sample is loaded; its anomalies are being found."
    )


def health(visit: Visit, seen: Overview) -> str:
    """In a line, where no job that failed is listed."""
    known = seen.detectors
    if seen.failed:
        return "Jobs failed: who may read them sees which."
    if known.failing:
        names = listed(known.failing, most=NAMED)
        who = names if visit.may("detectors:read") else count(len(known.failing), "detector")
        return f"The last run of {who} failed, outside this time range."
    if known.ran:
        return f"No detector's last run failed, of {count(known.ran, 'detector')}."
    return "Nothing has failed." if seen.now.runs else "Nothing has run in this time range."


def active(visit: Visit, seen: Overview) -> Link | None:
    if not (seen.active_jobs and visit.may("jobs:read")):
        return None
    return Link(f"{count(seen.active_jobs, 'job')} at work", visit.url("jobs"))


def trouble(visit: Visit, job: JobView) -> Link:
    title = (job.error or {}).get("title", "")
    return Link(f"{KINDS.get(job.kind, job.kind)} failed: {title}", visit.url("jobs", shown("job", job.id)))


def attention(visit: Visit, seen: Overview) -> Table:
    columns = ("Dataset", "Found by", "Critical", "High", "Medium", "When")
    return Table(
        id="attention",
        caption="Runs with the most severe anomalies",
        columns=tuple(Column(title, numeric=title in ("Critical", "High", "Medium")) for title in columns),
        rows=tuple(attention_row(visit, run) for run in seen.attention),
        empty=nothing_found(visit, seen),
    )


def nothing_found(visit: Visit, seen: Overview) -> EmptyState:
    all_runs = (Link("All runs", visit.url("runs")),)
    if seen.now.runs:
        checked = f"{count(seen.now.rows, 'row')} checked in this time range, 0 anomalies."
        return EmptyState(code="healthy", title="Nothing unusual", text=checked, actions=all_runs)
    if any(each.run for each in seen.activity):
        return EmptyState(
            code="filtered",
            title="Nothing ran in this time range",
            text="Choose a longer one.",
            actions=all_runs,
        )
    find = (Link("Find anomalies", visit.url("detectors", "new")),) if visit.may("detectors:write") else ()
    return EmptyState(
        code="learning",
        title="Nothing has run yet",
        text="What a detector finds in a dataset stands here.",
        actions=find,
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
            f"Run {run.state} on"
            if run.anomalies is None
            else f"Run found {run.anomalies:,} {'anomaly' if run.anomalies == 1 else 'anomalies'} in"
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
