"""The runs whose rows the queue holds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from anomaly_detection.application.labels.ports import LabelledRun, PresentDatasets, QueueFilter
from anomaly_detection.domain.ids import RunId
from anomaly_detection.infrastructure.definitions.tables import detectors
from anomaly_detection.infrastructure.labels.sql import labelled_run
from anomaly_detection.infrastructure.runs.tables import runs
from core.domain.ids import TenantId
from core.infrastructure.database import Database
from core.infrastructure.sql import of_tenant

MOST_RUNS = 20
AT_ONCE = 200  # runs whose datasets are asked for
COLUMNS = ("id", "dataset_id", "dataset_version_id", "rows", "alert_rate")


def queued_runs(
    database: Database, tenant_id: TenantId, wanted: QueueFilter, present: PresentDatasets
) -> list[LabelledRun]:
    """The newest first; without those whose dataset is deleted. Raises RunNotFound, RunNotFinished."""
    with database.of_tenant(tenant_id) as session:
        found = _found(session, tenant_id, wanted)
    queued: list[LabelledRun] = []
    for start in range(0, len(found), AT_ONCE):
        part = found[start : start + AT_ONCE]
        there = present(tenant_id, {run.dataset_id for run in part})
        queued += [run for run in part if run.dataset_id in there]
        if len(queued) >= MOST_RUNS:
            break
    return queued[:MOST_RUNS]


def _found(session: Session, tenant_id: TenantId, wanted: QueueFilter) -> Sequence[LabelledRun]:
    if wanted.run_id is not None:
        return [labelled_run(session, tenant_id, wanted.run_id)]
    rows = session.execute(_newest(tenant_id, wanted))
    return [
        LabelledRun(id=RunId(row.id), **{name: getattr(row, name) for name in COLUMNS if name != "id"})
        for row in rows
    ]


def _newest(tenant_id: TenantId, wanted: QueueFilter) -> Select[Any]:
    has_detector = runs.c.detector_id.is_not(None)
    algorithm = case((has_detector, ""), else_=runs.c.algorithm)
    place = func.row_number().over(
        partition_by=(runs.c.detector_id, runs.c.dataset_id, runs.c.model_reference, algorithm),
        order_by=(runs.c.created_at.desc(), runs.c.id.desc()),
    )
    columns = [runs.c[name] for name in (*COLUMNS, "created_at")]
    finished = select(*columns, place.label("place")).where(runs.c.finished_at.is_not(None))
    if wanted.detector_id is not None:
        finished = finished.where(runs.c.detector_id == wanted.detector_id)
    if wanted.without_detector:
        there = of_tenant(select(detectors.c.id), tenant_id)
        finished = finished.where(runs.c.detector_id.is_(None) | runs.c.detector_id.not_in(there))
    mine = of_tenant(finished, tenant_id).subquery()
    newest = select(mine).where(mine.c.place == 1)
    return newest.order_by(mine.c.created_at.desc(), mine.c.id.desc())
