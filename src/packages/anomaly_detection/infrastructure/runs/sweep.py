"""Files of results that no run speaks of: of workers that died, and of runs that were kept long enough."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from anomaly_detection.infrastructure.runs.tables import runs
from core.application.files import FileKind, TenantFiles, written_before
from core.domain.ids import TenantId
from core.infrastructure.database import Database
from core.infrastructure.sql import of_tenant

GRACE = timedelta(days=1)  # longer than any run takes from its files to its end


@dataclass(frozen=True, slots=True)
class SweepResultFiles:
    """Delete them, once they are old enough; gives how many there were."""

    database: Database
    files: TenantFiles
    clock: Callable[[], datetime]

    def __call__(self, tenant_id: TenantId) -> int:
        old = written_before(self.files, tenant_id, FileKind.RESULTS, self.clock() - GRACE)
        with self.database.of_tenant(tenant_id) as session:
            summaries = session.scalars(
                of_tenant(select(runs.c.summary).where(runs.c.summary.is_not(None)), tenant_id)
            ).all()
        stems = {summary["file"] for summary in summaries if summary}
        orphans = {name for name in old if name.rpartition(".")[0] not in stems}
        for name in orphans:
            self.files.delete(tenant_id, FileKind.RESULTS, name)
        return len(orphans)
