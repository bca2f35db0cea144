"""Running jobs as pages show them."""

from core.application.job_list import JobView
from core.application.jobs import JobState
from core.domain.public_ids import shown
from core.presentation.parts import Button, JobProgress
from core.presentation.visit import Visit


def job_progress(visit: Visit, job: JobView, what: str = "") -> JobProgress:
    """For ``ui.job``; pages that show it pass ``refresh_seconds`` for those without JavaScript. ``what`` is being done."""
    job_id = shown("job", job.id)
    cancel = None
    if visit.may("jobs:write") and not job.cancel_asked:
        here = visit.request.url
        back = f"{here.path}?{here.query}" if here.query else here.path
        cancel = Button(
            text="Cancel", action=visit.url("jobs", job_id, "cancellation"), values=(("back", back),)
        )
    return JobProgress(
        events=visit.url("jobs", job_id, "events", what=what),
        progress=job.progress,
        message=message_of(job, what),
        cancel=cancel,
    )


def message_of(job: JobView, what: str = "") -> str:
    if job.cancel_asked:
        news = "cancelling"
    elif job.state is JobState.QUEUED:
        news = "waiting for a worker" if job.attempt == 0 else "waiting to be tried again"
    else:
        news = job.message or "running"
    words = f"{what}: {news}" if what else news
    return words[:1].upper() + words[1:]
