from core.api import Jobs
from core.application.cancel_job import CancelJob
from core.application.retry_job import RetryJob
from core.domain.actor import Actor
from core.infrastructure.job_sql import SqlJobs, SqlJobsUnitOfWork
from core.infrastructure.sql import Storage


def build_service(storage: Storage) -> Jobs:
    """Seeing and changing the course of jobs."""

    def uow(actor: Actor) -> SqlJobsUnitOfWork:
        return SqlJobsUnitOfWork(storage, actor)

    return Jobs(SqlJobs(storage.database), CancelJob(uow, storage.clock), RetryJob(uow, storage.clock))
