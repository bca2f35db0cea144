"""The kernel's own use cases: jobs."""

from dataclasses import dataclass

from core.application.cancel_job import CancelJob
from core.application.job_list import JobQueries
from core.application.retry_job import RetryJob


@dataclass(frozen=True, slots=True)
class Jobs:
    queries: JobQueries
    cancel: CancelJob
    retry: RetryJob
