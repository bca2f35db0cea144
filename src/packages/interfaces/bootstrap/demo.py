"""The demo on this installation: loaded by the real workers, its passwords kept in one file."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe

from anomaly_detection.api import Definitions, Runs
from core.api import Jobs
from core.application.job_list import JobFilter
from core.application.jobs import JobState
from core.domain.actor import Actor
from core.domain.errors import NotFound, Unavailable
from core.domain.ids import PLATFORM, TenantId
from data_platform.api import Datasets
from enterprise.api import Enterprise
from interfaces.application.demo_access import MEMBERS, OPERATOR, SLUG, DemoAccess, address_of
from interfaces.application.load_demo import LoadDemo
from interfaces.bootstrap.administration import public_url
from interfaces.bootstrap.service import Service
from interfaces.bootstrap.worker import elected_worker
from machine_learning.api import ModelRegistry
from people_ops.api import PeopleOps

LONGEST_S = 300.0


class DemoNotLoaded(Unavailable):
    title = "The demo could not be loaded"


@dataclass(frozen=True, slots=True)
class DemoDesk:
    """``interfaces.presentation.demo_commands.Demo``."""

    service: Service

    @property
    def file(self) -> Path:
        folder: Path = self.service.settings.get("data.dir")
        return folder / "demo.txt"

    @property
    def url(self) -> str:
        return public_url(self.service.settings)

    def load(self) -> DemoAccess | None:
        """None where it was there already. Raises DemoNotLoaded."""
        bundles = self.service.bundles
        with self._working():
            access = LoadDemo(
                enterprise=bundles[Enterprise],
                people=bundles[PeopleOps],
                datasets=bundles[Datasets],
                registry=bundles[ModelRegistry],
                detectors=bundles[Definitions],
                runs=bundles[Runs],
                files=self.service.files,
                new_password=lambda: token_urlsafe(12),
                work=self._wait,
            )(Actor(tenant_id=PLATFORM))
        if access is not None:
            self._keep(access)
        return access

    def purge(self) -> None:
        """The tenant goes, and its people and operator with it. Raises NoSuchTenant."""
        enterprise: Enterprise = self.service.bundles[Enterprise]
        people: PeopleOps = self.service.bundles[PeopleOps]
        tenant_id = self.service.tenant_id(SLUG)
        emails = {address_of(name): tenant_id for name in MEMBERS} | {address_of(OPERATOR): PLATFORM}
        persons = []
        for email, at in emails.items():
            with suppress(NotFound):  # somebody has removed them already
                persons.append((at, people.queries.member_of_email(at, email).id))
        enterprise.delete(Actor(tenant_id=PLATFORM), tenant_id, confirm=SLUG)
        for at, user_id in persons:
            if at == PLATFORM:
                people.remove_member(Actor(tenant_id=at), user_id)
            people.erase_person(Actor(tenant_id=at), {"user_id": str(user_id)}, Quiet())
        self.file.unlink(missing_ok=True)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Jobs are done by a worker of ours, or by the one that holds the data folder."""
        worker = elected_worker(self.service)
        worker.start()
        try:
            yield
        finally:
            worker.stop(0)

    def _wait(self, tenant_id: TenantId) -> None:
        jobs: Jobs = self.service.bundles[Jobs]
        until = time.monotonic() + LONGEST_S
        while jobs.queries.page(tenant_id, OPEN, limit=1, cursor=None).items:
            if time.monotonic() > until:
                raise DemoNotLoaded("Its jobs take too long.", fix="Run: anomaly_detection doctor")
            time.sleep(0.1)
        for job in jobs.queries.page(tenant_id, JobFilter((JobState.FAILED,)), limit=1, cursor=None).items:
            raise DemoNotLoaded(
                f"A job failed: {job.error}", fix="Run: anomaly_detection demo purge, then load."
            )

    def _keep(self, access: DemoAccess) -> None:
        lines = [f"{email}  {roles}" for email, roles in access.people.items()]
        text = "\n".join([f"tenant {SLUG}, password {access.password}", *lines, f"API key {access.key}", ""])
        self.file.touch(mode=0o600)
        self.file.write_text(text)


class Quiet:
    """``JobControl`` of work that nobody watches."""

    def progress(self, share: float, message: str = "") -> None: ...


OPEN = JobFilter((JobState.QUEUED, JobState.RUNNING))
