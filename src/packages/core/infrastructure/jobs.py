"""Jobs as rows: the truth about slow work. See ``docs/architecture``: a job is stored with its cause."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text, Uuid
from sqlalchemy.orm import Session

from core.application.jobs import JobState as JobState  # offered on: others read states of this table
from core.domain.actor import Actor
from core.domain.ids import JobId, new_id
from core.infrastructure.schema import SECRET, Json, UtcDateTime, metadata

jobs = Table(
    "core_jobs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", String(80), nullable=False),
    Column("payload", Json, nullable=False),
    Column("subject_id", Uuid),
    Column("state", String(16), nullable=False),
    Column("progress", Float, nullable=False),
    Column("message", Text, nullable=False),
    Column("attempt", Integer, nullable=False),  # counted when it is claimed: the claim's number
    Column("max_attempts", Integer, nullable=False),
    Column("cancel_asked_at", UtcDateTime),
    Column("not_before", UtcDateTime, nullable=False),
    Column("heartbeat_at", UtcDateTime),
    Column("worker", String(120), nullable=False),  # which process has it
    Column("result", Json),
    Column("error", Json),  # code, title, detail, fix
    Column(
        "log_tail", Json, info=SECRET
    ),  # JSON lines of what failed with the error: for operators as they are
    Column("user_id", Uuid),  # who asked for it
    Column("key_id", Uuid),
    Column("request_id", String(120), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Index(None, "tenant_id", "created_at", "id"),
    Index(None, "tenant_id", "subject_id"),
    Index(None, "state", "not_before"),
    info={"retention": ("jobs", "finished_at")},
)
BESIDES_LOG = tuple(column for column in jobs.c if column is not jobs.c.log_tail)


def store(
    session: Session,
    actor: Actor,
    *,
    kind: str,
    payload: Mapping[str, object],
    subject_id: UUID | None,
    max_attempts: int,
    now: datetime,
) -> JobId:
    """Add a queued job to the session's transaction."""
    job_id = JobId(new_id())
    row = {
        "id": job_id,
        "tenant_id": actor.tenant_id,
        "kind": kind,
        "payload": dict(payload),
        "subject_id": subject_id,
        "state": JobState.QUEUED,
        "progress": 0.0,
        "message": "",
        "attempt": 0,
        "max_attempts": max_attempts,
        "not_before": now,
        "worker": "",
        "user_id": actor.user_id,
        "key_id": actor.key_id,
        "request_id": actor.request_id,
        "created_at": now,
    }
    session.execute(jobs.insert().values(row))
    return job_id
