"""The read side of labels."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select

from anomaly_detection.application.labels.ports import LabelBatchView, LabelFilter, LabelView
from anomaly_detection.domain.ids import LabelBatchId, RunId
from anomaly_detection.domain.labels.label import LabelChange, Verdict, no_label
from anomaly_detection.infrastructure.labels.sql import change_of, labelled_run
from anomaly_detection.infrastructure.labels.tables import label_changes, labels
from anomaly_detection.infrastructure.runs.tables import runs
from core.domain.ids import TenantId, UserId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, newest_first, total_of
from core.infrastructure.sql import of_tenant

LABELS: Order[Row[Any]] = Order(
    "labels",
    ((labels.c.labelled_at, True), (labels.c.dataset_version_id, True), (labels.c.row, True)),
    lambda row: (row.labelled_at, row.dataset_version_id, row.row),
)
HISTORY: Order[Row[Any]] = newest_first(
    "label-history", label_changes.c.at, label_changes.c.id, lambda row: (row.at, row.id)
)


@dataclass(frozen=True, slots=True)
class SqlLabelQueries:
    """``application.labels.ports.LabelQueries``."""

    database: Database

    def label(self, tenant_id: TenantId, run_id: RunId, row: int) -> LabelView:
        with self.database.of_tenant(tenant_id) as session:
            run = labelled_run(session, tenant_id, run_id)
            found = session.execute(of_tenant(_on(run.dataset_version_id, row), tenant_id)).one_or_none()
        if found is None:
            raise no_label(row)
        return _label_view(found)

    def of_rows(
        self, tenant_id: TenantId, dataset_version_id: UUID, rows: Collection[int]
    ) -> Mapping[int, LabelView]:
        wanted = select(labels).where(
            labels.c.dataset_version_id == dataset_version_id, labels.c.row.in_(rows)
        )
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(of_tenant(wanted, tenant_id)).all()
        return {row.row: _label_view(row) for row in found}

    def history(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        row: int,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[LabelChange]:
        with self.database.of_tenant(tenant_id) as session:
            run = labelled_run(session, tenant_id, run_id)
            of_row = select(label_changes).where(
                label_changes.c.dataset_version_id == run.dataset_version_id, label_changes.c.row == row
            )
            wanted = of_tenant(of_row, tenant_id)
            rows = session.execute(HISTORY.cut(wanted, limit, cursor)).all()
            page = HISTORY.page(rows, limit, total_of(session, wanted, count))
        return page.of([change_of(row) for row in page.items])

    def labels(
        self,
        tenant_id: TenantId,
        wanted: LabelFilter,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[LabelView]:
        mine = of_tenant(select(labels).where(*_conditions(tenant_id, wanted)), tenant_id)
        with self.database.of_tenant(tenant_id) as session:
            rows = session.execute(LABELS.cut(mine, limit, cursor)).all()
            page = LABELS.page(rows, limit, total_of(session, mine, count))
        return page.of([_label_view(row) for row in page.items])

    def batches(self, tenant_id: TenantId, user_id: UserId, *, since: datetime) -> list[LabelBatchView]:
        change, given = label_changes.c, func.max(label_changes.c.at)
        as_given = (
            (change.dataset_version_id == labels.c.dataset_version_id)
            & (change.row == labels.c.row)
            & (change.at == labels.c.labelled_at)
        )
        wanted = (
            select(change.batch_id, given.label("at"), func.count().label("rows"))
            .select_from(labels.join(label_changes, as_given))
            .where(labels.c.labelled_at >= since, change.user_id == user_id, change.batch_id.is_not(None))
            .group_by(change.batch_id)
            .order_by(given.desc())
        )
        with self.database.of_tenant(tenant_id) as session:
            return [
                LabelBatchView(id=LabelBatchId(row.batch_id), at=row.at, rows=row.rows)
                for row in session.execute(of_tenant(wanted, tenant_id))
            ]


def _on(dataset_version_id: UUID, row: int) -> Select[Any]:
    return select(labels).where(labels.c.dataset_version_id == dataset_version_id, labels.c.row == row)


def _conditions(tenant_id: TenantId, wanted: LabelFilter) -> list[ColumnElement[bool]]:
    of_runs = []
    if wanted.run_id is not None:
        of_runs.append(runs.c.id == wanted.run_id)
    if wanted.detector_id is not None:
        of_runs.append(runs.c.detector_id == wanted.detector_id)
    if wanted.dataset is not None:
        of_runs.append(
            (runs.c.dataset_id if isinstance(wanted.dataset, UUID) else runs.c.dataset_slug) == wanted.dataset
        )
    found: list[ColumnElement[bool]] = [
        labels.c.dataset_version_id.in_(
            of_tenant(select(runs.c.dataset_version_id).where(condition), tenant_id)
        )
        for condition in of_runs
    ]
    if wanted.verdicts is not None:
        found.append(labels.c.verdict.in_(wanted.verdicts))
    if wanted.since is not None:
        found.append(labels.c.labelled_at >= wanted.since)
    if wanted.until is not None:
        found.append(labels.c.labelled_at < wanted.until)
    if wanted.user_id is not None:
        found.append(labels.c.user_id == wanted.user_id)
    if wanted.key_id is not None:
        found.append(labels.c.key_id == wanted.key_id)
    return found


def _label_view(row: Row[Any]) -> LabelView:
    values: dict[str, Any] = {field.name: getattr(row, field.name) for field in fields(LabelView)}
    return LabelView(**values | {"verdict": Verdict(row.verdict)})
