"""Several server processes and a worker of its own, on PostgreSQL and Redis."""

import os
import time
from pathlib import Path

import pytest

from core.api import Jobs
from core.application.job_list import JobFilter
from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.service import build
from tests.support.breakable import Redis, Worker
from tests.support.command_line import CommandLine
from tests.support.installations import NewInstallation
from tests.support.served import Servers

ROLES = ("DATABASE_URL", "DATABASE_SYSTEM_URL", "DATABASE_MIGRATION_URL")


def variables(settings: Settings) -> dict[str, str]:
    urls = {name: settings.get(f"database.{name.removeprefix('DATABASE_').lower()}") for name in ROLES}
    return urls | {"ANOMALY_DETECTION_DATA_DIR": str(settings.get("data.dir"))}


def test_servers_and_workers_share_a_database_and_a_queue(
    servers: Servers, new_postgresql: NewInstallation, redis_server: Redis, cli: CommandLine
) -> None:
    settings = new_postgresql()
    given = variables(settings) | {"REDIS_URL": redis_server.url}
    refused = cli("serve", "--port", "0", env=given)
    assert refused.code == 6
    assert "anomaly_detection db migrate" in refused.error
    DatabaseOperations(settings).migrate()
    worker = Worker(("interfaces.bootstrap.cli", "worker"), given, servers.folder / "worker.log")
    worker.start()
    server = servers("--workers", "2", **given)
    try:
        server.start()
        checks = server.get("/health").json()["checks"]
        assert {"database", "queue", "redis"} <= checks.keys()
        assert {check["status"] for check in checks.values()} == {"up"}
        assert_a_job_is_done(settings)
        assert server.stop() == 0
    finally:
        worker.process.terminate()
    assert worker.process.wait(60) == 0
    assert "Traceback" not in server.log.read_text() + worker.log.read_text()


def test_a_killed_server_takes_its_processes_with_it(
    servers: Servers, new_postgresql: NewInstallation
) -> None:
    settings = new_postgresql()
    DatabaseOperations(settings).migrate()
    server = servers("--workers", "2", **variables(settings))
    server.start()
    descendants = tree(server.process.pid)
    assert len(descendants) >= 3  # two servers, what they have started by now, and Python's own
    server.process.kill()
    server.process.wait()
    deadline = time.monotonic() + 60  # who is just being started looks for its parent when it has
    while any(runs(pid) for pid in descendants):
        assert time.monotonic() < deadline, "Processes outlived their parent."
        time.sleep(0.05)


def assert_a_job_is_done(settings: Settings) -> None:
    service = build(settings)
    enterprise: Enterprise = service.bundles[Enterprise]
    tenant_id = enterprise.create_tenant(Actor(tenant_id=PLATFORM), "acme")
    enterprise.start_export(Actor(tenant_id=tenant_id))
    jobs: Jobs = service.bundles[Jobs]
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        [job] = jobs.queries.page(tenant_id, JobFilter(), limit=2, cursor=None).items
        if job.is_over:
            break
        time.sleep(0.1)
    service.close()
    assert job.state == "succeeded", job.error


def tree(pid: int) -> set[int]:
    """All processes below it."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | tree(child)
    return found


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


@pytest.mark.parametrize("options", [("--workers", "0"), ("--port", "70000"), ("--workers", "many")])
def test_options_that_mean_nothing_are_misuse(cli: CommandLine, options: tuple[str, str]) -> None:
    assert cli("serve", *options).code == 2
