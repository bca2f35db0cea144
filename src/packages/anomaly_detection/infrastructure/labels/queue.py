"""Rows without a label, the nearest to the threshold first, of one run or of several at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Float, Row, Select, case, select
from sqlalchemy.orm import Session

from anomaly_detection.application.labels.ports import LabelledRun, PresentDatasets, QueuedRow, QueueFilter
from anomaly_detection.domain.calibration import ROUNDING, is_rare, scores_at
from anomaly_detection.domain.ids import RunId
from anomaly_detection.infrastructure.labels.queued_runs import queued_runs
from anomaly_detection.infrastructure.labels.standing import Standing, standing
from anomaly_detection.infrastructure.runs.tables import anomalies
from core.domain.ids import TenantId
from core.domain.page import Counting, Page, Total
from core.infrastructure.database import Database
from core.infrastructure.keyset import Order, decode
from core.infrastructure.sql import of_tenant

NAME, LENGTH = "label-queue", 3  # of cursors
SLACK = 1 + 1e-9  # of bounds that only spare the database work: the cursor's own condition decides
MORE = 4  # times as many rows are read where too few of those read stand


@dataclass(frozen=True, slots=True)
class SqlLabelQueue:
    """``application.labels.ports.LabelQueue``."""

    database: Database
    present: PresentDatasets

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
        found = queued_runs(self.database, tenant_id, wanted, self.present)
        with self.database.of_tenant(tenant_id) as session:
            each = standing(session, tenant_id, found, is_counted=count is not None)
            nearest = [
                row
                for of_run in each
                if not of_run.is_empty
                for row in _nearest(session, tenant_id, of_run, limit=limit, cursor=cursor)
            ]
            page = _order(1.0).page(sorted(nearest, key=_key)[: limit + 1], limit, _total(each, count))
            by_id = {run.id: run for run in found}
            return page.of(list(_queued(session, tenant_id, page.items, by_id)))


def _nearest(
    session: Session, tenant_id: TenantId, of_run: Standing, *, limit: int, cursor: str | None
) -> Iterator[Row[Any]]:
    """Of the rows that are not flagged and of those that are, each read in the order of an index, as far as ``limit`` needs
    and one row more."""
    among, rate = of_run.among, of_run.run.alert_rate
    distance = _distance(rate).label("distance")
    wanted = select(anomalies.c.run_id, anomalies.c.row, distance).where(of_run.condition(tenant_id))
    for end in _ends(of_tenant(wanted, tenant_id), rate, limit=limit, cursor=cursor):
        reach = limit + 1
        while True:
            read = session.execute(end.limit(reach)).all()
            stand = read if among is None else [row for row in read if row.row in among]
            if len(stand) > limit or len(read) < reach:
                break
            reach *= MORE
        yield from stand


def _ends(rows: Select[Any], alert_rate: float, *, limit: int, cursor: str | None) -> list[Select[Any]]:
    p, rate = anomalies.c.tail_probability, alert_rate * (1 + ROUNDING)
    asked = _order(alert_rate).cut(rows, limit, cursor).order_by(None)
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


def _order(alert_rate: float) -> Order[Row[Any]]:
    by = ((_distance(alert_rate), False), (anomalies.c.run_id, False), (anomalies.c.row, False))
    return Order(NAME, by, _key)


def _key(row: Row[Any]) -> tuple[Any, ...]:
    return row.distance, row.run_id, row.row


def _total(each: Sequence[Standing], count: Counting | None) -> Total | None:
    if count is None:
        return None
    rows = sum(of_run.own.size for of_run in each if of_run.own is not None)
    return Total.of(rows if count.most is None else min(rows, count.most), count.most)


def _queued(
    session: Session, tenant_id: TenantId, found: Sequence[Row[Any]], runs: dict[RunId, LabelledRun]
) -> Iterator[QueuedRow]:
    """With what is known of each row; without rows that went with their run meanwhile."""
    numbers: defaultdict[RunId, list[int]] = defaultdict(list)
    for row in found:
        numbers[row.run_id].append(row.row)
    known: dict[tuple[RunId, int], Row[Any]] = {}
    columns = [anomalies.c[name] for name in ("row", "tail_probability", "reason", "cells")]
    for run_id, of_run in numbers.items():
        wanted = select(*columns).where(anomalies.c.run_id == run_id, anomalies.c.row.in_(of_run))
        for row in session.execute(of_tenant(wanted, tenant_id)):
            known[run_id, row.row] = row
    for row in found:
        if (kept := known.get((row.run_id, row.row))) is not None:
            yield _view(kept, runs[row.run_id], row.distance)


def _view(row: Row[Any], run: LabelledRun, distance: float) -> QueuedRow:
    p = np.array([row.tail_probability])
    return QueuedRow(
        run_id=run.id,
        dataset_version_id=run.dataset_version_id,
        row=row.row,
        score=float(scores_at(run.alert_rate, p)[0]),
        is_anomaly=bool(is_rare(run.alert_rate, p)[0]),
        reason=row.reason,
        cells=row.cells,
        distance=distance,
    )
