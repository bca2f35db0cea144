from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select

from anomaly_detection.application.labels.ports import Agreement, JudgedWeek
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

    def by_week(self, tenant_id: TenantId, weeks: Sequence[datetime]) -> list[JudgedWeek]:
        judging = labels.c.verdict.in_([Verdict.TRUE, Verdict.FALSE_POSITIVE])
        nth = case(*((labels.c.labelled_at >= week, at) for at, week in reversed(list(enumerate(weeks)))))
        algorithm = case((runs.c.detector_id.is_(None), runs.c.algorithm), else_="")
        named = (algorithm.label("algorithm"), nth.label("nth"))
        each = _flagged(runs.c.detector_id, tenant_id).add_columns(*named).where(judging)
        judged = of_tenant(each, tenant_id).subquery()
        kind = (judged.c.subject, judged.c.algorithm, judged.c.nth, judged.c.verdict)
        # Asked for out here, or SQLite goes through the labels by time and reads every run for each.
        counted = select(*kind, func.count()).where(judged.c.nth.is_not(None)).group_by(*kind)
        found: defaultdict[tuple[Any, str, int], dict[Verdict, int]] = defaultdict(dict)
        with self.database.of_tenant(tenant_id) as session:
            for subject, algorithm_, week, verdict, count in session.execute(counted):
                found[subject, algorithm_, week][Verdict(verdict)] = count
        return [
            JudgedWeek(
                detector_id=subject,
                algorithm=name,
                week=weeks[at],
                precision=Precision(found[subject, name, at]),
            )
            for subject, name, at in sorted(found, key=lambda key: key[2])
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
        wanted = subject.is_not(None) if ids is None else subject.in_(ids)
        judged = of_tenant(_flagged(subject, tenant_id).where(wanted), tenant_id).subquery()
        kind = (judged.c.subject, judged.c.verdict)
        found: defaultdict[UUID, dict[Verdict, int]] = defaultdict(dict)
        with self.database.of_tenant(tenant_id) as session:
            for subject_id, verdict, count in session.execute(select(*kind, func.count()).group_by(*kind)):
                found[subject_id][Verdict(verdict)] = count
        return {subject_id: Precision(counts) for subject_id, counts in found.items()}


def _flagged(subject: ColumnElement[UUID], tenant_id: TenantId) -> Select[Any]:
    """Labels, each once for each subject that flags its row.

    The anomalies are asked for one row of one run at a time: of a join, a database that has not counted them reads all of
    the tenant's for each label.
    """
    flags = select(anomalies.c.row).where(
        anomalies.c.run_id == runs.c.id,
        anomalies.c.row == labels.c.row,
        anomalies.c.tail_probability <= runs.c.alert_rate * (1 + ROUNDING),
    )
    joined = labels.join(runs, runs.c.dataset_version_id == labels.c.dataset_version_id)
    columns = (subject.label("subject"), labels.c.dataset_version_id, labels.c.row, labels.c.verdict)
    found = of_tenant(flags.correlate(runs, labels), tenant_id).exists()
    return select(*columns).select_from(joined).where(found).distinct()
