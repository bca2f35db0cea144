"""What pages show of running jobs: their news as fragments, and the way to stop one."""

from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from core.application.cancel_job import JobIsOver
from core.application.job_list import JobView
from core.presentation.http import from_state, requires
from core.presentation.job_progress import job_progress
from core.presentation.page_routes import Form, PageRoute
from core.presentation.visit import Here, Visit, local
from interfaces.presentation.job_news import JobNews
from interfaces.presentation.jobs_http import Bundle, OneJob

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("jobs:read")],
)


@router.get("/jobs/{job}/events")
async def follow_job(
    visit: Here,
    job: OneJob,
    jobs: Bundle,
    news: Annotated[JobNews, Depends(from_state(JobNews))],
    what: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """An event ``job`` with what ``ui.job`` has inside, and ``done`` when it is over."""
    found = await run_in_threadpool(jobs.queries.get, visit.actor.tenant_id, job)
    news.check_room()
    return StreamingResponse(
        _events(visit, news, found, what),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


@router.post("/jobs/{job}/cancellation", dependencies=[requires("jobs:write")])
def cancel_job(visit: Here, form: Form, job: OneJob, jobs: Bundle) -> Response:
    """Of one that is over the page says so by itself."""
    with suppress(JobIsOver):
        jobs.cancel(visit.actor, job)
    return visit.go(local(form.text("back")) or visit.url(""))


async def _events(visit: Visit, news: JobNews, job: JobView, what: str) -> AsyncIterator[str]:
    async with aclosing(news.of(job)) as states:
        async for state in states:
            if await run_in_threadpool(visit.is_look_over) or (state and state.is_over):
                yield "event: done\ndata: over\n\n"
                return
            if state is None:
                yield ": nothing new\n\n"
                continue
            text = visit.site.templates.part("job_state", job_progress(visit, state, what))
            lines = "".join(f"data: {line}\n" for line in text.splitlines())
            yield f"event: job\n{lines}\n"
