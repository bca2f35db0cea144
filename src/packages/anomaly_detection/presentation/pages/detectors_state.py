"""What a detector's page says where its newest run has no result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.presentation.pages.run_progress import (
    REFRESH_SECONDS,
    asked_by,
    cause_of,
    job_of,
)
from anomaly_detection.presentation.pages.runs_words import count_text, dataset_of, run_href
from core.api import Jobs
from core.application.job_list import JobView
from core.application.jobs import JobState
from core.presentation.job_progress import message_of
from core.presentation.parts import EmptyState, Link
from core.presentation.visit import Visit

FORESEEABLE = 0.05  # of a run that has to be done before its end is foretold


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorState:
    empty: EmptyState
    refresh_seconds: int = 0


def state_of_detector(visit: Visit, newest_first: Sequence[RunView], jobs: Jobs) -> DetectorState | None:
    """None where the newest run has a result, and before the first one is asked for."""
    if not newest_first:
        return None
    newest = newest_first[0]
    if newest.state == JobState.FAILED:
        return _failed(visit, newest_first, job_of(visit, newest, jobs))
    is_first = not any(run.state == JobState.SUCCEEDED for run in newest_first)
    if newest.state in (JobState.QUEUED, JobState.RUNNING) and is_first:
        return _learning(visit, newest, job_of(visit, newest, jobs))
    return None


def _failed(visit: Visit, newest_first: Sequence[RunView], job: JobView | None) -> DetectorState:
    newest = newest_first[0]
    failed = 0
    while failed < len(newest_first) and newest_first[failed].state == JobState.FAILED:
        failed += 1
    since = visit.moment(newest_first[failed - 1].created_at).shown
    title, who = "The last run failed", "started by"
    if failed > 1:
        title, who = f"The last {failed:,} runs failed", "the last one was started by"
    state = EmptyState(
        code="stale",
        title=title,
        text=f"{cause_of(newest, job)} Since {since}; {who} {asked_by(visit, newest)}.",
        actions=(Link("Open the run", run_href(visit, newest)),),
    )
    return DetectorState(empty=state)


def _learning(visit: Visit, run: RunView, job: JobView | None) -> DetectorState:
    news = message_of(job) if job else "Waiting"
    rows = f"{count_text(run.rows)} rows of " if run.rows else ""
    end = None if job is None else expected_end(job, visit.site.clock())
    words = f"{news}: {rows}{dataset_of(run)}, {100 * run.progress:.0f} % done."
    if end is not None:
        words += f" The first result is expected at {visit.moment(end).shown}."
    state = EmptyState(
        code="learning",
        title="The first run is under way",
        text=words,
        actions=(
            Link("Open the run", run_href(visit, run)),
            Link("View the rows", visit.url("datasets", run.dataset_slug, "rows")),
        ),
        progress=run.progress,
    )
    return DetectorState(empty=state, refresh_seconds=REFRESH_SECONDS)


def expected_end(job: JobView, now: datetime) -> datetime | None:
    """As if the rest went as fast as what is done."""
    if job.started_at is None or job.progress < FORESEEABLE:
        return None
    return now + (now - job.started_at) * (1 / job.progress - 1)
