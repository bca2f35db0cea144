"""All that belongs to a tenant, found by the tables themselves: no context has to list its own."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import ColumnElement, Table, delete, func, or_, select
from sqlalchemy.orm import Session

from core.application.files import FileKind, TenantFiles
from core.domain.ids import TenantId
from core.infrastructure.database import Database, Purpose
from core.infrastructure.jobs import jobs
from core.infrastructure.row_security import tenant_tables
from core.infrastructure.schema import SECRET, metadata
from core.infrastructure.sql import of_tenant
from enterprise.application.ports import DeletionRecord, TenantView
from enterprise.domain.audit_chain import Head
from enterprise.infrastructure.audit_log import locked_head
from enterprise.infrastructure.statements import snapshot_of
from enterprise.infrastructure.tables import heads, tenants

AT_ONCE = 1000  # rows in memory


@dataclass(frozen=True, slots=True)
class SqlArchive:
    """``enterprise.application.ports.Archive``."""

    database: Database
    files: TenantFiles

    def write(self, tenant_id: TenantId, path: Path) -> Mapping[str, int]:
        rows: dict[str, int] = {}
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            with snapshot_of(self.database, tenant_id) as session:
                for table in tenant_tables(metadata):
                    rows[table.name] = _write_rows(archive, session, table, tenant_id)
            for kind, name, file in self.files.of_tenant(tenant_id):
                if kind is not FileKind.EXPORTS and file.exists():
                    archive.write(file, f"files/{kind}/{name}")
            manifest = {"schema": "anom.tenant-export/1", "tenant_id": str(tenant_id), "rows": rows}
            archive.writestr("manifest.json", json.dumps(manifest, indent=2))
        return rows

    def count(self, tenant_id: TenantId) -> Mapping[str, int]:
        with snapshot_of(self.database, tenant_id) as session:
            return {
                table.name: session.scalar(
                    select(func.count()).select_from(table).where(rows_of(table, tenant_id))
                )
                or 0
                for table in tenant_tables(metadata)
            }

    def remove(self, tenant: TenantView, record: DeletionRecord) -> Mapping[str, int]:
        removed: dict[str, int] = {}
        with self.database.system_transaction(Purpose.OPERATOR) as session:
            locked_head(session, tenant.id)
            head = session.execute(of_tenant(select(heads.c.number, heads.c.hash), tenant.id)).first()
            shared = {table: _ids(session, table, tenant.id) for table in shared_tables()}
            for table in _jobs_first(tenant_tables(metadata)):
                if "tenant_id" in table.c:
                    gone = session.execute(of_tenant(delete(table), tenant.id))
                    removed[table.name] = gone.rowcount  # type: ignore[attr-defined]  # of a delete
            for table, ids in shared.items():
                gone = session.execute(delete(table).where(table.c.id.in_(ids), ~_is_referred_to(table)))
                removed[table.name] = gone.rowcount  # type: ignore[attr-defined]  # of a delete
            session.execute(delete(tenants).where(tenants.c.id == tenant.id))
            record(session, head and Head(*head), removed)
        return removed


def shared_tables() -> list[Table]:
    """Of rows that several tenants may refer to: people. What belongs to a person goes with them."""
    others = [t for t in tenant_tables(metadata) if "tenant_id" not in t.c]
    return [table for table in others if next(_references(table), None) is not None]


def rows_of(table: Table, tenant_id: TenantId) -> ColumnElement[bool]:
    """Which rows of a table belong to the tenant: its own, or those that rows of its own refer to."""
    if "tenant_id" in table.c:
        return table.c.tenant_id == tenant_id
    if table is tenants:
        return tenants.c.id == tenant_id
    return or_(
        False,
        *(table.c.id.in_(of_tenant(select(column), tenant_id)) for column in _references(table)),
    )


def _jobs_first(tables: Sequence[Table]) -> list[Table]:
    """Children before parents; and a running job, whose claim is gone with its row, stores nothing behind us."""
    return [jobs, *(table for table in reversed(tables) if table is not jobs)]


def _references(table: Table) -> Iterator[Any]:
    """Columns of tenants' tables that refer to rows of this one."""
    for other in tenant_tables(metadata):
        for key in other.foreign_keys:
            if key.column.table is table and "tenant_id" in other.c:
                yield key.parent


def _is_referred_to(table: Table) -> ColumnElement[bool]:
    """By a row of any tenant."""
    return or_(False, *(table.c.id.in_(select(column)) for column in _references(table)))


def _ids(session: Session, table: Table, tenant_id: TenantId) -> list[Any]:
    return list(session.scalars(select(table.c.id).where(rows_of(table, tenant_id))))


def _write_rows(archive: ZipFile, session: Session, table: Table, tenant_id: TenantId) -> int:
    columns = [column for column in table.c if not column.info.get(next(iter(SECRET)))]
    statement = select(*columns).where(rows_of(table, tenant_id)).order_by(*table.primary_key.columns)
    count = 0
    with archive.open(f"tables/{table.name}.ndjson", "w", force_zip64=True) as out:
        for row in session.execute(statement, execution_options={"yield_per": AT_ONCE}):
            out.write(json.dumps(row._asdict(), default=_as_json).encode() + b"\n")
            count += 1
    return count


def _as_json(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
