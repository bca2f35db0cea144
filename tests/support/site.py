"""The product as operators run it at scale: two servers, two workers, PostgreSQL and Redis, all of which may be killed."""

import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise, Plan
from interfaces.bootstrap.service import build
from people_ops.api import PeopleOps
from tests.support.breakable import Postgres, Redis, Worker, free_port, postgres_server
from tests.support.command_line import ROOT, CommandLine
from tests.support.databases import as_role
from tests.support.installations import renamed
from tests.support.served import Served, Servers

PATIENCE_S = 180
COMMAND = ("interfaces.bootstrap.cli", "worker")
ROLES_FILE = ROOT / "deployment" / "postgresql" / "roles.sql"
URLS = {
    "DATABASE_URL": "anom_app",
    "DATABASE_SYSTEM_URL": "anom_system",
    "DATABASE_MIGRATION_URL": "anom_owner",
}
AWAY = (httpx.TransportError, httpx.TimeoutException)


@dataclass
class Site:
    """All of it runs."""

    servers: list[Served]
    workers: list[Worker]
    postgres: Postgres
    redis: Redis
    cli: CommandLine
    variables: dict[str, str]
    key: str = ""

    def operate(self, *command: str) -> Any:
        done = self.cli(*command, "-o", "json", env=self.variables)
        assert done.code == 0, done.err
        return done.document

    def client(self, number: int = 0) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.servers[number].url}/api/v1",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=30,
        )

    def ask(self, method: str, path: str, **request: Any) -> Any:
        """The answer of whichever server gives one, as a client does that tries again under one idempotency key."""
        headers = {"Idempotency-Key": uuid4().hex, **request.pop("headers", {})}
        deadline, turn = time.monotonic() + PATIENCE_S, 0
        while time.monotonic() < deadline:
            turn += 1
            try:
                with self.client(turn % len(self.servers)) as client:
                    answer = client.request(method, path, headers=headers, **request)
            except AWAY:
                time.sleep(0.1)
                continue
            if answer.is_success:
                return answer.json()
            assert answer.status_code in (409, 503), answer.text
            time.sleep(0.2)
        raise AssertionError(f"{method} {path} was never answered.")

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("GET", path, params={"limit": 200})["items"]
        return found

    def wait_until_jobs_are_over(self) -> list[dict[str, Any]]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            found = self.items("/jobs")
            if not any(job["state"] in ("queued", "running") for job in found):
                return found
            assert time.monotonic() < deadline, [(job["kind"], job["state"]) for job in found]
            time.sleep(0.3)


@pytest.fixture(scope="module")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Installed as the operators' guide says, without a tenant. What a test kills it starts again."""
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        redis = Redis(folder, free_port())
        redis.start()
        stack.callback(redis.kill)
        make_roles(postgres)
        variables = {name: renamed(as_role(postgres.url, role), "anom") for name, role in URLS.items()}
        variables |= {
            "REDIS_URL": redis.url,
            "ANOMALY_DETECTION_DATA_DIR": str(folder / "var"),
            "ANOMALY_DETECTION_JOBS_HEARTBEAT_S": "0.5",
            "ANOMALY_DETECTION_API_KEY_REQUESTS_PER_MINUTE": "100000",
        }
        site = Site([], [], postgres, redis, CommandLine(folder), variables)
        site.operate("db", "migrate")
        made = Servers(folder)
        stack.callback(made.kill)
        site.servers += [made(**variables), made(**variables)]
        for number in range(2):
            worker = Worker(COMMAND, variables, folder / f"worker{number}")
            worker.start()
            stack.callback(worker.kill)
            site.workers.append(worker)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(Served.start, site.servers))
        yield site


@pytest.fixture
def site(whole_site: Site) -> Site:
    """For a tenant of its own."""
    environment = {
        name if name.startswith("ANOMALY") else f"ANOMALY_DETECTION_{name}": value
        for name, value in whole_site.variables.items()
    }
    service = build(Settings.load(environment=environment, folder=whole_site.cli.folder))
    enterprise: Enterprise = service.bundles[Enterprise]
    people: PeopleOps = service.bundles[PeopleOps]
    tenant_id = enterprise.create_tenant(
        Actor(tenant_id=PLATFORM), f"t{uuid4().hex[:12]}", plan=Plan.ENTERPRISE
    )
    made = people.create_key(Actor(tenant_id=tenant_id), name="faults", scopes=["manage"], days=1)
    service.close()
    return replace(whole_site, key=made.key)


def make_roles(postgres: Postgres) -> None:
    """By the file that operators run."""
    passwords = [part for role in ("owner", "app", "system") for part in ("-v", f"{role}_password=o'{role}")]
    subprocess.run(
        [postgres.binaries / "psql", "-X", "-q", *passwords, "-f", ROLES_FILE, postgres.url], check=True
    )
