"""Training runs and evaluations with the state of their jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.jobs import BESIDES_LOG, jobs
from core.infrastructure.keyset import Order, newest_first, total_of
from core.infrastructure.sql import of_tenant
from machine_learning.application.registry.ports import EvaluationView, JobView, TrainingRunView
from machine_learning.domain.cuts import Cuts
from machine_learning.domain.registry.ids import EvaluationId, ModelVersionId, TrainingRunId
from machine_learning.domain.registry.reference import ModelReference
from machine_learning.domain.registry.training import EvaluationNotFound, TrainingRunNotFound
from machine_learning.infrastructure.registry.sql import named
from machine_learning.infrastructure.registry.tables import evaluations, models, runs, versions

RUNS: Order[Row[Any]] = newest_first(
    "training-runs", runs.c.created_at, runs.c.id, lambda row: (row.created_at, row.id)
)
EVALUATIONS: Order[Row[Any]] = newest_first(
    "evaluations", evaluations.c.created_at, evaluations.c.id, lambda row: (row.created_at, row.id)
)
SHOWN = [column for column in evaluations.c if column.name != "cuts"]


@dataclass(frozen=True, slots=True)
class SqlRunQueries:
    """Training runs of one tenant, imports among them."""

    database: Database

    def runs(
        self,
        tenant_id: TenantId,
        *,
        model: str | None,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[TrainingRunView]:
        """Newest first; of one model where it is named, by id or slug. Raises InvalidCursor."""
        wanted = _runs(tenant_id)
        if model is not None:
            wanted = wanted.where(named(ModelReference.of(model)))
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(RUNS.cut(wanted, limit, cursor)).all()
            page = RUNS.page(rows, limit, total_of(session, wanted, count))
            return page.of(_run_views(session, tenant_id, page.items))

    def run(self, tenant_id: TenantId, run_id: TrainingRunId) -> TrainingRunView:
        """Raises TrainingRunNotFound."""
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(_runs(tenant_id).where(runs.c.id == run_id)).all()
            if not found:
                raise TrainingRunNotFound(
                    "No training run has that id.", fix="List them: GET /api/v1/training-runs."
                )
            return _run_views(session, tenant_id, found)[0]


@dataclass(frozen=True, slots=True)
class SqlEvaluationQueries:
    """Evaluations of one tenant's versions."""

    database: Database

    def evaluations(
        self,
        tenant_id: TenantId,
        version_id: ModelVersionId,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[EvaluationView]:
        """Newest first. Raises InvalidCursor."""
        wanted = of_tenant(select(*SHOWN).where(evaluations.c.version_id == version_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(EVALUATIONS.cut(wanted, limit, cursor)).all()
            page = EVALUATIONS.page(rows, limit, total_of(session, wanted, count))
            return page.of(_evaluation_views(session, tenant_id, page.items))

    def evaluation(
        self, tenant_id: TenantId, version_id: ModelVersionId, evaluation_id: EvaluationId
    ) -> EvaluationView:
        """Raises EvaluationNotFound."""
        wanted = select(*SHOWN).where(
            evaluations.c.id == evaluation_id, evaluations.c.version_id == version_id
        )
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(of_tenant(wanted, tenant_id)).all()
            if not found:
                raise EvaluationNotFound("No evaluation of the version has that id.")
            return _evaluation_views(session, tenant_id, found)[0]

    def cuts(self, tenant_id: TenantId, evaluation_id: EvaluationId) -> Cuts:
        """Raises EvaluationNotFound."""
        wanted = of_tenant(select(evaluations.c.cuts).where(evaluations.c.id == evaluation_id), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            found = session.scalars(wanted).one_or_none()
        if found is None:
            raise EvaluationNotFound("It was deleted with its version, or is not done.")
        return Cuts.unpacked(found)


def _runs(tenant_id: TenantId) -> Select[Any]:
    joined = runs.join(models, models.c.id == runs.c.model_id)
    return of_tenant(select(runs, models.c.slug.label("model")).select_from(joined), tenant_id)


def _run_views(session: Session, tenant_id: TenantId, found: Sequence[Row[Any]]) -> list[TrainingRunView]:
    states = _jobs(session, tenant_id, found)
    made = {
        row.training_run_id: row
        for row in session.execute(
            of_tenant(
                select(versions.c.training_run_id, versions.c.id, versions.c.number).where(
                    versions.c.training_run_id.in_([row.id for row in found])
                ),
                tenant_id,
            )
        )
    }
    views = []
    for row in found:
        version = made.get(row.id)
        values: dict[str, Any] = {
            name: getattr(row, name)
            for name in TrainingRunView.__dataclass_fields__.keys() - {"version_id", "number", "job"}
        }
        views.append(
            TrainingRunView(
                **values,
                version_id=version and version.id,
                number=version and version.number,
                job=_job_view(states.get(row.job_id), row.job_id, done=version is not None),
            )
        )
    return views


def _evaluation_views(
    session: Session, tenant_id: TenantId, found: Sequence[Row[Any]]
) -> list[EvaluationView]:
    states = _jobs(session, tenant_id, found)
    fields = EvaluationView.__dataclass_fields__.keys() - {"job"}
    return [
        EvaluationView(
            **{name: getattr(row, name) for name in fields},
            job=_job_view(states.get(row.job_id), row.job_id, done=row.document is not None),
        )
        for row in found
    ]


def _jobs(session: Session, tenant_id: TenantId, found: Sequence[Row[Any]]) -> dict[UUID, Row[Any]]:
    wanted = select(*BESIDES_LOG).where(jobs.c.id.in_([row.job_id for row in found]))
    return {row.id: row for row in session.execute(of_tenant(wanted, tenant_id))}


def _job_view(row: Row[Any] | None, job_id: Any, *, done: bool) -> JobView:
    """What the job led to counts: the job itself may have been deleted since, or not be settled yet."""
    if row is None or (done and row.state != JobState.SUCCEEDED):
        return JobView(
            id=job_id,
            state=JobState.SUCCEEDED if done else JobState.FAILED,
            progress=1.0 if done else 0.0,
            message="",
            error=None,
            finished_at=None,
        )
    return JobView(
        id=job_id,
        state=row.state,
        progress=row.progress,
        message=row.message,
        error=row.error,
        finished_at=row.finished_at,
    )
