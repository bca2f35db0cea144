"""Lists of jobs: a tenant's own, with each one's page, and those of all tenants."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response

from core.application.job_list import JobFilter, JobView
from core.application.jobs import JobState
from core.domain.errors import BadRequest
from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.http import requires
from core.presentation.job_progress import job_progress
from core.presentation.listing import Asked, AskedPage, ListColumn, Listing, with_twins
from core.presentation.page_routes import PageRoute
from core.presentation.parts import (
    Button,
    EmptyState,
    Field,
    JobProgress,
    Link,
    Number,
    Option,
    State,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from interfaces.presentation.jobs_http import Bundle, OneJob

router = APIRouter(
    prefix="/t/{tenant}/jobs",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("jobs:read")],
)
admin_router = APIRouter(
    prefix="/admin/jobs",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("platform:read")],
)
WORDS = {
    "run.execute": "Run",
    "run.store_anomalies": "Threshold of a run",
    "model.train": "Training",
    "model.import": "Import of a model",
    "model.evaluate": "Evaluation",
    "dataset.ingest": "Upload",
    "dataset.profile": "Profile",
    "dataset.fetch": "Fetch from a database",
    "tenant.export": "Export of the tenant",
    "mail.send": "E-mail",
}


Read = Callable[[str | None], Page[JobView]]


class InvalidState(BadRequest):
    title = "There is no such state"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage:
    jobs: Table
    states: Field
    action: str
    chips: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    what: str
    state: State
    facts: tuple[tuple[str, str], ...]
    progress: JobProgress | None
    error: tuple[str, str, str] | None  # title, detail, fix
    result: Link | None
    buttons: tuple[Button, ...]


States = Annotated[str, Query(max_length=20)]


@with_twins(router, "")
def jobs(visit: Here, jobs: Bundle, asked: Asked, state: States = "") -> Response:
    tenant_id, wanted = visit.actor.tenant_id, JobFilter(states_of(state))

    def read(cursor: str | None) -> Page[JobView]:
        return jobs.queries.page(tenant_id, wanted, limit=asked.limit, cursor=cursor)

    return _answer(visit, listing_of(visit), read, asked, state)


@with_twins(admin_router, "")
def all_jobs(visit: Here, jobs: Bundle, asked: Asked, state: States = "") -> Response:
    wanted = JobFilter(states_of(state))

    def read(cursor: str | None) -> Page[JobView]:
        return jobs.queries.of_all(wanted, limit=asked.limit, cursor=cursor)

    return _answer(visit, listing_of_all(visit), read, asked, state)


@router.get("/{job}")
def job(visit: Here, job: OneJob, jobs: Bundle) -> Response:
    found = jobs.queries.get(visit.actor.tenant_id, job)
    what, error = WORDS.get(found.kind, found.kind), found.error or {}
    page = JobPage(
        what=what,
        state=State(found.state, found.state),
        facts=tuple(facts_of(visit, found)),
        progress=None if found.is_over else job_progress(visit, found, what),
        error=(error.get("title", ""), error.get("detail", ""), error.get("fix", "")) if error else None,
        result=result_of(visit, found),
        buttons=tuple(buttons_of(visit, found)),
    )
    crumbs = (Link("Jobs", visit.url("jobs")), Link(what, ""))
    return visit.page(
        "jobs/job.html", page, title=what, crumbs=crumbs, refresh_seconds=0 if found.is_over else 5
    )


@router.post("/{job}/retry", dependencies=[requires("jobs:write")])
def retry(visit: Here, job: OneJob, jobs: Bundle) -> Response:
    jobs.retry(visit.actor, job)
    return visit.go(visit.url("jobs", shown("job", job)), "It is queued again.")


def states_of(text: str) -> tuple[JobState, ...]:
    """Raises InvalidState."""
    if not text:
        return ()
    if text not in set(JobState):
        raise InvalidState(f"{text!r} is none.", fix=f"One of: {', '.join(JobState)}.", parameter="state")
    return (JobState(text),)


def listing_of(visit: Visit) -> Listing[JobView]:
    def href(view: JobView) -> str:
        return visit.url("jobs", shown("job", view.id))

    return Listing(
        id="jobs",
        caption="Jobs, the newest first",
        columns=[
            ListColumn(
                title="Job",
                name="id",
                cell=lambda v: Link(WORDS.get(v.kind, v.kind), href(v)),
                value=lambda v: shown("job", v.id),
            ),
            *common_columns(visit),
        ],
        key=lambda v: shown("job", v.id),
        href=href,
    )


def listing_of_all(visit: Visit) -> Listing[JobView]:
    """Nothing of what they are about."""
    return Listing(
        id="jobs",
        caption="Jobs of all tenants, the newest first",
        columns=[
            ListColumn(
                title="Job",
                name="id",
                cell=lambda v: Text(shown("job", v.id)),
                value=lambda v: shown("job", v.id),
            ),
            ListColumn(
                title="Tenant",
                name="tenant",
                cell=lambda v: Text(shown("ten", v.tenant_id)),
                value=lambda v: shown("ten", v.tenant_id),
            ),
            ListColumn(
                title="Kind",
                name="kind",
                cell=lambda v: Text(WORDS.get(v.kind, v.kind)),
                value=lambda v: v.kind,
            ),
            *common_columns(visit),
        ],
        key=lambda v: shown("job", v.id),
    )


def common_columns(visit: Visit) -> list[ListColumn[JobView]]:
    return [
        ListColumn(
            title="State", name="state", cell=lambda v: State(v.state, v.state), value=lambda v: str(v.state)
        ),
        ListColumn(
            title="Attempt",
            name="attempt",
            cell=lambda v: Number(f"{v.attempt} of {v.max_attempts}"),
            value=lambda v: v.attempt,
            numeric=True,
        ),
        ListColumn(
            title="Asked for",
            name="created_at",
            cell=lambda v: visit.moment(v.created_at),
            value=lambda v: v.created_at,
        ),
        ListColumn(
            title="Took",
            name="seconds",
            cell=lambda v: Text("-" if (s := _seconds(v)) is None else f"{s:,.1f} s"),
            value=_seconds,
            numeric=True,
        ),
    ]


def facts_of(visit: Visit, view: JobView) -> list[tuple[str, str]]:
    times = (("Asked for", view.created_at), ("Begun", view.started_at), ("Over", view.finished_at))
    return [
        *((name, visit.moment(at, seconds=True).shown) for name, at in times if at),
        ("Attempt", f"{view.attempt} of {view.max_attempts}"),
        ("Id", shown("job", view.id)),
    ]


def result_of(visit: Visit, view: JobView) -> Link | None:
    """To what it has made."""
    result = view.result if isinstance(view.result, dict) else {}
    if export := result.get("export_id"):
        return Link("Download the export", visit.url("settings", "exports", str(export)))
    if view.kind == "run.execute" and (run := result.get("run_id") or result.get("id")):
        return Link("Open the run", visit.url("runs", str(run)))
    return None


def buttons_of(visit: Visit, view: JobView) -> list[Button]:
    may_be_tried = view.state in (JobState.FAILED, JobState.CANCELLED) and visit.may("jobs:write")
    return (
        [Button(text="Try again", action=visit.url("jobs", shown("job", view.id), "retry"))]
        if may_be_tried
        else []
    )


def _answer(visit: Visit, listing: Listing[JobView], read: Read, asked: AskedPage, state: str) -> Response:
    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    clear = (Link("Clear filters", visit.request.url.path),)
    empty = (
        EmptyState(code="filtered", title="No such jobs", text=f"No job is {state}.", actions=clear)
        if state
        else EmptyState(
            code="first-use",
            title="No jobs yet",
            text="Uploads, runs and training stand here while they work.",
        )
    )
    options = (Option("", "all"), *(Option(each, each, each == state) for each in JobState))
    page = JobsPage(
        jobs=listing.table(visit, read(asked.cursor), empty=empty),
        states=Field(name="state", label="State", kind="select", options=options),
        action=visit.request.url.path,
        chips=(Link(f"state {state}", visit.here(state=None)),) if state else (),
    )
    return visit.page("jobs/jobs.html", page, title="Jobs")


def _seconds(view: JobView) -> float | None:
    if view.started_at is None or view.finished_at is None:
        return None
    return round((view.finished_at - view.started_at).total_seconds(), 2)
