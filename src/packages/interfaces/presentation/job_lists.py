"""Lists of jobs: a tenant's own, with each one's page, and those of all tenants."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from core.application.job_list import JobFilter, JobView
from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.filters import filters, nothing
from core.presentation.http import from_state, requires
from core.presentation.job_progress import job_progress
from core.presentation.listing import Asked, AskedPage, ListColumn, Listing, with_twins
from core.presentation.page_routes import PageRoute
from core.presentation.parts import (
    Button,
    EmptyState,
    Field,
    Filters,
    JobProgress,
    Link,
    Number,
    Option,
    State,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise, NoSuchTenant
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
    "tenant.delete": "Deletion of the tenant",
    "people.erase_person": "Erasure of a person",
    "people.prepare_reset": "Link for a new password",
    "mail.send": "E-mail",
}


Read = Callable[[str | None], Page[JobView]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsPage:
    filters: Filters
    jobs: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPage:
    what: str
    state: State
    facts: tuple[tuple[str, str], ...]
    progress: JobProgress | None
    error: tuple[str, str, str] | None  # title, detail, fix
    log_tail: tuple[str, ...]
    result: Link | None
    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class JobsQuery:
    state: str
    kind: str
    sort: str

    @property
    def wanted(self) -> JobFilter:
        return JobFilter((JobState(self.state),) if self.state else (), (self.kind,) if self.kind else ())


async def jobs_query(
    state: Annotated[JobState | Literal[""], Query()] = "",
    kind: Annotated[str, Query(max_length=80, pattern=r"^[a-z0-9_.]*$")] = "",
    sort: Literal["-created_at", "created_at"] = "-created_at",
) -> JobsQuery:
    return JobsQuery(state, kind, sort)


Asking = Annotated[JobsQuery, Depends(jobs_query)]
Tenants = Annotated[Enterprise, Depends(from_state(Enterprise))]


@with_twins(router, "")
def jobs(visit: Here, jobs: Bundle, asked: Asked, query: Asking) -> Response:
    tenant_id = visit.actor.tenant_id

    def read(cursor: str | None) -> Page[JobView]:
        return jobs.queries.page(tenant_id, query.wanted, sort=query.sort, limit=asked.limit, cursor=cursor)

    return _answer(visit, listing_of(visit), read, asked, query)


@with_twins(admin_router, "")
def all_jobs(visit: Here, jobs: Bundle, enterprise: Tenants, asked: Asked, query: Asking) -> Response:
    def read(cursor: str | None) -> Page[JobView]:
        return jobs.queries.of_all(query.wanted, sort=query.sort, limit=asked.limit, cursor=cursor)

    @cache
    def slug(tenant_id: TenantId) -> str:
        try:
            return enterprise.tenants.get(tenant_id).slug
        except NoSuchTenant:  # it was deleted meanwhile
            return shown("ten", tenant_id)

    return _answer(visit, listing_of_all(visit, slug), read, asked, query)


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
        log_tail=jobs.queries.log_tail(visit.actor.tenant_id, job) if error else (),
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


def listing_of(visit: Visit) -> Listing[JobView]:
    def href(view: JobView) -> str:
        return visit.url("jobs", shown("job", view.id))

    return Listing(
        id="jobs",
        caption="Jobs",
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


def listing_of_all(visit: Visit, slug: Callable[[TenantId], str]) -> Listing[JobView]:
    """Nothing of what they are about."""
    return Listing(
        id="jobs",
        caption="Jobs of all tenants",
        columns=[
            ListColumn(
                title="Kind",
                name="kind",
                cell=lambda v: Text(WORDS.get(v.kind, v.kind)),
                value=lambda v: v.kind,
            ),
            ListColumn(
                title="Tenant",
                name="tenant",
                cell=lambda v: Text(slug(v.tenant_id)),
                value=lambda v: slug(v.tenant_id),
            ),
            *common_columns(visit),
            ListColumn(
                title="Id",
                name="id",
                cell=lambda v: Text(shown("job", v.id)),
                value=lambda v: shown("job", v.id),
            ),
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
            sort="created_at",
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


def _answer(
    visit: Visit, listing: Listing[JobView], read: Read, asked: AskedPage, query: JobsQuery
) -> Response:
    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    given = filters(visit, _fields(query), sort=query.sort)
    none = EmptyState(
        code="first-use", title="No jobs yet", text="Uploads, runs and training stand here while they work."
    )
    page = JobsPage(
        filters=given,
        jobs=listing.table(visit, read(asked.cursor), empty=nothing(given, "jobs", none), sort=query.sort),
    )
    return visit.page("jobs/jobs.html", page, title="Jobs")


def _fields(query: JobsQuery) -> tuple[Field, ...]:
    states = (Option("", "any"), *(Option(each, each, each == query.state) for each in JobState))
    kinds = WORDS | ({query.kind: WORDS.get(query.kind, query.kind)} if query.kind else {})
    chosen = (Option("", "any"), *(Option(each, text, each == query.kind) for each, text in kinds.items()))
    return (
        Field(name="state", label="State", kind="select", options=states),
        Field(name="kind", label="Kind", kind="select", options=chosen),
    )


def _seconds(view: JobView) -> float | None:
    if view.started_at is None or view.finished_at is None:
        return None
    return round((view.finished_at - view.started_at).total_seconds(), 2)
