"""The life of a job's row, as workers change it. Every change after the claim holds only while the claim does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, and_, func, select, update
from sqlalchemy.orm import Session

from core.domain.actor import Actor, JobClaim
from core.domain.ids import JobId, KeyId, TenantId, UserId
from core.infrastructure.database import Database, Purpose
from core.infrastructure.jobs import JobState, jobs

LOST = {
    "code": "worker_lost",
    "title": "The worker was lost",
    "detail": "The process that ran the job ended each time before the job did.",
    "fix": "Retry the job; if it happens again, give its workers more memory.",
}
LONGEST_WAIT_S = 60


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    id: JobId
    tenant_id: TenantId
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    user_id: UserId | None
    key_id: KeyId | None
    request_id: str

    def actor(self) -> Actor:
        return Actor(
            tenant_id=self.tenant_id,
            user_id=self.user_id,
            key_id=self.key_id,
            request_id=self.request_id,
            claim=JobClaim(self.id, self.attempt),
        )


@dataclass(frozen=True, slots=True)
class JobClaims:
    database: Database
    clock: Callable[[], datetime]

    def claim(self, job_id: JobId, worker: str) -> ClaimedJob | None:
        """The job, which is this worker's from now on; None where there is nothing to do."""
        now = self.clock()
        free = (jobs.c.id == job_id, jobs.c.state == JobState.QUEUED, jobs.c.not_before <= now)
        taken = {
            "state": JobState.RUNNING,
            "attempt": jobs.c.attempt + 1,
            "worker": worker,
            "heartbeat_at": now,
            "started_at": now,
            "progress": 0.0,
            "message": "",
        }
        columns = [jobs.c[name] for name in ClaimedJob.__dataclass_fields__]
        with self.database.system_transaction(Purpose.JOBS) as session:
            row = session.execute(update(jobs).where(*free).values(taken).returning(*columns)).first()
        return None if row is None else ClaimedJob(**row._asdict())

    def beat(self, job: ClaimedJob, progress: float, message: str) -> bool | None:
        """Say that it lives: whether it shall be cancelled; None where the claim is lost."""
        alive = {"heartbeat_at": self.clock(), "progress": progress, "message": message}
        with self.database.system_transaction(Purpose.JOBS) as session:
            row = session.execute(_held(job).values(alive).returning(jobs.c.cancel_asked_at)).first()
        return None if row is None else row[0] is not None

    def succeed(self, job: ClaimedJob, result: object) -> None:
        self._settle(job, state=JobState.SUCCEEDED, progress=1.0, result=result, error=None, log_tail=None)

    def cancel(self, job: ClaimedJob) -> None:
        self._settle(job, state=JobState.CANCELLED)

    def fail(
        self, job: ClaimedJob, error: Mapping[str, object], *, again: bool, log: Sequence[str] = ()
    ) -> None:
        """Failed, or, where trying again may help and attempts are left, queued for later."""
        why = {"error": dict(error), "log_tail": list(log)}
        if again and job.attempt < job.max_attempts:
            wait = timedelta(seconds=min(2**job.attempt, LONGEST_WAIT_S))
            self._requeue(job, not_before=self.clock() + wait, **why)
        else:
            self._settle(job, state=JobState.FAILED, **why)

    def hand_back(self, job: ClaimedJob) -> None:
        """To be run by another: this attempt does not count as one."""
        self._requeue(job, not_before=self.clock(), max_attempts=jobs.c.max_attempts + 1)

    def take_from_silent(self, silent_s: float) -> int:
        """End the claims of workers that have not been heard of for so long; how many there were."""
        return self._orphaned(jobs.c.heartbeat_at < self.clock() - timedelta(seconds=silent_s))

    def take_from_all(self) -> int:
        """End every claim: for a worker that knows there is no other."""
        return self._orphaned(jobs.c.attempt > 0)

    def due(self, since_s: float, limit: int = 1000) -> list[JobId]:
        """The oldest jobs that could have run for so long."""
        before = self.clock() - timedelta(seconds=since_s)
        found = (
            select(jobs.c.id)
            .where(jobs.c.state == JobState.QUEUED, jobs.c.not_before <= before)
            .order_by(jobs.c.not_before)
            .limit(limit)
        )
        with self.database.as_system(Purpose.JOBS) as session:
            return [JobId(id_) for id_ in session.scalars(found)]

    def by_state(self) -> dict[str, int]:
        """How many jobs all tenants have in each state."""
        count = select(jobs.c.state, func.count()).group_by(jobs.c.state)
        with self.database.as_system(Purpose.JOBS) as session:
            return {str(state): number for state, number in session.execute(count)}

    def _orphaned(self, condition: Any) -> int:
        now = self.clock()
        mine = and_(jobs.c.state == JobState.RUNNING, condition)
        cancelled = {"state": JobState.CANCELLED, "finished_at": now}
        failed = {"state": JobState.FAILED, "finished_at": now, "error": LOST, "log_tail": None}
        queued = {"state": JobState.QUEUED, "worker": "", "not_before": now}
        used_up = jobs.c.attempt >= jobs.c.max_attempts
        with self.database.system_transaction(Purpose.JOBS) as session:
            return (
                _changed(session, update(jobs).where(mine, jobs.c.cancel_asked_at.is_not(None)), cancelled)
                + _changed(session, update(jobs).where(mine, used_up), failed)
                + _changed(session, update(jobs).where(mine), queued)
            )

    def _requeue(self, job: ClaimedJob, **values: object) -> None:
        """Unless it was asked to end meanwhile: then it does."""
        cancelled = {"state": JobState.CANCELLED, "finished_at": self.clock()}
        with self.database.system_transaction(Purpose.JOBS) as session:
            asked = _held(job).where(jobs.c.cancel_asked_at.is_not(None))
            if not _changed(session, asked, cancelled):
                _changed(session, _held(job), {"state": JobState.QUEUED, "worker": ""} | values)

    def _settle(self, job: ClaimedJob, **values: object) -> None:
        with self.database.system_transaction(Purpose.JOBS) as session:
            _changed(session, _held(job), values | {"finished_at": self.clock()})


def _held(job: ClaimedJob) -> Update:
    return update(jobs).where(
        jobs.c.id == job.id, jobs.c.attempt == job.attempt, jobs.c.state == JobState.RUNNING
    )


def _changed(session: Session, statement: Update, values: Mapping[str, Any]) -> int:
    return len(session.execute(statement.values(dict(values)).returning(jobs.c.id)).all())
