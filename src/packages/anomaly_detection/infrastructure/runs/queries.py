"""Runs as their tenant sees them, with the state of their jobs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from anomaly_detection.application.runs.ports import RunFilter, RunOutcome, RunView
from anomaly_detection.domain.ids import DetectorId, RunId
from anomaly_detection.domain.runs.run import Run, no_run, not_finished
from anomaly_detection.infrastructure.runs.tables import runs
from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.domain.public_ids import parsed
from core.infrastructure.database import Database
from core.infrastructure.jobs import BESIDES_LOG, jobs
from core.infrastructure.keyset import Order, total_of
from core.infrastructure.sql import of_tenant

SORTS: dict[str, Order[RunView]] = {
    sort: Order(
        f"runs{sort}",
        ((runs.c.created_at, down), (runs.c.id, down)),
        lambda view: (view.created_at, view.id),
    )
    for sort, down in (("created_at", False), ("-created_at", True))
}
OF_THE_JOB = ("state", "progress", "message", "error")


@dataclass(frozen=True, slots=True)
class SqlRunQueries:
    database: Database

    def runs(
        self,
        tenant_id: TenantId,
        wanted: RunFilter,
        *,
        sort: str,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[RunView]:
        """``sort`` is one of ``SORTS``. Raises InvalidCursor."""
        order = SORTS[sort]
        statement = of_tenant(_filtered(wanted, tenant_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(order.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
            return order.page(_views(session, tenant_id, rows), limit, total)

    def outcomes(self, tenant_id: TenantId, wanted: RunFilter, *, limit: int) -> Sequence[RunOutcome]:
        has_failed = case((_in_state(JobState.FAILED, tenant_id), True), else_=False)
        columns = (runs.c.id, runs.c.created_at, runs.c.rows, runs.c.by_severity, has_failed.label("failed"))
        statement = _filtered(wanted, tenant_id).with_only_columns(*columns)
        newest = statement.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit)
        with self.database.of_tenant(tenant_id) as session:
            return [
                RunOutcome(
                    id=row.id,
                    created_at=row.created_at,
                    has_failed=row.failed,
                    rows=row.rows or 0,
                    by_severity=row.by_severity or {},
                )
                for row in session.execute(of_tenant(newest, tenant_id))
            ]

    def run(self, tenant_id: TenantId, run_id: RunId) -> RunView:
        """Raises RunNotFound."""
        statement = of_tenant(select(runs).where(runs.c.id == run_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(statement).all()
            if not found:
                raise no_run()
            return _views(session, tenant_id, found)[0]

    def these(self, tenant_id: TenantId, ids: Collection[RunId]) -> Mapping[UUID, RunView]:
        statement = of_tenant(select(runs).where(runs.c.id.in_(ids)), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(statement).all()
            return {view.id: view for view in _views(session, tenant_id, found)}

    def latest(self, tenant_id: TenantId, detector_ids: Collection[DetectorId]) -> Mapping[UUID, RunView]:
        if not detector_ids:
            return {}
        newest_first = func.row_number().over(
            partition_by=runs.c.detector_id, order_by=(runs.c.created_at.desc(), runs.c.id.desc())
        )
        ranked = select(runs.c.id, newest_first.label("place")).where(runs.c.detector_id.in_(detector_ids))
        found = of_tenant(ranked, tenant_id).subquery()
        newest = select(runs).where(runs.c.id.in_(select(found.c.id).where(found.c.place == 1)))
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(of_tenant(newest, tenant_id)).all()
            return {view.detector_id: view for view in _views(session, tenant_id, rows) if view.detector_id}

    def finished(self, tenant_id: TenantId, run_id: RunId) -> Run:
        """Detached from its transaction. Raises RunNotFound, RunNotFinished."""
        with self.database.of_tenant(tenant_id) as session:
            run = session.scalar(of_tenant(select(Run).where(runs.c.id == run_id), tenant_id))
        if run is None:
            raise no_run()
        if run.finished_at is None:
            raise not_finished()
        return run


def _filtered(wanted: RunFilter, tenant_id: TenantId) -> Select[Any]:
    statement = select(runs)
    if wanted.states:
        statement = statement.where(or_(*(_in_state(state, tenant_id) for state in wanted.states)))
    if wanted.dataset is not None:
        by_id = parsed("ds", wanted.dataset)
        statement = statement.where(
            runs.c.dataset_slug == wanted.dataset if by_id is None else runs.c.dataset_id == by_id
        )
    if wanted.detector is not None:
        statement = statement.where(runs.c.detector_id == wanted.detector)
    if wanted.model is not None:
        statement = statement.where(_of_model(wanted.model))
    if wanted.since is not None:
        statement = statement.where(runs.c.created_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(runs.c.created_at < wanted.until)
    return statement


def _of_model(reference: str) -> ColumnElement[bool]:
    version_id = parsed("mv", reference)
    if version_id is not None:
        return runs.c.model_version_id == version_id
    if ":" in reference:
        return runs.c.model_reference == reference
    return runs.c.model_reference.startswith(f"{reference}:", autoescape=True)


def _in_state(state: str, tenant_id: TenantId) -> ColumnElement[bool]:
    """As ``_views`` puts it: what the job led to counts, and a job that is gone without a result has failed."""
    if state == JobState.SUCCEEDED:
        return runs.c.finished_at.is_not(None)
    mine = of_tenant(select(jobs.c.id), tenant_id)
    there: ColumnElement[bool] = runs.c.job_id.in_(mine.where(jobs.c.state == state))
    if state == JobState.FAILED:
        there = or_(there, runs.c.job_id.not_in(mine))
    return and_(runs.c.finished_at.is_(None), there)


def _views(session: Session, tenant_id: TenantId, found: Sequence[Row[Any]]) -> list[RunView]:
    wanted = select(*BESIDES_LOG).where(jobs.c.id.in_([row.job_id for row in found]))
    of_jobs: dict[UUID, Row[Any]] = {row.id: row for row in session.execute(of_tenant(wanted, tenant_id))}
    own = RunView.__dataclass_fields__.keys() - set(OF_THE_JOB)
    return [
        RunView(**{name: getattr(row, name) for name in own}, **_work(row, of_jobs.get(row.job_id)))
        for row in found
    ]


def _work(run: Row[Any], job: Row[Any] | None) -> dict[str, Any]:
    if run.finished_at is not None:
        return {"state": JobState.SUCCEEDED, "progress": 1.0, "message": "", "error": None}
    if job is None:
        return {"state": JobState.FAILED, "progress": 0.0, "message": "", "error": None}
    return {name: getattr(job, name) for name in OF_THE_JOB}
