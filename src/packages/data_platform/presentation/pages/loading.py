"""What is going on with a dataset's rows, and what went wrong."""

from dataclasses import dataclass, replace
from typing import Literal

from core.api import Jobs
from core.application.job_list import JobFilter, JobView
from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.public_ids import shown
from core.presentation.forms import fix_for_people
from core.presentation.job_progress import job_progress
from core.presentation.parts import Button, JobProgress, Link, Notice, Table
from core.presentation.visit import Visit
from data_platform.api import Datasets, DatasetView
from data_platform.application.datasets.ports import VersionView
from data_platform.application.datasets.profile_version import PROFILE
from data_platform.application.datasets.sources import FETCH
from data_platform.domain.datasets.dataset import VersionState
from data_platform.domain.datasets.failure import VersionFailure
from data_platform.presentation.pages.sent_rows import problem_table

LOOKED_BACK = 10  # versions
WORDS = {
    FETCH: "Fetching rows",
    PROFILE: "Profiling",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """``progress`` while a job works on the dataset; ``failure`` with its rows where the last one failed, and ``retry`` where
    that may help."""

    progress: JobProgress | None = None
    failure: Notice | None = None
    problems: Table | None = None
    retry: Button | None = None


def loading_of(visit: Visit, dataset: DatasetView, *, service: Datasets, jobs: Jobs) -> Loading:
    tenant_id = visit.actor.tenant_id
    last = (
        service.queries.version(tenant_id, dataset.slug, dataset.latest_number)
        if dataset.latest_number
        else None
    )
    fetch = _newest_job(jobs, tenant_id, JobFilter(kinds=(FETCH,), subject_id=dataset.id))
    if fetch is not None and (last is None or fetch.created_at > last.created_at):
        if not fetch.is_over:
            return Loading(progress=job_progress(visit, fetch, WORDS[FETCH]))
        if fetch.state is not JobState.SUCCEEDED:
            return _failed_job(visit, dataset, fetch, "The rows could not be fetched")
    if last is None:
        return Loading()
    if last.error is not None:
        return Loading(
            failure=_failed_version(visit, last, last.error), problems=problem_table(last.error.problems)
        )
    return _of_version(visit, dataset, last, jobs)


def _of_version(visit: Visit, dataset: DatasetView, version: VersionView, jobs: Jobs) -> Loading:
    job = _newest_job(jobs, visit.actor.tenant_id, JobFilter(subject_id=version.id))
    if job is not None and not job.is_over:
        return Loading(progress=job_progress(visit, job, WORDS.get(job.kind, "Reading the file")))
    if version.state is VersionState.INGESTING:
        return _failed_job(visit, dataset, job, "The file was not read")
    if version.profile is None:
        return _failed_job(visit, dataset, job, "The rows were not profiled")
    return Loading()


def _newest_job(jobs: Jobs, tenant_id: TenantId, wanted: JobFilter) -> JobView | None:
    return next(iter(jobs.queries.page(tenant_id, wanted, limit=1, cursor=None).items), None)


def _failed_job(visit: Visit, dataset: DatasetView, job: JobView | None, title: str) -> Loading:
    """With the cause, since when it is so, and who cares for the dataset."""
    if job is None:
        return Loading(failure=Notice(kind="error", title=title, text="Its job is gone. Start it anew."))
    error = job.error or {}
    words = [f"{error.get('detail', '')} {fix_for_people(error.get('fix', ''))}".strip()]
    if job.state is JobState.CANCELLED:
        words = ["It was cancelled."]
    if job.finished_at:
        words.append(f"Since {visit.moment(job.finished_at).shown}.")
    if owner := visit.name(dataset.user_id):
        words.append(f"The dataset's owner is {owner}.")
    kind: Literal["warning", "error"] = "warning" if job.state is JobState.CANCELLED else "error"
    retry = None
    if visit.may("jobs:write"):
        retry = Button(text="Try again", action=visit.url("jobs", shown("job", job.id), "retry"))
    return Loading(failure=Notice(kind=kind, title=title, text=" ".join(words)), retry=retry)


def _failed_version(visit: Visit, version: VersionView, error: VersionFailure) -> Notice:
    again = Link("Correct the file and upload it again", visit.url("datasets", version.dataset, "upload"))
    return Notice(
        kind="error",
        title=f"Version {version.number} could not be read",
        text=f"{error.detail} {error.fix}".strip(),
        items=(again,) if visit.may("datasets:write") else (),
    )


def last_profiled(visit: Visit, service: Datasets, newest: VersionView) -> VersionView:
    """With the last profile that there is, of it or of a version not long before; itself where there is none."""
    for number in range(newest.number, max(newest.number - LOOKED_BACK, 0), -1):
        version = newest
        if number < newest.number:
            version = service.queries.version(visit.actor.tenant_id, newest.dataset, number)
        if version.last_profile is not None:
            return replace(version, profile=version.last_profile)
    return newest


def older(newest: VersionView, shown: VersionView) -> Notice | None:
    """What is said of a profile that is not the newest version's, or not of its columns as they are now."""
    if shown.number < newest.number:
        text = f"What you see is version {shown.number}, the last one that was profiled."
        return Notice(kind="note", title=f"Version {newest.number} has no profile yet", text=text)
    if newest.profile is None and shown.profile is not None:
        return Notice(kind="note", title="This profile is from before the columns changed")
    return None
