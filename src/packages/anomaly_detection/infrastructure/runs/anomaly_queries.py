"""A run's highest-scoring rows, as they count at the alert rate in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from anomaly_detection.application.runs.anomaly_rows import scored_rows
from anomaly_detection.application.runs.ports import (
    AnomalyFilter,
    FlaggedRow,
    RunView,
    ScoredRow,
    StoredAnomaly,
)
from anomaly_detection.domain.calibration import scores_at
from anomaly_detection.domain.runs.cut import (
    RarityRange,
    flagged_upto,
    rarity_between,
    rarity_of_severity,
)
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.infrastructure.runs.tables import anomalies
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, total_of
from core.infrastructure.sql import of_tenant

SORTS: dict[str, Order[ScoredRow]] = {
    sort: Order(
        f"anomalies{sort}",
        tuple((column, down) for column in by),
        lambda view, by=by: tuple(getattr(view, column.name) for column in by),  # type: ignore[misc]  # a default binds it now
    )
    for sort, by, down in (
        ("-score", (anomalies.c.tail_probability, anomalies.c.row), False),  # the rarer, the higher the score
        ("score", (anomalies.c.tail_probability, anomalies.c.row), True),
        ("row", (anomalies.c.row,), False),
        ("-row", (anomalies.c.row,), True),
    )
}
STORED = tuple(StoredAnomaly.__dataclass_fields__)


class Verdicts(Protocol):
    """What people said of rows of a dataset version."""

    def rows_with(
        self, tenant_id: TenantId, dataset_version_id: UUID, verdicts: Sequence[str]
    ) -> Select[Any]:
        """Numbers of the rows that have one of these verdicts."""

    def of_rows(
        self, session: Session, tenant_id: TenantId, dataset_version_id: UUID, rows: Sequence[int]
    ) -> dict[int, str]:
        """Row -> verdict, of those that have one."""


@dataclass(frozen=True, slots=True)
class SqlAnomalyQueries:
    database: Database
    verdicts: Verdicts

    def anomalies(
        self,
        run: Run,
        wanted: AnomalyFilter,
        *,
        sort: str,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[ScoredRow]:
        """Of a finished run; ``sort`` is one of ``SORTS``. Raises InvalidCursor."""
        order = SORTS[sort]
        mine = of_tenant(self._filtered(run, wanted), run.tenant_id)
        with self.database.of_tenant(run.tenant_id) as session:
            found = self._scored(session, run, order.cut(mine, limit, cursor))
            return order.page(found, limit, total_of(session, mine, count))

    def these(self, run: Run, rows: Sequence[int]) -> list[ScoredRow]:
        wanted = select(anomalies).where(anomalies.c.run_id == run.id, anomalies.c.row.in_(rows))
        with self.database.of_tenant(run.tenant_id) as session:
            return self._scored(session, run, of_tenant(wanted, run.tenant_id))

    def flagged_as(
        self, tenant_id: TenantId, runs: Sequence[RunView], row_id: str, *, limit: int
    ) -> list[FlaggedRow]:
        by_id: dict[UUID, RunView] = {run.id: run for run in runs if run.alert_rate}
        in_one = [
            and_(
                anomalies.c.run_id == id_, anomalies.c.tail_probability <= flagged_upto(run.alert_rate or 0.0)
            )
            for id_, run in by_id.items()
        ]
        wanted = (
            select(anomalies.c.run_id, anomalies.c.row, anomalies.c.tail_probability)
            .where(anomalies.c.row_id == row_id, or_(False, *in_one))
            .order_by(anomalies.c.run_id.desc(), anomalies.c.row)  # ids of later runs are higher
            .limit(limit)
        )
        with self.database.of_tenant(tenant_id) as session:
            found = session.execute(of_tenant(wanted, tenant_id)).all()
        return [_flagged(by_id[each.run_id], each.row, each.tail_probability) for each in found]

    def _scored(self, session: Session, run: Run, wanted: Select[Any]) -> list[ScoredRow]:
        found = session.execute(wanted).all()
        given = self._verdicts(session, run, [row.row for row in found])
        stored = [StoredAnomaly(**{name: getattr(row, name) for name in STORED}) for row in found]
        return scored_rows(stored, run.alert_rate or 0.0, run.cut_offs, verdicts=given)

    def _filtered(self, run: Run, wanted: AnomalyFilter) -> Select[Any]:
        rate, p = run.alert_rate or 0.0, anomalies.c.tail_probability
        statement = select(anomalies).where(anomalies.c.run_id == run.id)
        between = rarity_between(rate, lowest=wanted.score_gte, highest=wanted.score_lte)
        statement = statement.where(_within(between))
        if wanted.severities:
            ranges = (rarity_of_severity(rate, each, run.cut_offs) for each in wanted.severities)
            statement = statement.where(or_(*map(_within, ranges)))
        flagged = wanted.is_anomaly
        if flagged is None and wanted == AnomalyFilter(verdicts=wanted.verdicts):
            flagged = True
        if flagged is not None:
            statement = statement.where(p <= flagged_upto(rate) if flagged else p > flagged_upto(rate))
        if wanted.verdicts:
            given = self.verdicts.rows_with(run.tenant_id, run.dataset_version_id, wanted.verdicts)
            statement = statement.where(anomalies.c.row.in_(given))
        return statement

    def stored_rows(self, run: Run) -> set[int]:
        wanted = of_tenant(select(anomalies.c.row).where(anomalies.c.run_id == run.id), run.tenant_id)
        with self.database.of_tenant(run.tenant_id) as session:
            return set(session.scalars(wanted))

    def verdict(self, run: Run, row: int) -> str | None:
        with self.database.of_tenant(run.tenant_id) as session:
            return self._verdicts(session, run, [row]).get(row)

    def _verdicts(self, session: Session, run: Run, rows: Sequence[int]) -> dict[int, str]:
        return self.verdicts.of_rows(session, run.tenant_id, run.dataset_version_id, rows)


def _flagged(run: RunView, row: int, p: float) -> FlaggedRow:
    score = float(scores_at(run.alert_rate or 0.0, np.array([p]))[0])
    return FlaggedRow(run=run, row=row, score=score, severity=run.cut_offs.of(score))


def _within(found: RarityRange) -> ColumnElement[bool]:
    p = anomalies.c.tail_probability
    bounds: list[ColumnElement[bool]] = []
    if found.above is not None:
        bounds.append(p > found.above)
    if found.upto is not None:
        bounds.append(p <= found.upto)
    return and_(True, *bounds)
