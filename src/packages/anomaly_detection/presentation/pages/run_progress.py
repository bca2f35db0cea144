"""A run that has no result: what it waits for, or why it never will have one."""

from dataclasses import dataclass, replace

from fastapi import Response

from anomaly_detection.api import Definitions
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.presentation.pages.runs_words import (
    dataset_of,
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
from core.presentation.parts import Button, Cell, JobProgress, Link, Notice, State, Text
from core.presentation.visit import Visit

REFRESH_SECONDS = 5
LOST = "Its job is gone without a result."


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgressPage:
    """``next_step`` says in one line what to do."""

    title: str
    state: State | None
    progress: JobProgress | None
    failure: Notice | None
    next_step: str
    facts: tuple[tuple[str, Cell], ...]
    buttons: tuple[Button, ...]


def progress_page(visit: Visit, run: RunView, *, jobs: Jobs, definitions: Definitions) -> Response:
    """The page of a run in any state but succeeded."""
    tenant_id = visit.actor.tenant_id
    named = definitions.queries.named(tenant_id, [run.detector_id] if run.detector_id else [])
    try:
        job = jobs.queries.get(tenant_id, run.job_id)
    except NoSuchJob:
        job = None
    is_over = job is None or job.is_over
    title = title_of(run, named)
    page = RunProgressPage(
        title=title,
        state=state_of(run) if is_over else None,
        progress=None if job is None or job.is_over else _progress(visit, run, job),
        failure=_failure(run, job),
        next_step=_next_step(run),
        facts=(
            ("Dataset", Link(dataset_of(run), visit.url("datasets", run.dataset_slug))),
            ("Scored by", scorer_cell(visit, run, named)),
            ("Algorithm", Text(run.algorithm)),
            ("Asked for", visit.moment(run.created_at)),
            *_attempts(job),
        ),
        buttons=_buttons(visit, run, is_over=is_over),
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


def _failure(run: RunView, job: JobView | None) -> Notice | None:
    if run.state == JobState.CANCELLED:
        return Notice(kind="warning", title="This run was cancelled", text="It has no result.")
    if run.state != JobState.FAILED:
        return None
    error = run.error or {}
    words = f"{error.get('detail', LOST if job is None else '')} {error.get('fix', '')}".strip()
    return Notice(kind="error", title=str(error.get("title", "The run failed")), text=words)


def _next_step(run: RunView) -> str:
    if run.state == JobState.FAILED:
        return "Mend what the box says, then run again."
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


def _buttons(visit: Visit, run: RunView, *, is_over: bool) -> tuple[Button, ...]:
    if not (is_over and visit.may("runs:write")):
        return ()
    return (retry_button(visit, run), delete_button(visit, run))
