"""Reading, verifying and closing audit chains."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.orm import Session

from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database, Purpose
from core.infrastructure.keyset import Order, total_of
from core.infrastructure.logging import get_logger
from core.infrastructure.sql import of_tenant
from enterprise.application.ports import AuditFilter, AuditView
from enterprise.domain.audit_chain import ChainedEntry, Checkpoint, Head, Seal, Verification
from enterprise.infrastructure.audit_log import NamesOf, locked_head, nobodys_names
from enterprise.infrastructure.statements import snapshot_of
from enterprise.infrastructure.tables import audit, checkpoints, heads, persons

AT_ONCE = 1000  # rows in memory
NOBODY: dict[str, str | None] = {"address": None, "email": None}
ENTRY = tuple(audit.c[name] for name in ChainedEntry.__dataclass_fields__)
SHOWN = tuple(audit.c[name] for name in AuditView.__dataclass_fields__ if name in audit.c)
SORTS: dict[str, Order[AuditView]] = {
    f"{'-' * down}number": Order(f"audit{'-' * down}", ((audit.c.number, down),), lambda view: (view.number,))
    for down in (True, False)
}


@dataclass(frozen=True, slots=True)
class SqlAuditChains:
    """``enterprise.application.ports.AuditQueries``, and what sweeps do to chains."""

    database: Database
    seal: Seal
    names_of: NamesOf = nobodys_names

    def page(
        self,
        tenant_id: TenantId,
        wanted: AuditFilter,
        *,
        sort: str = "-number",
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[AuditView]:
        statement, order = _filtered(tenant_id, wanted), SORTS[sort]
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(order.cut(statement, limit, cursor)).all()
            total = total_of(session, statement, count)
            return order.page(self._views(session, tenant_id, rows), limit, total)

    def all(self, tenant_id: TenantId, wanted: AuditFilter) -> Iterator[AuditView]:
        statement = _filtered(tenant_id, wanted).order_by(audit.c.number)
        with (
            snapshot_of(self.database, tenant_id) as session,
            session.execute(statement, execution_options={"yield_per": AT_ONCE}) as rows,
        ):
            for part in rows.partitions():
                yield from self._views(session, tenant_id, part)

    def verification(self, tenant_id: TenantId) -> Verification:
        with snapshot_of(self.database, tenant_id) as session:
            return self._verified(session, tenant_id)

    def close_before(self, tenant_id: TenantId, before: datetime, now: datetime) -> int:
        """Delete the entries that are older, and sign where they ended; how many. A broken chain is left as it is."""
        with self.database.of_tenant(tenant_id, write=True) as session:
            locked_head(session, tenant_id)
            older = of_tenant(select(func.max(audit.c.number)).where(audit.c.at < before), tenant_id)
            number = session.scalar(older)
            if number is None:
                return 0
            if not (found := self._verified(session, tenant_id)).is_whole:
                get_logger(__name__).error(
                    "audit_chain_broken", tenant_id=str(tenant_id), number=found.broken_at
                )
                return 0
            last = of_tenant(select(audit.c.hash).where(audit.c.number == number), tenant_id)
            closed = Checkpoint(
                tenant_id=tenant_id, number=number, hash=session.execute(last).scalar_one(), at=now
            )
            for table in (checkpoints, persons):
                session.execute(of_tenant(delete(table).where(table.c.number <= number), tenant_id))
            gone = session.execute(of_tenant(delete(audit).where(audit.c.number <= number), tenant_id))
            session.execute(checkpoints.insert().values(**asdict(self.seal.signed(closed))))
            session.commit()
            return int(gone.rowcount)  # type: ignore[attr-defined]  # of a delete

    def log_heads(self) -> None:
        """To the log, which whoever can cut a chain cannot change: hourly."""
        with self.database.as_system(Purpose.AUDIT) as session:
            for row in session.execute(select(heads)):
                get_logger(__name__).info(
                    "audit_head", tenant_id=str(row.tenant_id), number=row.number, hash=row.hash
                )

    def _views(self, session: Session, tenant_id: TenantId, rows: Sequence[Row[Any]]) -> list[AuditView]:
        """With the personal data that is kept beside the entries."""
        theirs = persons.c.number.in_([row.number for row in rows])
        columns = (persons.c.number, persons.c.address, persons.c.email)
        found = session.execute(of_tenant(select(*columns).where(theirs), tenant_id))
        known = {row.number: {"address": row.address or None, "email": row.email or None} for row in found}
        names = self.names_of(session, tenant_id, {row.user_id for row in rows if row.user_id})
        return [_view(row, known.get(row.number, NOBODY) | {"name": names.get(row.user_id)}) for row in rows]

    def _verified(self, session: Session, tenant_id: TenantId) -> Verification:
        head = session.execute(of_tenant(select(heads.c.number, heads.c.hash), tenant_id)).first()
        newest = of_tenant(select(checkpoints), tenant_id).order_by(checkpoints.c.number.desc()).limit(1)
        checkpoint = session.execute(newest).first()
        entries = of_tenant(select(*ENTRY), tenant_id).order_by(audit.c.number)
        with session.execute(entries, execution_options={"yield_per": AT_ONCE}) as rows:
            return self.seal.verify(
                (ChainedEntry(**row._asdict()) for row in rows),
                None if checkpoint is None else Checkpoint(**checkpoint._asdict()),
                None if head is None else Head(*head),
            )


def _filtered(tenant_id: TenantId, wanted: AuditFilter) -> Select[Any]:
    conditions = [
        column == value
        for column, value in (
            (audit.c.action, wanted.action),
            (audit.c.user_id, wanted.user_id),
            (audit.c.object_id, wanted.object_id),
        )
        if value is not None
    ]
    if wanted.who is not None:
        same = func.lower(persons.c.email).contains(wanted.who.lower(), autoescape=True)
        theirs = of_tenant(select(persons.c.number).where(same), tenant_id)
        conditions.append(audit.c.number.in_(theirs))
    if wanted.since is not None:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(audit.c.at < wanted.until)
    return of_tenant(select(*SHOWN).where(*conditions), tenant_id)


def _view(row: Row[Any], person: dict[str, str | None]) -> AuditView:
    values = row._asdict()
    change = {name: values[name] and json.loads(values[name]) for name in ("before", "after")}
    return AuditView(**values | change | person)
