"""Jobs as a worker claims them."""

from sqlalchemy import update

from core.domain.actor import Actor, JobClaim
from core.domain.ids import JobId
from core.infrastructure.database import Purpose
from core.infrastructure.jobs import JobState, jobs
from core.infrastructure.sql import Storage


def claimed(storage: Storage, owner: Actor, job_id: JobId, *, attempt: int = 1) -> Actor:
    """The worker's actor, whose claim holds."""
    with storage.database.system_transaction(Purpose.JOBS) as session:
        change = update(jobs).where(jobs.c.id == job_id)
        session.execute(change.values(state=JobState.RUNNING, attempt=attempt))
    return Actor(tenant_id=owner.tenant_id, claim=JobClaim(job_id, attempt))


def settled(storage: Storage, job_id: JobId) -> None:
    """It succeeded, and its worker has said so."""
    with storage.database.system_transaction(Purpose.JOBS) as session:
        change = update(jobs).where(jobs.c.id == job_id)
        session.execute(change.values(state=JobState.SUCCEEDED))
