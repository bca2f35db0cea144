"""Deleting what was kept long enough."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from core.application.files import FileKind, TenantFiles
from core.domain.ids import TenantId
from core.infrastructure.database import Database, Purpose
from core.infrastructure.row_security import tenant_tables
from core.infrastructure.schema import metadata
from core.infrastructure.sql import of_tenant
from enterprise.application.export_tenant import file_name
from enterprise.domain.tenant import Kept, days_kept
from enterprise.infrastructure.audit_chains import SqlAuditChains
from enterprise.infrastructure.tables import exports, tenants, usage

FLOWS_KEPT = timedelta(days=40)
BEING_WRITTEN = timedelta(days=1)  # a file comes before its row


@dataclass(frozen=True, slots=True)
class EnforceRetention:
    """A table takes part by ``info={"retention": ("results", "created_at")}``: a kind of ``Kept``, a column of time.

    Rows whose column is NULL stay. Daily is enough.
    """

    database: Database
    chains: SqlAuditChains
    files: TenantFiles

    def __call__(self, now: datetime) -> Mapping[str, int]:
        """How many rows per table it deleted."""
        with self.database.as_system(Purpose.SWEEP) as session:
            found = session.execute(select(tenants.c.id, tenants.c.retention_days)).all()
        deleted: Counter[str] = Counter()
        for row in found:
            days = days_kept(row.retention_days)
            deleted.update(self._delete_rows(row.id, days, now))
            self._delete_export_files(row.id, now)
            before = now - timedelta(days=days[Kept.AUDIT])
            deleted["enterprise_audit"] += self.chains.close_before(row.id, before, now)
        return deleted

    def _delete_rows(self, tenant_id: TenantId, days: Mapping[Kept, int], now: datetime) -> dict[str, int]:
        deleted = {}
        with self.database.of_tenant(tenant_id, write=True) as session:
            for table in reversed(tenant_tables(metadata)):
                if "retention" in table.info:
                    kind, column = table.info["retention"]
                    old = table.c[column] < now - timedelta(days=days[Kept(kind)])
                    gone = session.execute(of_tenant(delete(table).where(old), tenant_id))
                    deleted[table.name] = gone.rowcount  # type: ignore[attr-defined]  # of a delete
            ended = usage.c.period < f"{now - FLOWS_KEPT:%Y-%m-%dT%H:%M}"
            session.execute(of_tenant(delete(usage).where(usage.c.period != "", ended), tenant_id))
            session.commit()
        return deleted

    def _delete_export_files(self, tenant_id: TenantId, now: datetime) -> None:
        with self.database.of_tenant(tenant_id) as session:
            kept = {file_name(id_) for id_ in session.scalars(of_tenant(select(exports.c.id), tenant_id))}
        young = (now - BEING_WRITTEN).timestamp()
        for kind, name, path in self.files.of_tenant(tenant_id):
            if kind is FileKind.EXPORTS and name not in kept and path.stat().st_mtime < young:
                self.files.delete(tenant_id, kind, name)
