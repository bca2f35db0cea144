"""The transaction in which somebody changes the course of a job."""

from datetime import datetime
from typing import Protocol

from core.application.jobs import JobState
from core.application.uow import UnitOfWork
from core.domain.ids import JobId


class JobsUnitOfWork(UnitOfWork, Protocol):
    def job_state(self, job_id: JobId) -> JobState:
        """Locked until the transaction ends. Raises NoSuchJob."""

    def cancel_job(self, job_id: JobId, at: datetime) -> None:
        """It waited, and never runs."""

    def ask_to_cancel(self, job_id: JobId, at: datetime) -> None:
        """Its worker ends it soon."""

    def requeue_job(self, job_id: JobId, at: datetime, attempts: int) -> None:
        """It is over, and may be tried so many times more."""
