"""Files of models that no row speaks of: of workers that died between the file and its row."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core.application.files import FileKind, TenantFiles, written_before
from core.domain.ids import TenantId
from core.infrastructure.database import Database
from core.infrastructure.sql import of_tenant
from machine_learning.infrastructure.registry.tables import versions

GRACE = timedelta(days=1)  # longer than any job takes from its file to its row


@dataclass(frozen=True, slots=True)
class SweepModelFiles:
    """Delete them, once they are old enough; gives how many there were."""

    database: Database
    files: TenantFiles
    clock: Callable[[], datetime]

    def __call__(self, tenant_id: TenantId) -> int:
        old = written_before(self.files, tenant_id, FileKind.MODELS, self.clock() - GRACE)
        with self.database.of_tenant(tenant_id) as session:
            ids = session.scalars(of_tenant(select(versions.c.id), tenant_id))
            orphans = old - {f"{version_id.hex}.model" for version_id in ids}
        for name in orphans:
            self.files.delete(tenant_id, FileKind.MODELS, name)
        return len(orphans)
