"""The model registry on a test's storage, with datasets that are frames."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np
import polars as pl
from sqlalchemy import select, update

import anomaly_detection.local_wiring
import anomaly_detection.wiring
import data_platform.local_wiring
import data_platform.wiring
import machine_learning.wiring
from anomaly_detection.api import DetectorConfiguration
from core.domain.actor import Actor, JobClaim
from core.domain.ids import JobId, TenantId, UserId, new_id
from core.domain.public_ids import shown
from core.infrastructure.database import Purpose
from core.infrastructure.files import FolderFiles
from core.infrastructure.jobs import JobState, jobs
from core.infrastructure.sql import Storage
from data_platform.api import (
    ColumnChoices,
    DatasetId,
    DatasetNotFound,
    DatasetVersionId,
    OpenedVersion,
    frame_table,
)
from machine_learning.api import ModelRegistry
from machine_learning.presentation.consumers import job_handlers
from people_ops.domain.permissions import PERMISSIONS, Role
from tests.support.fakes import FakeJobControl

RNG = np.random.default_rng(0)
ROWS = pl.DataFrame(RNG.normal(size=(200, 3)), schema=["a", "b", "c"], orient="row")
LABELLED = pl.concat([ROWS, ROWS.head(6) + 9.0]).with_columns(
    label=pl.Series([0] * 200 + [1] * 6, dtype=pl.Int64)
)


@dataclass
class FakeDatasets:
    """``DatasetReader`` of one tenant: every version has the number 1, and the id of its dataset."""

    tenant_id: TenantId
    frames: dict[str, pl.DataFrame] = field(default_factory=lambda: {"pumps": ROWS, "labelled": LABELLED})
    ids: dict[str, DatasetVersionId] = field(default_factory=dict)

    def latest(self, tenant_id: TenantId, dataset: str) -> OpenedVersion:
        dataset = {shown("ds", id_): name for name, id_ in self.ids.items()}.get(dataset, dataset)
        if tenant_id != self.tenant_id or dataset not in self.frames:
            raise DatasetNotFound("No dataset is called that.")
        frame, version_id = self.frames[dataset], self.ids.setdefault(dataset, DatasetVersionId(new_id()))
        return OpenedVersion(
            dataset_id=DatasetId(version_id),
            version_id=version_id,
            slug=dataset,
            number=1,
            rows=len(frame),
            sha256="",
            choices=ColumnChoices(),
            table=frame_table(frame, dataset),
        )

    def numbered(self, tenant_id: TenantId, dataset: str, number: int) -> OpenedVersion:
        if number != 1:
            raise DatasetNotFound("There is no such version.")
        return self.latest(tenant_id, dataset)

    def version(self, tenant_id: TenantId, version_id: DatasetVersionId) -> OpenedVersion:
        for name, id_ in self.ids.items():
            if id_ == version_id:
                return self.latest(tenant_id, name)
        raise DatasetNotFound("No version has that id.")


@dataclass
class Desk:
    """A tenant's registry, somebody who may do everything, and a hand that runs jobs."""

    storage: Storage
    registry: ModelRegistry
    files: FolderFiles
    datasets: FakeDatasets
    ana: Actor

    def run(self, job_id: JobId, *, attempt: int = 1) -> dict[str, object]:
        """What a worker does with a job that it claimed."""
        with self.storage.database.system_transaction(Purpose.JOBS) as session:
            job = session.execute(select(jobs).where(jobs.c.id == job_id)).one()
            claimed = update(jobs).where(jobs.c.id == job_id)
            session.execute(claimed.values(state=JobState.RUNNING, attempt=attempt))
        actor = Actor(tenant_id=TenantId(job.tenant_id), claim=JobClaim(job_id, attempt))
        made = job_handlers(self.registry)[job.kind](actor, job.payload, FakeJobControl())
        with self.storage.database.system_transaction(Purpose.JOBS) as session:
            session.execute(claimed.values(state=JobState.SUCCEEDED))
        return dict(made or {})

    def trained(self, name: str = "pumps", *, dataset: str = "pumps", seed: int = 0) -> int:
        """A further version of the model; gives its number."""
        run = self.registry.start_training(
            self.ana,
            dataset=dataset,
            name=name,
            configuration=DetectorConfiguration(algorithm="hbos", seed=seed),
            columns={},
        )
        number = self.run(run.job_id)["number"]
        assert isinstance(number, int)
        return number

    @property
    def kept(self) -> list[str]:
        """Names of the tenant's files."""
        return [name for _, name, _ in self.files.of_tenant(self.ana.tenant_id)]


def person(tenant_id: TenantId, role: Role) -> Actor:
    return Actor(tenant_id=tenant_id, user_id=UserId(new_id()), permissions=PERMISSIONS[role])


def desk_on(storage: Storage, folder: Path, tenant_id: UUID | None = None) -> Desk:
    ana = person(TenantId(tenant_id or new_id()), Role.TENANT_ADMIN)
    detection = anomaly_detection.local_wiring.build(data_platform.local_wiring.build())
    files, datasets = FolderFiles(folder), FakeDatasets(ana.tenant_id)
    registry = machine_learning.wiring.build_service(detection, datasets, storage=storage, files=files)
    return Desk(storage, registry, files, datasets, ana)
