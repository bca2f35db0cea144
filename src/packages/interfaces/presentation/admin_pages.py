"""The platform for its operators: workers, storage, health."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from core.application.job_list import WorkerView
from core.domain.page import Page
from core.presentation.http import from_state, requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Column, EmptyState, Figure, Number, Row, State, Table, Text
from core.presentation.visit import Here, Visit
from interfaces.presentation.health_http import Health
from interfaces.presentation.jobs_http import Bundle

router = APIRouter(
    prefix="/admin", route_class=PageRoute, include_in_schema=False, dependencies=[requires("platform:read")]
)
GIGABYTE = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a tenant's files take, in bytes by kind."""

    slug: str
    sizes: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(size for _, size in self.sizes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """``disk`` is free and total bytes where the files lie; ``backup`` says where to keep copies."""

    tenants: Sequence[Stored]
    free: int
    total: int
    database: str  # sqlite or postgresql
    migration: str  # of the schema in use


MeasureStorage = Callable[[], Storage]


@dataclass(frozen=True, slots=True)
class StorageDesk:
    measure: MeasureStorage


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersPage:
    figures: tuple[Figure, ...]
    workers: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoragePage:
    figures: tuple[Figure, ...]
    tenants: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPage:
    state: State
    version: str
    checks: Table


@router.get("")
def front(visit: Here) -> Response:
    return visit.go("/admin/tenants")


@with_twins(router, "/workers")
def workers(visit: Here, jobs: Bundle, asked: Asked) -> Response:
    found, listing = jobs.queries.workers(), workers_listing(visit)
    if asked.form:
        return listing.twin(asked.form, lambda _: Page(tuple(found), None))
    empty = EmptyState(
        code="first-use",
        title="No worker has been heard of",
        text="A worker stands here once it has taken a job. Start one: anomaly_detection worker",
    )
    page = WorkersPage(
        figures=(
            Figure(name="Waiting jobs", value=f"{jobs.queries.waiting():,}", href="/admin/jobs?state=queued"),
            Figure(
                name="Jobs at work",
                value=f"{sum(each.running for each in found):,}",
                href="/admin/jobs?state=running",
            ),
        ),
        workers=listing.table(visit, Page(tuple(found), None), empty=empty),
    )
    return visit.page("admin/workers.html", page, title="Workers")


@with_twins(router, "/storage")
def storage(
    visit: Here, asked: Asked, desk: Annotated[StorageDesk, Depends(from_state(StorageDesk))]
) -> Response:
    found, listing = desk.measure(), storage_listing()
    if asked.form:
        return listing.twin(asked.form, lambda _: Page(tuple(found.tenants), None))
    page = StoragePage(
        figures=(
            Figure(name="Disk, free", value=size_of(found.free), note=f"of {size_of(found.total)}"),
            Figure(name="Files of tenants", value=size_of(sum(each.total for each in found.tenants))),
            Figure(name="Database", value=found.database, note=f"schema {found.migration}"),
        ),
        tenants=listing.table(
            visit,
            Page(tuple(found.tenants), None),
            empty=EmptyState(
                code="first-use", title="No files yet", text="Tenants' files stand here by kind."
            ),
        ),
    )
    return visit.page("admin/storage.html", page, title="Storage")


@router.get("/health")
def health(visit: Here, of: Annotated[Health, Depends(from_state(Health))]) -> Response:
    found = of()
    rows = tuple(
        Row(
            name,
            (
                Text(name),
                State(check.status, check.status),
                visit.moment(check.since) if check.since else Text("-"),
            ),
        )
        for name, check in found.checks.items()
    )
    table = Table(
        id="checks",
        caption="What this server stands on",
        columns=(Column("Check"), Column("State"), Column("Down since")),
        rows=rows,
    )
    page = HealthPage(state=State(found.status, found.status), version=found.version, checks=table)
    return visit.page("admin/health.html", page, title="Health")


def workers_listing(visit: Visit) -> Listing[WorkerView]:
    def number(title: str, name: str) -> ListColumn[WorkerView]:
        def value(view: WorkerView) -> Any:
            return getattr(view, name)

        return ListColumn(
            title=title, name=name, cell=lambda v: Number(f"{value(v):,}"), value=value, numeric=True
        )

    return Listing(
        id="workers",
        caption="Processes that have worked on jobs which are still kept",
        columns=[
            ListColumn(title="Worker", name="name", cell=lambda v: Text(v.name), value=lambda v: v.name),
            number("At work", "running"),
            number("Succeeded", "done"),
            number("Failed", "failed"),
            ListColumn(
                title="Last heard of in a job",
                name="heard_at",
                cell=lambda v: visit.moment(v.heard_at, seconds=True) if v.heard_at else Text("-"),
                value=lambda v: v.heard_at,
            ),
        ],
        key=lambda v: f"worker-{v.name}",
    )


def storage_listing() -> Listing[Stored]:
    def kinds(view: Stored) -> str:
        return ", ".join(f"{kind} {size_of(size)}" for kind, size in view.sizes if size) or "none"

    return Listing(
        id="storage",
        caption="Files of tenants, the largest first",
        columns=[
            ListColumn(title="Tenant", name="tenant", cell=lambda v: Text(v.slug), value=lambda v: v.slug),
            ListColumn(
                title="Files",
                name="bytes",
                cell=lambda v: Number(size_of(v.total)),
                value=lambda v: v.total,
                numeric=True,
            ),
            ListColumn(title="By kind", name="kinds", cell=lambda v: Text(kinds(v)), value=kinds),
        ],
        key=lambda v: f"tenant-{v.slug}",
    )


def size_of(size: int) -> str:
    for unit, scale in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}"
    return f"{size} B"
