"""Rows without a label, the nearest to the threshold first, of one run or of several at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement, Float, Row, Select, Subquery, case, func, select, union_all
from sqlalchemy.orm import Session

from anomaly_detection.application.labels.ports import LabelledRun, QueuedRow, QueueFilter
from anomaly_detection.domain.calibration import ROUNDING, is_rare, scores_at
from anomaly_detection.domain.ids import RunId
from anomaly_detection.infrastructure.definitions.tables import detectors
from anomaly_detection.infrastructure.labels.sql import labelled_run
from anomaly_detection.infrastructure.labels.tables import labels
from anomaly_detection.infrastructure.runs.tables import anomalies, runs
from core.domain.ids import TenantId
from core.domain.page import Counting, Page, Total
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, decode, total_of
from core.infrastructure.sql import of_tenant

NAME, LENGTH = "label-queue", 3  # of cursors
MOST_RUNS = 20
SLACK = 1 + 1e-9  # of bounds that only spare the database work: the cursor's own condition decides


@dataclass(frozen=True, slots=True)
class SqlLabelQueue:
    """``application.labels.ports.LabelQueue``."""

    database: Database

    def rows(
        self,
        tenant_id: TenantId,
        wanted: QueueFilter,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[QueuedRow]:
        if cursor is not None:
            decode(cursor, NAME, LENGTH)
        with self.database.of_tenant(tenant_id) as session:
            found = _runs(session, tenant_id, wanted)
            if not found:
                return Page((), None)
            lists = _lists(tenant_id, found)
            ends = [
                end for run, rows in lists for end in _ends(rows, run.alert_rate, limit=limit, cursor=cursor)
            ]
            order = _order(every := _together(ends))
            rows = session.execute(order.cut(select(every), limit, None)).all()
            total = None if count is None else _total(session, [rows for _, rows in lists], count)
        by_id = {run.id: run for run in found}
        page = order.page(rows, limit, total)
        return page.of([_queued(row, by_id[row.run_id]) for row in page.items])


def _runs(session: Session, tenant_id: TenantId, wanted: QueueFilter) -> list[LabelledRun]:
    """Raises RunNotFound, RunNotFinished."""
    if wanted.run_id is not None:
        return [labelled_run(session, tenant_id, wanted.run_id)]
    return [
        LabelledRun(
            id=RunId(row.id),
            dataset_version_id=row.dataset_version_id,
            rows=row.rows,
            alert_rate=row.alert_rate,
        )
        for row in session.execute(_newest(tenant_id, wanted))
    ]


def _newest(tenant_id: TenantId, wanted: QueueFilter) -> Select[Any]:
    has_detector = runs.c.detector_id.is_not(None)
    algorithm = case((has_detector, ""), else_=runs.c.algorithm)
    place = func.row_number().over(
        partition_by=(runs.c.detector_id, runs.c.dataset_id, runs.c.model_reference, algorithm),
        order_by=(runs.c.created_at.desc(), runs.c.id.desc()),
    )
    columns = ("id", "dataset_version_id", "rows", "alert_rate", "created_at")
    finished = select(*(runs.c[name] for name in columns), place.label("place")).where(
        runs.c.finished_at.is_not(None)
    )
    if wanted.detector_id is not None:
        finished = finished.where(runs.c.detector_id == wanted.detector_id)
    if wanted.without_detector:
        there = of_tenant(select(detectors.c.id), tenant_id)
        finished = finished.where(runs.c.detector_id.is_(None) | runs.c.detector_id.not_in(there))
    mine = of_tenant(finished, tenant_id).subquery()
    newest = select(mine).where(mine.c.place == 1)
    return newest.order_by(mine.c.created_at.desc(), mine.c.id.desc()).limit(MOST_RUNS)


def _lists(tenant_id: TenantId, found: Sequence[LabelledRun]) -> list[tuple[LabelledRun, Select[Any]]]:
    """The rows of each run that nobody has labelled and that no newer run over the same rows keeps: a label holds for the
    row, so it is asked for once."""
    newer: defaultdict[UUID, list[RunId]] = defaultdict(list)
    lists = []
    for run in found:
        rows = _unlabelled(tenant_id, run)
        if before := newer[run.dataset_version_id]:
            rows = rows.where(~_kept_by(tenant_id, before))
        lists.append((run, rows))
        newer[run.dataset_version_id] = [*before, run.id]
    return lists


def _unlabelled(tenant_id: TenantId, run: LabelledRun) -> Select[Any]:
    labelled = of_tenant(
        select(labels.c.row).where(labels.c.dataset_version_id == run.dataset_version_id), tenant_id
    )
    columns = [anomalies.c[name] for name in ("run_id", "row", "tail_probability", "reason", "cells")]
    wanted = select(*columns, _distance(run.alert_rate).label("distance"))
    return of_tenant(wanted.where(anomalies.c.run_id == run.id, anomalies.c.row.not_in(labelled)), tenant_id)


def _kept_by(tenant_id: TenantId, ids: Sequence[RunId]) -> ColumnElement[bool]:
    other = anomalies.alias()
    kept = select(other.c.row).where(other.c.run_id.in_(ids), other.c.row == anomalies.c.row)
    return of_tenant(kept.correlate(anomalies), tenant_id).exists()


def _ends(rows: Select[Any], alert_rate: float, *, limit: int, cursor: str | None) -> list[Select[Any]]:
    """The nearest rows that are not flagged and the nearest that are, each read in the order of an index."""
    p, rate = anomalies.c.tail_probability, alert_rate * (1 + ROUNDING)
    by = ((_distance(alert_rate), False), (anomalies.c.run_id, False), (anomalies.c.row, False))
    order: Order[Row[Any]] = Order(NAME, by, lambda row: ())
    asked = order.cut(rows, limit, cursor).order_by(None)
    usual = asked.where(p > rate).order_by(p, anomalies.c.row)
    flagged = asked.where(p <= rate).order_by(p.desc(), anomalies.c.row)
    if cursor is not None:
        distance = max(float(decode(cursor, NAME, LENGTH)[0]), 1.0)  # type: ignore[arg-type]  # ``cut`` has looked at it
        usual = usual.where(p >= alert_rate * distance / SLACK)
        flagged = flagged.where(p <= alert_rate / distance * SLACK)
    return [usual, flagged]


def _distance(alert_rate: float) -> ColumnElement[float]:
    """How many times a row's tail probability is above or below the alert rate."""
    p = anomalies.c.tail_probability
    return case((p > alert_rate * (1 + ROUNDING), p / alert_rate), else_=alert_rate / p).cast(Float)


def _together(parts: Sequence[Select[Any]]) -> Subquery:
    return union_all(*(select(part.subquery()) for part in parts)).subquery()


def _order(every: Subquery) -> Order[Row[Any]]:
    by = ((every.c.distance, False), (every.c.run_id, False), (every.c.row, False))
    return Order(NAME, by, lambda row: (row.distance, row.run_id, row.row))


def _total(session: Session, lists: Sequence[Select[Any]], count: Counting) -> Total | None:
    every = _together([rows.with_only_columns(anomalies.c.row) for rows in lists])
    return total_of(session, select(every), count)


def _queued(row: Row[Any], run: LabelledRun) -> QueuedRow:
    p = np.array([row.tail_probability])
    return QueuedRow(
        run_id=row.run_id,
        dataset_version_id=run.dataset_version_id,
        row=row.row,
        score=float(scores_at(run.alert_rate, p)[0]),
        is_anomaly=bool(is_rare(run.alert_rate, p)[0]),
        reason=row.reason,
        cells=row.cells,
        distance=row.distance,
    )
