"""Runs: the list, and what is done to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AfterValidator

from anomaly_detection.api import Definitions, DetectorConfiguration, Runs
from anomaly_detection.application.runs.ports import RunFilter, RunView
from anomaly_detection.application.runs.start_run import ByDetector, ByModel, Scorer
from anomaly_detection.domain.definitions.detector_definition import DetectorNotFound
from anomaly_detection.domain.ids import DetectorId
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.http.runs import STATES
from anomaly_detection.presentation.pages.runs_filters import RunFilters, empty_runs, filters_of
from anomaly_detection.presentation.pages.runs_listing import listing_of
from anomaly_detection.presentation.pages.runs_words import (
    Named,
)
from core.api import Jobs
from core.application.cancel_job import JobIsOver
from core.application.job_list import NoSuchJob
from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.domain.public_ids import parsed, shown
from core.presentation.http import from_state, requires
from core.presentation.listing import Asked, with_twins
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.parts import Table
from core.presentation.visit import Here
from data_platform.api import Datasets

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("runs:read")],
)
NO_DETECTOR = DetectorId(UUID(int=0))
WRITING = [requires("runs:write")]
RunService = Annotated[Runs, Depends(from_state(Runs))]
Detectors = Annotated[Definitions, Depends(from_state(Definitions))]
DatasetService = Annotated[Datasets, Depends(from_state(Datasets))]
JobService = Annotated[Jobs, Depends(from_state(Jobs))]
# PostgreSQL refuses text with NUL where SQLite finds nothing.
Reference = Annotated[
    str, Query(max_length=200), AfterValidator(lambda text: text.replace("\x00", "\ufffd").strip())
]
State = Annotated[str, Query(pattern=rf"^(({STATES})(,({STATES})){{0,9}})?$")]
Sort = Annotated[Literal["created_at", "-created_at"], Query()]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsPage:
    table: Table
    filters: RunFilters
    new_href: str


@with_twins(router, "/runs")
def list_runs(
    visit: Here,
    runs: RunService,
    detectors: Detectors,
    datasets: DatasetService,
    asked: Asked,
    *,
    state: State = "",
    dataset: Reference = "",
    detector: Reference = "",
    model: Reference = "",
    sort: Sort = "-created_at",
) -> Response:
    tenant_id = visit.actor.tenant_id
    wanted = RunFilter(
        states=tuple(state.split(",")) if state else (),
        dataset=dataset or None,
        detector=detector_id_of(runs, tenant_id, detector) if detector else None,
        model=model or None,
    )
    read = partial(runs.queries.runs, tenant_id, wanted, sort=sort)
    if asked.form:
        return listing_of(visit, {}).twin(
            asked.form, lambda cursor: read(limit=500, cursor=cursor), asked.cursor
        )
    page: Page[RunView] = read(limit=asked.limit, cursor=asked.cursor, count=Counting.ESTIMATE)
    listing = listing_of(visit, named_in(detectors, tenant_id, page.items))
    filters = filters_of(visit, detectors, datasets)
    empty = empty_runs(visit, filters, total=_total(runs, tenant_id) if filters.chips else 0)
    context = RunsPage(
        table=listing.table(visit, page, empty=empty, sort=sort),
        filters=filters,
        new_href=visit.url("detectors", "new") if visit.may("detectors:write") else "",
    )
    return visit.page("anomaly_detection/run_list.html", context, title="Runs")


@router.post("/runs", dependencies=WRITING)
def start_run(visit: Here, form: Form, runs: RunService) -> Response:
    """By the detector or the model that the form names, else by ``auto``."""
    run_id = runs.start(visit.actor, scorer_of(form), dataset=form.text("dataset") or None, number=None)
    return visit.go(visit.url("runs", shown("run", run_id)))


@router.post("/runs/{run}/cancel", dependencies=WRITING)
def cancel_run(visit: Here, run: RunPath, runs: RunService) -> Response:
    href = visit.url("runs", shown("run", run))
    try:
        runs.cancel(visit.actor, runs.queries.run(visit.actor.tenant_id, run).job_id)
    except JobIsOver:
        return visit.go(href, "The run was over already.")
    return visit.go(href, "The run is being cancelled.")


@router.post("/runs/{run}/retry", dependencies=WRITING)
def retry_run(visit: Here, run: RunPath, runs: RunService, jobs: JobService) -> Response:
    """A run without a result tries again; of one that has one, another run does the same on the newest rows. What is asked
    twice is done once."""
    view = runs.queries.run(visit.actor.tenant_id, run)
    href = visit.url("runs", shown("run", run))
    if view.state in (JobState.QUEUED, JobState.RUNNING):
        return visit.go(href)
    if view.state != JobState.SUCCEEDED and _has_job(visit.actor, jobs, view):
        jobs.retry(visit.actor, view.job_id)
        return visit.go(href, "The run starts again.")
    return visit.go(visit.url("runs", shown("run", runs.again(visit.actor, run))))


@router.post("/runs/{run}/delete", dependencies=WRITING)
def delete_run(visit: Here, run: RunPath, form: Form, runs: RunService) -> Response:
    version = form.text("version")
    runs.delete(visit.actor, run, version=int(version) if version.isdigit() else None)
    return visit.go(visit.url("runs"), "The run is deleted. Its labels stay: they are the rows'.")


def scorer_of(form: Posted) -> Scorer:
    if detector := form.text("detector"):
        return ByDetector(detector)
    if model := form.text("model"):
        return ByModel(model)
    return DetectorConfiguration(algorithm=form.text("algorithm") or "auto")


def detector_id_of(runs: Runs, tenant_id: TenantId, reference: str) -> DetectorId:
    """The detector may be deleted: its runs are found by its id."""
    by_id = parsed("det", reference)
    if by_id is not None:
        return DetectorId(by_id)
    try:
        return runs.detectors.detector(tenant_id, reference).id
    except DetectorNotFound:
        return NO_DETECTOR


def named_in(detectors: Definitions, tenant_id: TenantId, found: Sequence[RunView]) -> Named:
    return detectors.queries.named(tenant_id, {run.detector_id for run in found if run.detector_id})


def _total(runs: Runs, tenant_id: TenantId) -> int:
    page = runs.queries.runs(
        tenant_id, RunFilter(), sort="-created_at", limit=1, cursor=None, count=Counting.ESTIMATE
    )
    return page.total or 0


def _has_job(actor: Actor, jobs: Jobs, run: RunView) -> bool:
    """Raises Forbidden where the caller may not retry it."""
    try:
        jobs.queries.get(actor.tenant_id, run.job_id)
    except NoSuchJob:
        return False
    actor.require("jobs:write")
    return True
