"""Jobs as their tenant sees and changes them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select, update

from core.application.job_list import JobFilter, JobView, WorkerView, no_such_job
from core.application.jobs import JobState
from core.domain.ids import JobId, TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database, Purpose
from core.infrastructure.job_log import told
from core.infrastructure.jobs import jobs
from core.infrastructure.keyset import Order, sorts, total_of
from core.infrastructure.sql import SqlUnitOfWork, of_tenant

MOST_WORKERS = 200
COLUMNS = tuple(jobs.c[name] for name in JobView.__dataclass_fields__)


SORTS: dict[str, Order[JobView]] = sorts("jobs", {"created_at": jobs.c.created_at}, jobs.c.id)


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

    def log_tail(self, tenant_id: TenantId, job_id: JobId) -> tuple[str, ...]:
        wanted = of_tenant(select(jobs.c.log_tail).where(jobs.c.id == job_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            return told(session.scalar(wanted) or ())

    def whole_log_tail(self, job_id: JobId) -> tuple[str, ...]:
        with self.database.as_system(Purpose.OPERATOR) as session:
            return tuple(session.scalar(select(jobs.c.log_tail).where(jobs.c.id == job_id)) or ())

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
        statement, order = of_tenant(_filtered(wanted), tenant_id), SORTS[sort]
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(order.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
        return order.page([_view(row) for row in rows], limit, total)

    def of_all(
        self,
        wanted: JobFilter,
        *,
        sort: str = "-created_at",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[JobView]:
        statement, order = _filtered(wanted), SORTS[sort]
        with self.database.as_system(Purpose.OPERATOR) as session:
            rows = session.execute(order.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
        return order.page([_view(row) for row in rows], limit, total)

    def workers(self) -> list[WorkerView]:
        def of(state: JobState) -> ColumnElement[int]:
            return func.sum(case((jobs.c.state == state, 1), else_=0))

        heard = func.max(jobs.c.heartbeat_at)
        counts = of(JobState.RUNNING), of(JobState.SUCCEEDED), of(JobState.FAILED)
        found = (
            select(jobs.c.worker, *counts, heard)
            .where(jobs.c.worker != "")
            .group_by(jobs.c.worker)
            .order_by(heard.desc())
            .limit(MOST_WORKERS)
        )
        with self.database.as_system(Purpose.OPERATOR) as session:
            return [
                WorkerView(name=name, running=running, done=done, failed=failed, heard_at=heard_at)
                for name, running, done, failed, heard_at in session.execute(found)
            ]

    def waiting(self) -> int:
        queued = select(func.count()).where(jobs.c.state == JobState.QUEUED)
        with self.database.as_system(Purpose.OPERATOR) as session:
            return session.scalar(queued) or 0

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
    if wanted.subject_id is not None:
        statement = statement.where(jobs.c.subject_id == wanted.subject_id)
    if wanted.since is not None:
        statement = statement.where(jobs.c.created_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(jobs.c.created_at < wanted.until)
    return statement


def _view(row: Row[Any]) -> JobView:
    values = row._asdict()
    return JobView(**values | {"state": JobState(values["state"])})
