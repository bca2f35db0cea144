from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.application.job_uow import JobsUnitOfWork
from core.application.jobs import JobState
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import Conflict
from core.domain.ids import JobId

ATTEMPTS = 3


class JobCannotBeRetried(Conflict):
    title = "The job cannot be retried"


@dataclass(frozen=True, slots=True)
class RetryJob:
    """A job that failed or was cancelled is queued again, as it was asked for."""

    uow: Callable[[Actor], JobsUnitOfWork]
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, job_id: JobId) -> None:
        """Raises NoSuchJob, JobCannotBeRetried, QuotaExceeded."""
        with self.uow(actor) as uow:
            state = uow.job_state(job_id)
            if state not in (JobState.FAILED, JobState.CANCELLED):
                raise JobCannotBeRetried(
                    f"Its state is {state}.", fix="Only a job that failed or was cancelled can be retried."
                )
            uow.charge(Quota.CONCURRENT_JOBS, 1)
            uow.requeue_job(job_id, self.clock(), ATTEMPTS)
            uow.audit("job.retried", job_id, before={"state": state})
            uow.commit()
