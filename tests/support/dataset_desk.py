"""The service's datasets on a test's storage, behind its routes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from fastapi.testclient import TestClient
from sqlalchemy import select, update

import data_platform.wiring
from core.application.jobs import JobState
from core.application.uploads import Uploads
from core.domain.actor import Actor, JobClaim
from core.domain.ids import JobId, TenantId, UserId, new_id
from core.infrastructure.database import Purpose
from core.infrastructure.encryption import Cipher
from core.infrastructure.files import FolderFiles
from core.infrastructure.jobs import jobs
from core.infrastructure.sql import Storage
from data_platform.api import Datasets
from data_platform.presentation.consumers import job_handlers
from data_platform.presentation.http.routes import ROUTERS
from people_ops.domain.permissions import PERMISSIONS, Role
from tests.support.api import client_of
from tests.support.fakes import FakeJobControl

CSV = b"id,amount,country\n1,10.5,DE\n2,20.0,FR\n3,30.5,DE\n"


def person(role: Role) -> Actor:
    return Actor(tenant_id=TenantId(new_id()), user_id=UserId(new_id()), permissions=PERMISSIONS[role])


@dataclass
class DatasetDesk:
    """``ana`` administers a tenant, ``eve`` another."""

    storage: Storage
    service: Datasets
    files: FolderFiles
    client: TestClient
    ana: Actor

    def call(self, method: str, path: str, *, who: str = "ana", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {who}"} | more.pop("headers", {})
        return self.client.request(method, f"/api/v1{path}", headers=headers, **more)

    def upload(self, content: bytes, *, dataset: str = "orders", kind: str = "text/csv") -> Any:
        return self.call(
            "POST", f"/datasets/{dataset}/versions", content=content, headers={"Content-Type": kind}
        )

    def append(self, content: bytes, *, kind: str = "application/json", query: str = "") -> Any:
        headers = {"Content-Type": kind, "Idempotency-Key": "k1"}
        return self.call("POST", f"/datasets/orders/rows{query}", content=content, headers=headers)

    def run_jobs(self) -> None:
        """What a worker does with all that waits."""
        with self.storage.database.as_system(Purpose.JOBS) as session:
            waiting = session.execute(select(jobs).where(jobs.c.state == JobState.QUEUED)).all()
        for job in waiting:
            self._settle(job.id, JobState.RUNNING, attempt=1)
            actor = Actor(tenant_id=TenantId(job.tenant_id), claim=JobClaim(JobId(job.id), 1))
            job_handlers(self.service)[job.kind](actor, job.payload, FakeJobControl())
            self._settle(job.id, JobState.SUCCEEDED)

    def _settle(self, job_id: Any, state: JobState, **more: Any) -> None:
        with self.storage.database.system_transaction(Purpose.JOBS) as session:
            session.execute(update(jobs).where(jobs.c.id == job_id).values(state=state, **more))

    @property
    def kept(self) -> list[str]:
        return [name for _, name, _ in self.files.of_tenant(self.ana.tenant_id)]


def dataset_desk(storage: Storage, folder: Path, *, networks: tuple[str, ...] = ()) -> DatasetDesk:
    files = FolderFiles(folder)
    service = data_platform.wiring.build_service(
        storage=storage,
        files=files,
        cipher=Cipher.of_keys(Fernet.generate_key().decode()),
        max_upload_bytes=64 << 20,
        source_networks=networks,
    )
    ana = person(Role.TENANT_ADMIN)
    actors = {"ana": ana, "eve": person(Role.TENANT_ADMIN), "vic": person(Role.VIEWER)}
    services = {Datasets: service, Uploads: Uploads(files, 64 << 20)}
    return DatasetDesk(storage, service, files, client_of(ROUTERS, services, actors), ana)
