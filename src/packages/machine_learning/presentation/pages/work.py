"""Jobs of a model: what is under way, and what failed last."""

from collections.abc import Iterator, Sequence

from core.api import Jobs
from core.presentation.job_progress import job_progress
from core.presentation.parts import JobProgress, Notice
from core.presentation.visit import Visit
from machine_learning.application.registry.ports import EvaluationView, JobView, TrainingRunView

UNDER_WAY = frozenset({"queued", "running"})


def under_way(
    visit: Visit, jobs: Jobs, runs: Sequence[TrainingRunView], evaluations: Sequence[EvaluationView]
) -> Iterator[JobProgress]:
    named: list[tuple[JobView, str]] = [
        (run.job, f"Training on {run.dataset}" if run.dataset else "Checking the file") for run in runs
    ]
    named += [(each.job, f"Evaluating on {each.dataset}") for each in evaluations]
    for job, what in named:
        if job.state in UNDER_WAY:
            yield job_progress(visit, jobs.queries.get(visit.actor.tenant_id, job.id), what)


def failures(runs: Sequence[TrainingRunView], evaluations: Sequence[EvaluationView]) -> Iterator[Notice]:
    """Of the last training and the last evaluation."""
    last: list[tuple[JobView, str]] = [
        (run.job, "The last training failed" if run.dataset else "The file could not be imported")
        for run in runs[:1]
    ]
    last += [(each.job, f"The evaluation on {each.dataset} failed") for each in evaluations[:1]]
    for job, title in last:
        if job.state == "failed" and job.error:
            text = f"{job.error.get('title', '')}. {job.error.get('detail', '')} {job.error.get('fix', '')}"
            yield Notice(kind="error", title=title, text=text.strip())
