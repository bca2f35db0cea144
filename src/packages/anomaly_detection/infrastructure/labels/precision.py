from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select

from anomaly_detection.application.labels.ports import Agreement, Judgement
from anomaly_detection.domain.calibration import ROUNDING
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.infrastructure.labels.tables import label_changes, labels
from anomaly_detection.infrastructure.runs.tables import anomalies, runs
from core.domain.ids import TenantId
from core.infrastructure.database import Database
from core.infrastructure.sql import of_tenant


@dataclass(frozen=True, slots=True)
class SqlLabelPrecision:
    """``application.labels.ports.LabelPrecision``."""

    database: Database

    def of_runs(self, tenant_id: TenantId, ids: Collection[UUID] | None) -> Mapping[UUID, Precision]:
        return self._by(runs.c.id, tenant_id, ids)

    def of_detectors(self, tenant_id: TenantId, ids: Collection[UUID] | None) -> Mapping[UUID, Precision]:
        return self._by(runs.c.detector_id, tenant_id, ids)

    def of_model_versions(
        self, tenant_id: TenantId, ids: Collection[UUID] | None
    ) -> Mapping[UUID, Precision]:
        return self._by(runs.c.model_version_id, tenant_id, ids)

    def judgements(self, tenant_id: TenantId, *, since: datetime, most: int) -> list[Judgement]:
        judging = labels.c.verdict.in_([Verdict.TRUE, Verdict.FALSE_POSITIVE])
        wanted = (
            _flagged_and_labelled(runs.c.detector_id, None, may_lack=True)
            .add_columns(
                case((runs.c.detector_id.is_(None), runs.c.algorithm), else_="").label("algorithm"),
                labels.c.labelled_at,
            )
            .where(judging, labels.c.labelled_at >= since)
            .order_by(labels.c.labelled_at.desc())
            .limit(most)
        )
        with self.database.of_tenant(tenant_id) as session:
            return [
                Judgement(
                    detector_id=row.subject,
                    algorithm=row.algorithm,
                    is_true=row.verdict == Verdict.TRUE,
                    at=row.labelled_at,
                )
                for row in session.execute(of_tenant(wanted, tenant_id))
            ]

    def agreement(self, tenant_id: TenantId, *, since: datetime) -> Agreement:
        who = func.coalesce(label_changes.c.user_id, label_changes.c.key_id)
        place = (label_changes.c.dataset_version_id, label_changes.c.row)
        newest = (label_changes.c.at.desc(), label_changes.c.id.desc())
        said = select(
            *place,
            label_changes.c.verdict,
            func.row_number().over(partition_by=(*place, who), order_by=newest).label("back"),
        ).where(label_changes.c.at >= since, who.is_not(None))
        last = of_tenant(said, tenant_id).subquery()
        several = (
            select(case((func.count(last.c.verdict.distinct()) == 1, 1), else_=0).label("alike"))
            .where(last.c.back == 1, last.c.verdict != "")
            .group_by(last.c.dataset_version_id, last.c.row)
            .having(func.count() > 1)
            .subquery()
        )
        with self.database.of_tenant(tenant_id) as session:
            rows, alike = session.execute(select(func.count(), func.sum(several.c.alike))).one()
        return Agreement(rows, alike or 0)

    def _by(
        self, subject: ColumnElement[UUID], tenant_id: TenantId, ids: Collection[UUID] | None
    ) -> Mapping[UUID, Precision]:
        judged = of_tenant(_flagged_and_labelled(subject, ids), tenant_id).subquery()
        counted = select(judged.c.subject, judged.c.verdict, func.count()).group_by(
            judged.c.subject, judged.c.verdict
        )
        found: dict[UUID, dict[Verdict, int]] = {}
        with self.database.of_tenant(tenant_id) as session:
            for subject_id, verdict, count in session.execute(counted):
                found.setdefault(subject_id, {})[Verdict(verdict)] = count
        return {subject_id: Precision(counts) for subject_id, counts in found.items()}


def _flagged_and_labelled(
    subject: ColumnElement[UUID], ids: Collection[UUID] | None, *, may_lack: bool = False
) -> Select[Any]:
    """``may_lack``: also of runs without such a subject."""
    joined = labels.join(runs, runs.c.dataset_version_id == labels.c.dataset_version_id).join(
        anomalies, (anomalies.c.run_id == runs.c.id) & (anomalies.c.row == labels.c.row)
    )
    columns = (subject.label("subject"), labels.c.dataset_version_id, labels.c.row, labels.c.verdict)
    flagged = anomalies.c.tail_probability <= runs.c.alert_rate * (1 + ROUNDING)
    wanted = select(*columns).select_from(joined).where(flagged).distinct()
    if not may_lack:
        wanted = wanted.where(subject.is_not(None))
    return wanted if ids is None else wanted.where(subject.in_(ids))
