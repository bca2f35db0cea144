"""A unit of work bound to one actor: it narrows each statement to the actor's tenant, audits, and asks for jobs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar
from uuid import UUID

from sqlalchemy import Delete, FromClause, Join, Select, Update, update
from sqlalchemy.engine.default import StrCompileDialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from core.application.audit import AuditEntry, AuditLog
from core.application.jobs import LostClaim
from core.application.quota import Quota, QuotaLedger
from core.domain.actor import Actor
from core.domain.errors import Conflict, Stale
from core.domain.ids import JobId, TenantId
from core.infrastructure import jobs
from core.infrastructure.database import Database


class Owned(Protocol):
    """An aggregate: it belongs to a tenant."""

    tenant_id: TenantId


A = TypeVar("A", bound=Owned)
DIALECT = StrCompileDialect()


class Statement(Protocol):
    """A select, an update or a delete."""

    def where(self, *conditions: Any) -> Self: ...


S = TypeVar("S", bound=Statement)


class Duplicate(Conflict):
    title = "It already exists"


class ForeignAggregate(RuntimeError):
    """An aggregate of another tenant reached this unit of work: our bug, so no DomainError."""


def is_duplicate(error: IntegrityError) -> bool:
    """True for a unique or primary key clash; any other broken constraint is our bug, and stays a 500."""
    sqlstate = getattr(error.orig, "sqlstate", None)  # PostgreSQL
    name = getattr(error.orig, "sqlite_errorname", None)
    return sqlstate == "23505" or name in {"SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"}


def final_froms(statement: Select[Any]) -> Sequence[FromClause]:
    """``statement.get_final_froms()``, which compiles the statement only to make a compiler: that takes longer than asking
    the database."""
    compiler = DIALECT.statement_compiler(DIALECT, None)
    return statement._compile_state_factory(statement, compiler)._get_display_froms()


def _sources(of: object) -> Iterator[FromClause]:
    match of:
        case Select():
            for each in final_froms(of):
                yield from _sources(each)
        case Update() | Delete():
            yield from _sources(of.table)
        case Join(isouter=False, full=False):
            yield from _sources(of.left)
            yield from _sources(of.right)
        case FromClause() if "tenant_id" in of.c and not isinstance(of, Join):
            yield of
        case _:  # an outer join, which the filter would make an inner one, or a table all tenants share
            raise TypeError(f"This cannot be narrowed to a tenant as it stands: {of}")


def of_tenant(statement: S, tenant_id: TenantId) -> S:
    """The statement, narrowed to one tenant in each table it selects from, or changes.

    This is the only tenant filter we write. It sees no table inside a subquery, in an update's FROM, or joined later:
    a subquery is narrowed by a call of its own.
    """
    sources = list(_sources(statement))
    if not sources:
        raise TypeError("There is no table to narrow.")
    return statement.where(*(source.c.tenant_id == tenant_id for source in sources))


@dataclass(frozen=True, slots=True)
class Storage:
    """What every unit of work stands on. ``dispatch`` tells the workers of a job that was just stored."""

    database: Database
    audit_log: AuditLog
    quotas: QuotaLedger
    clock: Callable[[], datetime]
    dispatch: Callable[[JobId], None]


class SqlUnitOfWork:
    """``application.uow.UnitOfWork`` on a database. Contexts subclass it with their repositories as properties."""

    def __init__(self, storage: Storage, actor: Actor) -> None:
        self._storage, self.actor, self.tenant_id = storage, actor, actor.tenant_id

    def __enter__(self) -> Self:
        self.session: Session = self._opened()
        self._entries: list[AuditEntry] = []
        self._jobs: list[JobId] = []
        return self

    def _opened(self) -> Session:
        return self._storage.database.of_tenant(self.tenant_id, write=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.session.close()  # rolls back whatever was not committed

    def mine(self, statement: S) -> S:
        return of_tenant(statement, self.tenant_id)

    def one(self, statement: Select[A]) -> A | None:
        """My tenant's match."""
        return self.session.scalar(self.mine(statement))

    def add(self, aggregate: Owned) -> None:
        if aggregate.tenant_id != self.tenant_id:
            raise ForeignAggregate(f"{type(aggregate).__name__} of tenant {aggregate.tenant_id}.")
        self.session.add(aggregate)

    def audit(
        self,
        action: str,
        object_id: UUID | None = None,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        self._entries.append(AuditEntry(action, object_id, before, after))

    def charge(self, quota: Quota, amount: int) -> None:
        self._storage.quotas.charge(self.session, self.tenant_id, quota, amount)

    def enqueue(
        self,
        kind: str,
        payload: Mapping[str, object],
        *,
        subject_id: UUID | None = None,
        max_attempts: int = 3,
    ) -> JobId:
        job_id = jobs.store(
            self.session,
            self.actor,
            kind=kind,
            payload=payload,
            subject_id=subject_id,
            max_attempts=max_attempts,
            now=self._storage.clock(),
        )
        self._jobs.append(job_id)
        return job_id

    def commit(self) -> None:
        """Store the changes, their audit entries and their jobs together, or none of them."""
        try:
            self.session.flush()  # a clash shows here, before the tenant's audit chain is locked
            self._hold_the_claim()
            if self._entries:
                self._storage.audit_log.append(self.session, self.actor, self._entries)
            self.session.commit()
        except StaleDataError as error:
            raise Stale("Someone else changed it just now.", fix="Read it again, then repeat.") from error
        except IntegrityError as error:
            if is_duplicate(error):
                raise Duplicate(
                    "Someone else stored the same thing just now.", fix="Read it again."
                ) from error
            raise
        for job_id in self._jobs:
            self._storage.dispatch(job_id)
        self._entries, self._jobs = [], []

    def _hold_the_claim(self) -> None:
        """A job that was given to another worker stores nothing more."""
        if self.actor.claim is None:
            return
        held = update(jobs.jobs).where(
            jobs.jobs.c.id == self.actor.claim.job_id,
            jobs.jobs.c.attempt == self.actor.claim.attempt,
            jobs.jobs.c.state == jobs.JobState.RUNNING,
        )
        beat = self.mine(held).values(heartbeat_at=self._storage.clock()).returning(jobs.jobs.c.id)
        if self.session.execute(beat).first() is None:
            raise LostClaim(f"Job {self.actor.claim.job_id} runs elsewhere or was cancelled.")
