"""Jobs as their tenant, and the platform's operators, see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zlib import crc32

from core.application.jobs import JobState
from core.domain.errors import NotFound
from core.domain.ids import JobId, TenantId
from core.domain.page import Counting, Page

OVER = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


class NoSuchJob(NotFound):
    title = "No such job"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """``result`` and ``error`` are JSON values; the error has code, title, detail and fix, where rows of a table are wrong
    also ``errors`` (fields of RowProblem), even while it is retried."""

    id: JobId
    tenant_id: TenantId
    kind: str
    state: JobState
    progress: float
    message: str
    attempt: int
    max_attempts: int
    cancel_asked_at: datetime | None
    not_before: datetime
    result: Any
    error: Mapping[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def cancel_asked(self) -> bool:
        return self.cancel_asked_at is not None

    @property
    def version(self) -> int:
        """Another number whenever something that is shown has changed."""
        shown = (self.state, self.progress, self.message, self.attempt, self.cancel_asked_at)
        return crc32(repr(shown).encode()) % 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerView:
    """A process that has worked on jobs which are still kept. ``heard_at``: its last sign of life in a job."""

    name: str
    running: int
    done: int
    failed: int
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Empty: all. ``subject_id`` is what the job is about; it was asked for from ``since`` on and before ``until``."""

    states: tuple[JobState, ...] = ()
    kinds: tuple[str, ...] = ()
    subject_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class JobQueries(Protocol):
    def get(self, tenant_id: TenantId, job_id: JobId) -> JobView:
        """Raises NoSuchJob."""

    def log_tail(self, tenant_id: TenantId, job_id: JobId) -> tuple[str, ...]:
        """What the attempt that failed last told of itself in the end, as its tenant may read it."""

    def whole_log_tail(self, job_id: JobId) -> tuple[str, ...]:
        """The same as JSON lines with all that was logged: for operators of the machine."""

    def page(
        self,
        tenant_id: TenantId,
        wanted: JobFilter,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[JobView]:
        """Raises InvalidCursor."""

    def of_all(
        self,
        wanted: JobFilter,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[JobView]:
        """The jobs of all tenants: for operators. Raises InvalidCursor."""

    def workers(self) -> list[WorkerView]:
        """Those heard of last first: for operators."""

    def waiting(self) -> int:
        """Jobs of all tenants that no worker has begun: for operators."""

    def these(self, job_ids: Collection[JobId]) -> list[JobView]:
        """Those of them that exist, whosever they are: for callers that have seen each before."""


def no_such_job(listed_by: str = "GET /api/v1/jobs") -> NoSuchJob:
    return NoSuchJob("There is no job with that id.", fix=f"{listed_by} lists those there are.")
