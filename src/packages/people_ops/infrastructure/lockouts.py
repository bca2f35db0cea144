"""A guard against guessing: who tries often must wait, and ever longer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from math import ceil

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.domain.actor import Actor
from core.domain.errors import TooMany
from core.domain.ids import PLATFORM
from core.infrastructure.database import Database, Purpose
from enterprise.api import SecurityEvents
from people_ops.infrastructure.tables import lockouts

FREE_OF_SUBJECT, FREE_OF_ADDRESS = 5, 40
FORGOTTEN = timedelta(hours=1)
LONGEST = timedelta(minutes=15)


class TooManyAttempts(TooMany):
    title = "Too many attempts"


@dataclass(frozen=True, slots=True)
class SqlAttempts:
    """``application.ports.Attempts``. After the free ones each attempt doubles the time until the next."""

    database: Database
    clock: Callable[[], datetime]
    events: SecurityEvents

    def admit(self, subject: str, *, told: Sequence[Actor] = ()) -> None:
        """Counts one attempt, before it is known how it ends: many at once gain nothing. Raises TooManyAttempts."""
        now, free = self.clock(), FREE_OF_ADDRESS if _network(subject) else FREE_OF_SUBJECT
        with self.database.system_transaction(Purpose.LOG_IN) as session:
            count, until = self._row(session, _hash(subject), now)
            wait = (until - now).total_seconds() if until else 0
            if wait <= 0:
                count += 1
                delay = min(timedelta(seconds=2 ** min(count - free, 20)), LONGEST) if count >= free else None
                changed = update(lockouts).where(lockouts.c.subject_hash == _hash(subject))
                session.execute(
                    changed.values(attempts=count, last_at=now, locked_until=now + delay if delay else None)
                )
        if wait > 0:
            raise TooManyAttempts(
                "Too many attempts came one after another.",
                fix="Wait, then try again.",
                retry_after=ceil(wait),
            )
        if count == free + 1:
            for actor in told or (Actor(tenant_id=PLATFORM, address=_network(subject) or ""),):
                self.events(actor, "lockout.started", {"attempts": count}, object_id=actor.user_id)

    def give_back(self, subject: str) -> None:
        """One attempt, that was right, and the wait it began."""
        changed = update(lockouts).where(lockouts.c.subject_hash == _hash(subject), lockouts.c.attempts > 0)
        with self.database.system_transaction(Purpose.LOG_IN) as session:
            session.execute(changed.values(attempts=lockouts.c.attempts - 1, locked_until=None))

    def forget(self, subject: str) -> None:
        with self.database.system_transaction(Purpose.LOG_IN) as session:
            session.execute(delete(lockouts).where(lockouts.c.subject_hash == _hash(subject)))

    @staticmethod
    def _row(session: Session, subject_hash: str, now: datetime) -> tuple[int, datetime | None]:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        fresh = {"subject_hash": subject_hash, "attempts": 0, "last_at": now}
        session.execute(dialect.insert(lockouts).values(fresh).on_conflict_do_nothing())
        found = select(lockouts).where(lockouts.c.subject_hash == subject_hash).with_for_update()
        row = session.execute(found).one()
        if now - row.last_at > FORGOTTEN:
            return 0, None
        return row.attempts, row.locked_until


def _network(subject: str) -> str | None:
    """Where the subject is an address: itself, or the /64 it is in, of which one host has all."""
    try:
        address = ip_address(subject)
    except ValueError:
        return None
    return str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False))


def _hash(subject: str) -> str:
    return sha256((_network(subject) or subject).encode()).hexdigest()
