"""Runs on a test's storage, over datasets that are frames."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np
import polars as pl
from sqlalchemy import select

import anomaly_detection.local_wiring
import anomaly_detection.wiring
import data_platform.local_wiring
import data_platform.wiring
from anomaly_detection.api import Definitions, DetectorConfiguration, Runs
from anomaly_detection.application.runs.choose_threshold import STORE
from anomaly_detection.application.runs.ports import AnomalyFilter, RunView, ScoredRow
from anomaly_detection.domain.ids import RunId
from anomaly_detection.presentation.consumers import job_handlers
from anomaly_detection.wiring import RunSources
from core.domain.actor import Actor
from core.domain.ids import JobId
from core.infrastructure.database import Purpose
from core.infrastructure.jobs import JobState, jobs
from core.infrastructure.sql import Storage
from data_platform.infrastructure.datasets.kept_rows import exported
from tests.support.claims import claimed, settled
from tests.support.fakes import FakeCutOffs, FakeJobControl
from tests.support.registry import Desk, desk_on

PLANTED = (7, 250, 1_400)  # rows far from all others
FORMULA = "=1+1"


def readings(rows: int = 1_500) -> pl.DataFrame:
    """The same every time."""
    values = np.random.default_rng(5).normal(size=(rows, 3))
    values[[row for row in PLANTED if row < rows], :2] = [40.0, -40.0]
    names = [f"pump-{row}" if row % 10 else FORMULA for row in range(rows)]
    frame = pl.DataFrame(values, schema=["amount", "speed", "score"], orient="row")
    return frame.with_columns(pl.Series("name", names))


@dataclass
class RunDesk:
    """A tenant's runs, somebody who may do everything, and a hand that runs jobs."""

    desk: Desk
    runs: Runs
    definitions: Definitions
    counted: list[tuple[str, UUID, int]] = field(default_factory=list)

    @property
    def ana(self) -> Actor:
        return self.desk.ana

    def start(self, by: object = None, dataset: str = "readings") -> RunId:
        asked = by or DetectorConfiguration(algorithm="hbos", contamination=0.01)
        return self.runs.start(self.ana, asked, dataset=dataset, number=None)  # type: ignore[arg-type]  # tests choose

    def carry_out(self, run_id: RunId, *, attempt: int = 1) -> RunView:
        """What a worker does with the run's job."""
        actor = claimed(self.desk.storage, self.ana, self.job_of(run_id), attempt=attempt)
        job_handlers(self.runs)["run.execute"](actor, {"run_id": str(run_id)}, FakeJobControl())
        settled(self.desk.storage, self.job_of(run_id))
        return self.view(run_id)

    def carry_out_rest(self) -> None:
        """What a large move of a threshold left to a job."""
        wanted = select(jobs).where(jobs.c.kind == STORE, jobs.c.state == JobState.QUEUED)
        with self.desk.storage.database.as_system(Purpose.JOBS) as session:
            [job] = session.execute(wanted).all()
        actor = claimed(self.desk.storage, self.ana, JobId(job.id))
        job_handlers(self.runs)[STORE](actor, job.payload, FakeJobControl())

    def finished(self, by: object = None, dataset: str = "readings") -> RunView:
        return self.carry_out(self.start(by, dataset))

    def view(self, run_id: RunId) -> RunView:
        return self.runs.queries.run(self.ana.tenant_id, run_id)

    def job_of(self, run_id: RunId) -> JobId:
        return self.view(run_id).job_id

    def listed(self, run_id: RunId, *, sort: str = "-score", **wanted: object) -> list[ScoredRow]:
        """The first 500 of the run's anomalies."""
        run = self.runs.queries.finished(self.ana.tenant_id, run_id)
        asked = AnomalyFilter(**wanted)  # type: ignore[arg-type]  # tests choose
        return list(self.runs.anomalies.anomalies(run, asked, sort=sort, limit=500, cursor=None).items)

    @property
    def kept(self) -> list[str]:
        return self.desk.kept


def run_desk_on(storage: Storage, folder: Path) -> RunDesk:
    desk = desk_on(storage, folder)
    desk.datasets.frames["readings"] = readings()
    detection = anomaly_detection.local_wiring.build(data_platform.local_wiring.build(), batch_rows=400)
    definitions = anomaly_detection.wiring.build_definitions(storage, desk.datasets)
    sources = RunSources(desk.datasets, definitions.reader, desk.registry.detectors, exported, FakeCutOffs())
    counted: list[tuple[str, UUID, int]] = []
    runs = anomaly_detection.wiring.build_runs(
        detection,
        sources,
        storage=storage,
        files=desk.files,
        count=lambda algorithm, dataset_id, rows: counted.append((algorithm, dataset_id, rows)),
    )
    return RunDesk(desk, runs, definitions, counted)
