from datetime import datetime

from sqlalchemy import select

from core.application.files import FileKind, TenantFiles, written_before
from core.domain.ids import TenantId
from core.infrastructure.database import Database, Purpose
from data_platform.domain.datasets.dataset import Part
from data_platform.infrastructure.datasets.tables import datasets, versions


def files_without_rows(database: Database, files: TenantFiles, before: datetime) -> int:
    """Delete dataset files that no version names and that nobody wrote to since ``before``; gives how many.

    A process died between keeping a file and storing its row. ``before`` must be longer ago than a request takes.
    """
    swept = 0
    with database.as_system(Purpose.SWEEP) as session:
        tenants = session.scalars(select(datasets.c.tenant_id).distinct()).all()
    for tenant_id in map(TenantId, tenants):
        old = written_before(files, tenant_id, FileKind.DATASETS, before)
        with database.as_system(Purpose.SWEEP) as session:  # after the files: what is newer is not among them
            wanted = select(versions.c.parts, versions.c.raw_file).where(versions.c.tenant_id == tenant_id)
            named = {
                name
                for row in session.execute(wanted)
                for name in (*(Part(**p).file for p in row.parts), row.raw_file)
            }
        for name in old - named:
            files.delete(tenant_id, FileKind.DATASETS, name)
        swept += len(old - named)
    return swept
