from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import UUID

from core.application.files import FileKind, TenantFiles
from core.application.jobs import JobControl
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import NotFound
from core.domain.ids import JobId, TenantId, new_id
from enterprise.application.ports import Archive, ExportView, TenantUnitOfWork

EXPORT = "tenant.export"


class NoSuchExport(NotFound):
    title = "No such export"


def file_name(export_id: UUID) -> str:
    return f"{export_id.hex}.zip"


@dataclass(frozen=True, slots=True)
class StartExport:
    """A job that writes all that belongs to the tenant into one archive."""

    uow: Callable[[Actor], TenantUnitOfWork]

    def __call__(self, actor: Actor) -> JobId:
        """Raises QuotaExceeded."""
        export_id = new_id()
        with self.uow(actor) as uow:
            uow.charge(Quota.CONCURRENT_JOBS, 1)
            job_id = uow.enqueue(EXPORT, {"export_id": str(export_id)}, subject_id=export_id)
            uow.audit("export.started", export_id)
            uow.commit()
        return job_id


@dataclass(frozen=True, slots=True)
class ExportTenant:
    """Writes the archive: into a file of our own by a job, or where the operator wants it."""

    uow: Callable[[Actor], TenantUnitOfWork]
    archive: Archive
    files: TenantFiles
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, tenant_id: TenantId, path: Path) -> Mapping[str, int]:
        """Rows per table."""
        rows = self.archive.write(tenant_id, path)
        with self.uow(actor.within(tenant_id)) as uow:
            uow.audit("tenant.exported", tenant_id)
            uow.commit()
        return rows

    def carry_out(self, actor: Actor, payload: Mapping[str, Any], control: JobControl) -> UUID:
        """The job that ``StartExport`` asked for. Raises LostClaim."""
        export_id = UUID(payload["export_id"])
        control.progress(0.0, "Writing the archive")
        with self.files.staging(".zip") as staged:
            self.archive.write(actor.tenant_id, staged)
            with staged.open("rb") as written:
                digest = file_digest(written, "sha256").hexdigest()
            size = staged.stat().st_size
            self.files.keep(actor.tenant_id, FileKind.EXPORTS, file_name(export_id), staged)
        export = ExportView(id=export_id, size=size, sha256=digest, created_at=self.clock())
        with self.uow(actor) as uow:
            uow.add_export(export)
            uow.audit("export.written", export_id, after={"size": size, "sha256": digest})
            uow.commit()
        return export_id
