"""Workers and servers that die while fifty jobs are to be done: nothing is lost, nothing is done twice."""

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from core.domain.actor import Actor
from core.domain.ids import JobId, TenantId, new_id
from core.infrastructure.clock import utc_now
from core.infrastructure.database import Database, Purpose, open_database
from core.infrastructure.job_queue import JobQueue, open_queue
from core.infrastructure.jobs import jobs
from core.infrastructure.sql import SqlUnitOfWork, Storage
from interfaces.bootstrap.tables import import_tables
from interfaces.infrastructure.schema_changes import migrate
from tests.support.breakable import Postgres, Redis, Worker, postgres_server
from tests.support.databases import ROLES, as_role, superuser
from tests.support.fakes import FakeAuditLog, FakeQuotas

JOBS = 50
PATIENCE_S = 180


@dataclass
class Site:
    database: Database
    queue: JobQueue
    workers: list[Worker]

    def ask(self, count: int = JOBS) -> set[JobId]:
        storage = Storage(self.database, FakeAuditLog(), FakeQuotas(), utc_now, self.queue.dispatch)
        actor = Actor(tenant_id=TenantId(new_id()))
        asked = set()
        for _ in range(count):
            with SqlUnitOfWork(storage, actor) as uow:
                asked.add(uow.enqueue("test.effect", {"seconds": 0.1}, max_attempts=10))
                uow.commit()
        return asked

    def rows(self) -> list[Any]:
        with self.database.as_system(Purpose.JOBS) as session:
            return list(
                session.execute(select(jobs.c.id, jobs.c.kind, jobs.c.state, jobs.c.subject_id, jobs.c.error))
            )

    def wait_until_all_work(self) -> None:
        """A worker has children once it works, which is after it learned how to be asked to end."""
        deadline = time.monotonic() + PATIENCE_S
        while not all(worker.children() for worker in self.workers):
            assert time.monotonic() < deadline, "A worker did not begin."
            time.sleep(0.1)

    def wait_for_all(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while any(row.state in ("queued", "running") for row in self.rows()):
            assert time.monotonic() < deadline, [row.state for row in self.rows()]
            time.sleep(0.2)

    def check(self, asked: set[JobId]) -> None:
        """Each job that was asked for succeeded, and left its one mark."""
        rows = self.rows()
        assert {row.state for row in rows} == {"succeeded"}, [row for row in rows if row.state != "succeeded"]
        assert {row.id for row in rows if row.kind == "test.effect"} == asked
        marked = [row.subject_id for row in rows if row.kind == "test.mark"]
        assert sorted(marked) == sorted(asked)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        engine = superuser(server.url)
        with engine.connect() as c:
            for role, right in ROLES.items():
                c.execute(text(f"CREATE ROLE {role} LOGIN NOSUPERUSER {right}"))
            c.execute(text("GRANT ALL ON SCHEMA public TO anom_owner"))
        engine.dispose()
        yield server


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Site]:
    """SQLite and one process."""
    url = f"sqlite:///{tmp_path}/service.db"
    yield from opened(url, "", "", tmp_path, workers=1)


@pytest.fixture
def distributed(postgres: Postgres, redis_server: Redis, tmp_path: Path) -> Iterator[Site]:
    """PostgreSQL, Redis and two worker processes."""
    app, system = as_role(postgres.url, "anom_app"), as_role(postgres.url, "anom_system")
    yield from opened(
        app, system, redis_server.url, tmp_path, workers=2, owner=as_role(postgres.url, "anom_owner")
    )


def opened(
    url: str, system: str, redis_url: str, folder: Path, *, workers: int, owner: str = ""
) -> Iterator[Site]:
    import_tables()
    own = open_database(owner or url)
    migrate(own.app, role_urls=[u for u in (url, system) if u and owner])
    with own.app.begin() as c:
        if owner:
            c.execute(text("TRUNCATE core_jobs"))
    own.dispose()
    variables = {"FAULTS_URL": url, "FAULTS_REDIS": redis_url, "FAULTS_FOLDER": str(folder)}
    variables |= {"FAULTS_SYSTEM_URL": system} if system else {}
    database, queue = open_database(url, system_url=system), open_queue(redis_url, folder)
    with ExitStack() as stack:
        stack.callback(database.dispose)
        stack.callback(queue.close)
        made = [
            Worker(("tests.support.fault_worker",), variables, folder / f"log{n}") for n in range(workers)
        ]
        for worker in made:
            worker.start()
            stack.callback(worker.stop)
        yield Site(database, queue, made)


@pytest.mark.parametrize("site", ["embedded", "distributed"])
def test_workers_killed_at_random_moments(site: str, request: pytest.FixtureRequest) -> None:
    found: Site = request.getfixturevalue(site)
    asked = found.ask()
    chance = random.Random(7)
    for _ in range(5):
        time.sleep(chance.uniform(1.2, 2.5))
        victim = chance.choice(found.workers)
        victim.kill()
        victim.start()
    found.wait_for_all()
    found.check(asked)


def test_redis_is_restarted_and_forgets_its_queue(distributed: Site, redis_server: Redis) -> None:
    asked = distributed.ask(JOBS // 2)
    redis_server.kill()
    asked |= distributed.ask(JOBS // 2)
    redis_server.start()
    distributed.wait_for_all()
    distributed.check(asked)


def test_postgresql_is_restarted_under_load(distributed: Site, postgres: Postgres) -> None:
    asked = distributed.ask()
    for _ in range(2):
        time.sleep(1.5)
        postgres.restart()
    distributed.wait_for_all()
    distributed.check(asked)


def test_a_worker_that_is_asked_to_end_loses_nothing(distributed: Site) -> None:
    asked = distributed.ask(20)
    distributed.wait_until_all_work()
    for worker in distributed.workers:
        assert worker.stop() == 0
    assert "running" not in {row.state for row in distributed.rows()}
    for worker in distributed.workers:
        worker.start()
    distributed.wait_for_all()
    distributed.check(asked)
