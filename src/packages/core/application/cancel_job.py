from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.application.job_list import OVER
from core.application.job_uow import JobsUnitOfWork
from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.errors import Conflict
from core.domain.ids import JobId


class JobIsOver(Conflict):
    title = "The job is over"


@dataclass(frozen=True, slots=True)
class CancelJob:
    """A job that waits is cancelled at once, one that runs within a few seconds; asking twice changes nothing."""

    uow: Callable[[Actor], JobsUnitOfWork]
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, job_id: JobId) -> None:
        """Raises NoSuchJob, JobIsOver."""
        with self.uow(actor) as uow:
            state = uow.job_state(job_id)
            if state is JobState.CANCELLED:
                return
            if state in OVER:
                raise JobIsOver(f"It has {state} already.", fix="There is nothing left to cancel.")
            if state is JobState.QUEUED:
                uow.cancel_job(job_id, self.clock())
            else:
                uow.ask_to_cancel(job_id, self.clock())
            uow.audit("job.cancelled", job_id, before={"state": state})
            uow.commit()
