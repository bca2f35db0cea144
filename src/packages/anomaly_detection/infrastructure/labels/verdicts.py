"""Verdicts as lists of rows need them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from anomaly_detection.infrastructure.labels.tables import labels
from core.domain.ids import TenantId
from core.infrastructure.sql import of_tenant


class SqlVerdicts:
    """``infrastructure.runs.anomaly_queries.Verdicts``."""

    def rows_with(
        self, tenant_id: TenantId, dataset_version_id: UUID, verdicts: Sequence[str]
    ) -> Select[Any]:
        wanted = select(labels.c.row).where(
            labels.c.dataset_version_id == dataset_version_id, labels.c.verdict.in_(verdicts)
        )
        return of_tenant(wanted, tenant_id)

    def of_rows(
        self, session: Session, tenant_id: TenantId, dataset_version_id: UUID, rows: Sequence[int]
    ) -> dict[int, str]:
        wanted = select(labels.c.row, labels.c.verdict).where(
            labels.c.dataset_version_id == dataset_version_id, labels.c.row.in_(rows)
        )
        return {found.row: found.verdict for found in session.execute(of_tenant(wanted, tenant_id))}
