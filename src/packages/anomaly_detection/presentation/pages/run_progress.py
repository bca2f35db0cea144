"""A run that has no result: what it waits for, or why it never will have one."""

from dataclasses import dataclass, replace

from fastapi import Response

from anomaly_detection.api import Definitions
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.presentation.pages.runs_words import (
    dataset_cell,
    duration_text,
    run_href,
    scorer_cell,
    state_of,
    title_of,
)
from core.api import Jobs
from core.application.job_list import JobView, NoSuchJob
from core.application.jobs import JobState
from core.presentation.job_progress import job_progress
from core.presentation.parts import Button, Cell, EmptyState, JobProgress, Link, Notice, State, Text
from core.presentation.visit import Visit

REFRESH_SECONDS = 5
GONE = "Its dataset is deleted: it cannot run again."
LOST = "Its job is gone without a result."
CANCELLED = Notice(kind="warning", title="This run was cancelled", text="It has no result.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgressPage:
    """``next_step`` says in one line what to do."""

    title: str
    state: State | None
    progress: JobProgress | None
    cancelled: Notice | None
    failure: EmptyState | None
    log_tail: tuple[str, ...]
    next_step: str
    facts: tuple[tuple[str, Cell], ...]
    buttons: tuple[Button, ...]


def progress_page(
    visit: Visit, run: RunView, *, jobs: Jobs, definitions: Definitions, has_dataset: bool
) -> Response:
    """The page of a run in any state but succeeded."""
    tenant_id = visit.actor.tenant_id
    named = definitions.queries.named(tenant_id, [run.detector_id] if run.detector_id else [])
    job = job_of(visit, run, jobs)
    is_over = job is None or job.is_over
    title = title_of(run, named)
    page = RunProgressPage(
        title=title,
        state=state_of(run) if is_over else None,
        progress=None if job is None or job.is_over else _progress(visit, run, job),
        cancelled=CANCELLED if run.state == JobState.CANCELLED else None,
        failure=_failure(visit, run, job, has_dataset=has_dataset),
        log_tail=_log_tail(visit, run, jobs),
        next_step=_next_step(run) if has_dataset else GONE,
        facts=(
            ("Dataset", dataset_cell(visit, run, is_there=has_dataset)),
            ("Scored by", scorer_cell(visit, run, named)),
            ("Algorithm", Text(run.algorithm)),
            ("Asked for", visit.moment(run.created_at)),
            ("Asked by", Text(asked_by(visit, run))),
            *_attempts(job),
        ),
        buttons=_buttons(visit, run, is_over=is_over, can_repeat=has_dataset),
    )
    return visit.page(
        "anomaly_detection/run_progress.html",
        page,
        title=title,
        crumbs=(Link("Runs", visit.url("runs")), Link(title, "")),
        refresh_seconds=0 if is_over else REFRESH_SECONDS,
    )


def retry_button(visit: Visit, run: RunView, text: str = "Run again") -> Button:
    """Of a run that has ended: another one that does the same, or the failed job once more."""
    return Button(text=text, action=run_href(visit, run, "retry"), style="primary")


def delete_button(visit: Visit, run: RunView) -> Button:
    values = (("version", str(run.version)),)
    return Button(text="Delete", action=run_href(visit, run, "delete"), values=values, style="danger")


def _progress(visit: Visit, run: RunView, job: JobView) -> JobProgress:
    found = job_progress(visit, job)
    if not visit.may("runs:write") or job.cancel_asked:
        return replace(found, cancel=None)
    return replace(found, cancel=Button(text="Cancel", action=run_href(visit, run, "cancel")))


def job_of(visit: Visit, run: RunView, jobs: Jobs) -> JobView | None:
    """None where it is no longer kept."""
    try:
        return jobs.queries.get(visit.actor.tenant_id, run.job_id)
    except NoSuchJob:
        return None


def asked_by(visit: Visit, run: RunView) -> str:
    return visit.name(run.created_by) or ("an API key" if run.created_with else "the console")


def cause_of(run: RunView, job: JobView | None) -> str:
    """Of a run that failed, in sentences."""
    error = run.error or {}
    title = str(error.get("title", "The run failed"))
    return f"{title}. {error.get('detail', LOST if job is None else '')} {error.get('fix', '')}".strip()


def _failure(visit: Visit, run: RunView, job: JobView | None, *, has_dataset: bool) -> EmptyState | None:
    if run.state != JobState.FAILED:
        return None
    at = job.finished_at if job else None
    since = f" Since {visit.moment(at or run.created_at).shown}; started by {asked_by(visit, run)}."
    rows = Link("View the rows", visit.url("datasets", run.dataset_slug, "rows"))
    return EmptyState(
        code="stale",
        title="The run failed",
        text=f"{cause_of(run, job)}{since}",
        actions=(rows,) if has_dataset else (),
    )


def _log_tail(visit: Visit, run: RunView, jobs: Jobs) -> tuple[str, ...]:
    if run.state != JobState.FAILED or not visit.may("jobs:read"):
        return ()
    return jobs.queries.log_tail(visit.actor.tenant_id, run.job_id)


def _next_step(run: RunView) -> str:
    if run.state == JobState.FAILED:
        return "Mend the cause, then run again."
    if run.state == JobState.CANCELLED:
        return "Run again for a result."
    return "The result comes here by itself. You may leave this page: the run goes on."


def _attempts(job: JobView | None) -> tuple[tuple[str, Cell], ...]:
    if job is None or not job.attempt:
        return ()
    facts: list[tuple[str, Cell]] = [("Attempt", Text(f"{job.attempt} of {job.max_attempts}"))]
    if job.started_at and job.finished_at:
        seconds = (job.finished_at - job.started_at).total_seconds()
        facts.append(("Ended after", Text(duration_text(seconds))))
    return tuple(facts)


def _buttons(visit: Visit, run: RunView, *, is_over: bool, can_repeat: bool) -> tuple[Button, ...]:
    if not (is_over and visit.may("runs:write")):
        return ()
    again = (retry_button(visit, run),) if can_repeat else ()
    return (*again, delete_button(visit, run))
