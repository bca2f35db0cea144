"""Jobs over HTTP: a tenant's own, and all of them for operators."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from core.api import Jobs
from core.application.cancel_job import JobIsOver
from core.application.job_list import JobFilter, JobView, NoSuchJob, no_such_job
from core.application.jobs import JobState
from core.application.quota import QuotaExceeded
from core.application.retry_job import JobCannotBeRetried
from core.domain.actor import Actor
from core.domain.ids import JobId
from core.domain.page import InvalidCursor
from core.domain.public_ids import parsed
from core.presentation.http import Route, from_state, requires, set_etag
from core.presentation.ids import public_id
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from interfaces.presentation.job_news import JobNews, TooManyListeners

router = APIRouter(route_class=Route, tags=["jobs"])
admin_router = APIRouter(prefix="/admin", route_class=Route, tags=["operator"])
EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An event `job` with the job whenever it changes.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
Bundle = Annotated[Jobs, Depends(from_state(Jobs))]
Reader = Annotated[Actor, requires("jobs:read")]
Writer = Annotated[Actor, requires("jobs:write")]
Operator = Annotated[Actor, requires("platform:read")]


async def job_id(job: str) -> JobId:
    """Raises NoSuchJob."""
    found = parsed("job", job)
    if found is None:
        raise no_such_job()
    return JobId(found)


def split(given: list[str]) -> list[str]:
    """``a,b`` is a and b."""
    return [part for text in given for part in text.split(",")]


States = Annotated[list[JobState], BeforeValidator(split)]
Kinds = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.]{1,80}$")]], BeforeValidator(split)
]


async def wanted(
    state: Annotated[States | None, Query(description="Only jobs in these states: failed,cancelled.")] = None,
    kind: Annotated[Kinds | None, Query(description="Only jobs of these kinds.")] = None,
) -> JobFilter:
    return JobFilter(tuple(state or ()), tuple(kind or ()))


OneJob = Annotated[JobId, Depends(job_id)]
Wanted = Annotated[JobFilter, Depends(wanted)]


class JobProblem(BaseModel):
    """A row that was wrong in what the job read: its line, from 1, or its place where it has none."""

    row: int
    column: str | None
    detail: str


class JobError(BaseModel):
    """`errors` are the first rows that are wrong, where it is about rows."""

    code: str
    title: str
    detail: str
    fix: str = ""
    errors: list[JobProblem] = []


class JobOut(BaseModel):
    """Slow work. Poll it, or listen to its events."""

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "id": "job_01K8Z4V0Q6T9M3W5C2R7N0B1DG",
                    "kind": "dataset.profile",
                    "state": "running",
                    "progress": 0.42,
                    "message": "Profiling",
                    "attempt": 1,
                    "max_attempts": 3,
                    "cancel_asked": False,
                    "created_at": "2026-11-01T09:00:00Z",
                    "started_at": "2026-11-01T09:00:01Z",
                    "finished_at": None,
                    "result": None,
                    "error": None,
                }
            ]
        }
    }
    id: Annotated[UUID, public_id("job")]
    kind: str
    state: JobState
    progress: float = Field(ge=0, le=1)
    message: str
    attempt: int
    max_attempts: int
    cancel_asked: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: Any = Field(description="Ids and numbers of what the job made, once it succeeded.")
    error: JobError | None = Field(description="Of the last attempt that failed.")


class JobWithLogOut(JobOut):
    log_tail: tuple[str, ...] = Field(
        description="The last lines of the attempt that failed last, at most 50; empty where there are none.",
        examples=[["2026-11-01T09:00:01+00:00 info learning from 20,000 rows"]],
    )


class AdminJobOut(BaseModel):
    """A job of any tenant: nothing of what it is about."""

    id: Annotated[UUID, public_id("job")]
    tenant_id: Annotated[UUID, public_id("ten")]
    kind: str
    state: JobState
    attempt: int
    max_attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@router.get("/jobs", summary="List jobs, the newest first", responses=responses(InvalidCursor))
def list_jobs(
    jobs: Bundle, actor: Reader, asked: Paging, wanted: Wanted, request: Request, response: Response
) -> PageOut[JobOut]:
    page = jobs.queries.page(
        actor.tenant_id, wanted, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return paged(request, response, page, JobOut)


@router.get("/jobs/{job}", summary="Read a job", responses=responses(NoSuchJob))
def read_job(jobs: Bundle, actor: Reader, job: OneJob, response: Response) -> JobWithLogOut:
    found = _shown(jobs.queries.get(actor.tenant_id, job), response)
    log = jobs.queries.log_tail(actor.tenant_id, job) if found.error else ()
    return JobWithLogOut(**dict(found), log_tail=log)


@router.post(
    "/jobs/{job}/cancellation",
    status_code=202,
    summary="Cancel a job that waits or runs",
    responses=responses(NoSuchJob, JobIsOver),
)
def cancel_job(jobs: Bundle, actor: Writer, job: OneJob, response: Response) -> JobOut:
    jobs.cancel(actor, job)
    return _shown(jobs.queries.get(actor.tenant_id, job), response)


@router.post(
    "/jobs/{job}/retry",
    status_code=202,
    summary="Queue a job again that failed or was cancelled",
    responses=responses(NoSuchJob, JobCannotBeRetried, QuotaExceeded),
)
def retry_job(jobs: Bundle, actor: Writer, job: OneJob, response: Response) -> JobOut:
    jobs.retry(actor, job)
    return _shown(jobs.queries.get(actor.tenant_id, job), response)


@router.get(
    "/jobs/{job}/events",
    summary="Follow a job until it is over (server-sent events)",
    response_class=StreamingResponse,
    responses=EVENTS | responses(NoSuchJob, TooManyListeners),
)
async def follow_job(
    jobs: Bundle, actor: Reader, job: OneJob, news: Annotated[JobNews, Depends(from_state(JobNews))]
) -> StreamingResponse:
    found = await run_in_threadpool(jobs.queries.get, actor.tenant_id, job)
    news.check_room()
    return StreamingResponse(
        _events(news, found), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


@admin_router.get("/jobs", summary="List the jobs of all tenants", responses=responses(InvalidCursor))
def list_all_jobs(
    jobs: Bundle, actor: Operator, asked: Paging, wanted: Wanted, request: Request, response: Response
) -> PageOut[AdminJobOut]:
    page = jobs.queries.of_all(wanted, limit=asked.limit, cursor=asked.cursor, count=asked.count)
    return paged(request, response, page, AdminJobOut)


async def _events(news: JobNews, job: JobView) -> AsyncIterator[str]:
    async for state in news.of(job):
        if state is None:
            yield ": nothing new\n\n"
        else:
            shown = JobOut.model_validate(state, from_attributes=True).model_dump_json()
            yield f"id: {state.version}\nevent: job\ndata: {shown}\n\n"


def _shown(job: JobView, response: Response) -> JobOut:
    set_etag(response, job.version)
    if not job.is_over:
        response.headers["Retry-After"] = "1"
    return JobOut.model_validate(job, from_attributes=True)
