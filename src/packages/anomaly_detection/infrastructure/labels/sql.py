from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select
from sqlalchemy.orm import Session

from anomaly_detection.application.labels.ports import LabelledRun
from anomaly_detection.domain.ids import LabelBatchId, RunId
from anomaly_detection.domain.labels.label import Label, LabelChange, Place, Verdict
from anomaly_detection.domain.runs.run import no_run, not_finished
from anomaly_detection.infrastructure.labels.tables import label_changes, labels
from anomaly_detection.infrastructure.runs.tables import runs
from core.domain.ids import TenantId, new_id
from core.infrastructure.sql import SqlUnitOfWork, of_tenant

SAME = ("note", "run_id", "at", "user_id", "key_id", "batch_id")  # in the table and in a change


class SqlLabelUnitOfWork(SqlUnitOfWork):
    """``application.labels.ports.LabelUnitOfWork``."""

    def __enter__(self) -> Self:
        self._changes: list[dict[str, Any]] = []
        return super().__enter__()

    def commit(self) -> None:
        if self._changes:
            with self.session.no_autoflush:  # a clash of labels is told by the commit itself
                self.session.execute(insert(label_changes), self._changes)
            self._changes = []
        super().commit()

    def run(self, run_id: RunId) -> LabelledRun:
        return labelled_run(self.session, self.tenant_id, run_id)

    def labels(self, places: Collection[Place]) -> Mapping[Place, Label]:
        found: dict[Place, Label] = {}
        for version_id, rows in sorted(_rows_by_version(places).items()):
            wanted = select(Label).where(labels.c.dataset_version_id == version_id, labels.c.row.in_(rows))
            locked = self.mine(wanted.order_by(labels.c.row).with_for_update())
            found |= {label.place: label for label in self.session.scalars(locked)}
        return found

    def changes(self, places: Collection[Place]) -> Mapping[Place, int]:
        found: dict[Place, int] = {}
        row = label_changes.c.row
        for version_id, rows in _rows_by_version(places).items():
            wanted = select(row, func.count()).where(
                label_changes.c.dataset_version_id == version_id, row.in_(rows)
            )
            counted = self.session.execute(self.mine(wanted.group_by(row)))
            found |= {Place(version_id, number): count for number, count in counted}
        return found

    def batch(self, batch_id: LabelBatchId) -> Sequence[LabelChange]:
        wanted: Select[Any] = select(label_changes).where(label_changes.c.batch_id == batch_id)
        return [change_of(row) for row in self.session.execute(self.mine(wanted))]

    def histories(self, places: Collection[Place]) -> Mapping[Place, Sequence[LabelChange]]:
        found: defaultdict[Place, list[LabelChange]] = defaultdict(list)
        row = label_changes.c.row
        for version_id, rows in _rows_by_version(places).items():
            wanted = select(label_changes).where(
                label_changes.c.dataset_version_id == version_id, row.in_(rows)
            )
            newest_first = wanted.order_by(label_changes.c.at.desc(), label_changes.c.id.desc())
            for change in map(change_of, self.session.execute(self.mine(newest_first))):
                found[change.place].append(change)
        return found

    def delete(self, label: Label) -> None:
        self.session.delete(label)

    def record(self, change: LabelChange) -> None:
        values: dict[str, Any] = {
            "id": new_id(),
            "tenant_id": self.tenant_id,
            "dataset_version_id": change.place.dataset_version_id,
            "row": change.place.row,
            "verdict": change.verdict or "",
        }
        same = {name: getattr(change, name) for name in SAME}
        self._changes.append(values | same)


def labelled_run(session: Session, tenant_id: TenantId, run_id: RunId) -> LabelledRun:
    """Raises RunNotFound, RunNotFinished."""
    own = ("dataset_id", "dataset_version_id", "rows", "alert_rate")
    columns = (runs.c.id, runs.c.finished_at, *(runs.c[name] for name in own))
    wanted: Select[Any] = select(*columns).where(runs.c.id == run_id)
    row: Row[Any] | None = session.execute(of_tenant(wanted, tenant_id)).one_or_none()
    if row is None:
        raise no_run()
    if row.finished_at is None:
        raise not_finished()
    return LabelledRun(id=RunId(row.id), **{name: getattr(row, name) for name in own})


def change_of(row: Row[Any]) -> LabelChange:
    return LabelChange(
        place=Place(row.dataset_version_id, row.row),
        verdict=Verdict(row.verdict) if row.verdict else None,
        **{name: getattr(row, name) for name in SAME},
    )


def _rows_by_version(places: Collection[Place]) -> dict[UUID, list[int]]:
    found: defaultdict[UUID, list[int]] = defaultdict(list)
    for version_id, row in places:
        found[version_id].append(row)
    return found
