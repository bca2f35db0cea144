"""Jobs as their tenant sees and changes them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, update

from core.application.job_list import JobFilter, JobView, no_such_job
from core.application.jobs import JobState
from core.domain.ids import JobId, TenantId
from core.domain.page import Page
from core.infrastructure.database import Database, Purpose
from core.infrastructure.jobs import jobs
from core.infrastructure.keyset import newest_first
from core.infrastructure.sql import SqlUnitOfWork, of_tenant

COLUMNS = tuple(jobs.c[name] for name in JobView.__dataclass_fields__)


def _key(job: JobView) -> tuple[datetime, JobId]:
    return job.created_at, job.id


NEWEST = newest_first("jobs", jobs.c.created_at, jobs.c.id, _key)


@dataclass(frozen=True, slots=True)
class SqlJobs:
    """``core.application.job_list.JobQueries``."""

    database: Database

    def get(self, tenant_id: TenantId, job_id: JobId) -> JobView:
        wanted = of_tenant(select(*COLUMNS).where(jobs.c.id == job_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            row = session.execute(wanted).first()
        if row is None:
            raise no_such_job()
        return _view(row)

    def page(
        self, tenant_id: TenantId, wanted: JobFilter, *, limit: int, cursor: str | None
    ) -> Page[JobView]:
        statement = NEWEST.cut(of_tenant(_filtered(wanted), tenant_id), limit, cursor)
        with self.database.of_tenant(tenant_id) as session:
            return NEWEST.page([_view(row) for row in session.execute(statement)], limit)

    def of_all(self, wanted: JobFilter, *, limit: int, cursor: str | None) -> Page[JobView]:
        statement = NEWEST.cut(_filtered(wanted), limit, cursor)
        with self.database.as_system(Purpose.OPERATOR) as session:
            return NEWEST.page([_view(row) for row in session.execute(statement)], limit)

    def these(self, job_ids: Collection[JobId]) -> list[JobView]:
        wanted = select(*COLUMNS).where(jobs.c.id.in_(job_ids))
        with self.database.as_system(Purpose.JOBS) as session:
            return [_view(row) for row in session.execute(wanted)]


class SqlJobsUnitOfWork(SqlUnitOfWork):
    """``core.application.job_uow.JobsUnitOfWork``."""

    def job_state(self, job_id: JobId) -> JobState:
        row = select(jobs.c.state).where(jobs.c.id == job_id).with_for_update()
        state = self.session.scalar(self.mine(row))
        if state is None:
            raise no_such_job()
        return JobState(state)

    def cancel_job(self, job_id: JobId, at: datetime) -> None:
        self._change(job_id, state=JobState.CANCELLED, cancel_asked_at=at, finished_at=at)

    def ask_to_cancel(self, job_id: JobId, at: datetime) -> None:
        self._change(job_id, cancel_asked_at=at)

    def requeue_job(self, job_id: JobId, at: datetime, attempts: int) -> None:
        self._change(
            job_id,
            state=JobState.QUEUED,
            not_before=at,
            max_attempts=jobs.c.attempt + attempts,
            cancel_asked_at=None,
            finished_at=None,
            progress=0.0,
            message="",
        )
        self._jobs.append(job_id)

    def _change(self, job_id: JobId, **values: object) -> None:
        self.session.execute(self.mine(update(jobs).where(jobs.c.id == job_id)).values(**values))


def _filtered(wanted: JobFilter) -> Select[Any]:
    statement = select(*COLUMNS)
    if wanted.states:
        statement = statement.where(jobs.c.state.in_(wanted.states))
    if wanted.kinds:
        statement = statement.where(jobs.c.kind.in_(wanted.kinds))
    return statement


def _view(row: Row[Any]) -> JobView:
    values = row._asdict()
    return JobView(**values | {"state": JobState(values["state"])})
