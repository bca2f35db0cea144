"""Answers to requests that carry an Idempotency-Key, kept for a day. The row is the lock, too."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Uuid, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.application.kept_answers import Answer, Asked, Claim, RequestInFlight
from core.domain.ids import new_id
from core.infrastructure.database import Database, Purpose
from core.infrastructure.schema import SECRET, Json, UtcDateTime, metadata
from core.infrastructure.sql import S, of_tenant

KEPT = timedelta(hours=24)  # the longest

answers = Table(
    "core_idempotency",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("caller_id", Uuid, primary_key=True),  # user or key
    Column("key", String(255), primary_key=True),
    Column("endpoint", String(64), primary_key=True),
    Column("claim", Uuid, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),  # or when it was answered
    Column("body_hash", String(64)),
    Column("status", Integer),  # null: it is being carried out
    Column("headers", Json, info=SECRET),
    Column("body", LargeBinary, info=SECRET),
    Index(None, "claimed_at"),
)
EMPTY = {"body_hash": None, "status": None, "headers": None, "body": None}


@dataclass(frozen=True, slots=True)
class SqlAnswers:
    """``core.application.kept_answers.KeptAnswers``."""

    database: Database
    clock: Callable[[], datetime]

    def begin(self, asked: Asked) -> Claim | Answer:
        claim, now = Claim(asked, new_id()), self.clock()
        with self.database.of_tenant(asked.tenant_id, write=True) as session:
            if _inserted(session, claim, now):
                session.commit()
                return claim
            row = session.execute(_of(asked, select(answers)).with_for_update()).first()
            is_over = row is not None and row.status is not None
            if row is None or row.claimed_at > now - (asked.kept if is_over else asked.patience):
                if row is None or not is_over:
                    raise in_flight()
                return Answer(
                    row.body_hash, row.status, tuple((name, value) for name, value in row.headers), row.body
                )
            again = _of(asked, update(answers)).values(claim=claim.number, claimed_at=now, **EMPTY)
            session.execute(again)
            session.commit()
            return claim

    def finish(self, claim: Claim, answer: Answer) -> None:
        with self.database.of_tenant(claim.asked.tenant_id, write=True) as session:
            mine = _of(claim.asked, update(answers)).where(answers.c.claim == claim.number)
            session.execute(
                mine.values(
                    claimed_at=self.clock(),
                    body_hash=answer.body_hash,
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                )
            )
            session.commit()

    def free(self, claim: Claim) -> None:
        with self.database.of_tenant(claim.asked.tenant_id, write=True) as session:
            session.execute(_of(claim.asked, delete(answers)).where(answers.c.claim == claim.number))
            session.commit()

    def sweep(self, now: datetime) -> None:
        with self.database.system_transaction(Purpose.SWEEP) as session:
            session.execute(delete(answers).where(answers.c.claimed_at < now - KEPT))


def in_flight() -> RequestInFlight:
    return RequestInFlight("Its Idempotency-Key is in use.", fix="Wait for it to end, then send it again.")


def _of(asked: Asked, statement: S) -> S:
    mine = (
        answers.c.caller_id == asked.caller_id,
        answers.c.key == asked.key,
        answers.c.endpoint == asked.endpoint,
    )
    return of_tenant(statement.where(*mine), asked.tenant_id)


def _inserted(session: Session, claim: Claim, now: datetime) -> bool:
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    row = {
        "tenant_id": claim.asked.tenant_id,
        "caller_id": claim.asked.caller_id,
        "key": claim.asked.key,
        "endpoint": claim.asked.endpoint,
        "claim": claim.number,
        "claimed_at": now,
    }
    fresh = dialect.insert(answers).values(row).on_conflict_do_nothing().returning(answers.c.claim)
    return session.scalar(fresh) is not None
