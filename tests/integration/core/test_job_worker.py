"""A worker with real child processes, on both databases."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.domain.actor import Actor
from core.domain.ids import JobId, TenantId, new_id
from core.infrastructure.clock import utc_now
from core.infrastructure.database import Database, Purpose
from core.infrastructure.elected_worker import ElectedWorker
from core.infrastructure.file_lock import FileLock
from core.infrastructure.job_children import Children
from core.infrastructure.job_claims import JobClaims
from core.infrastructure.job_queue import JobQueue, open_queue
from core.infrastructure.job_sql import SqlJobs
from core.infrastructure.job_watch import Ended, JobLimits, not_counted
from core.infrastructure.job_worker import Chore, JobWorker
from core.infrastructure.jobs import jobs
from core.infrastructure.sql import SqlUnitOfWork, Storage
from tests.support import job_kinds
from tests.support.fakes import FakeAuditLog, FakeQuotas

LIMITS = JobLimits(memory_mb=600, time_limit_s=20, heartbeat_s=0.5)
PATIENCE_S = 180


@dataclass
class Station:
    """A worker, and the desk that gives it jobs."""

    database: Database
    queue: JobQueue
    worker: JobWorker
    actor: Actor = field(default_factory=lambda: Actor(tenant_id=TenantId(new_id())))

    def ask(self, kind: str, payload: Mapping[str, object], *, max_attempts: int = 3) -> JobId:
        storage = Storage(self.database, FakeAuditLog(), FakeQuotas(), utc_now, self.queue.dispatch)
        with SqlUnitOfWork(storage, self.actor) as uow:
            job_id = uow.enqueue(kind, payload, max_attempts=max_attempts)
            uow.commit()
        return job_id

    def row(self, job_id: JobId) -> Any:
        with self.database.as_system(Purpose.JOBS) as session:
            return session.execute(select(jobs).where(jobs.c.id == job_id)).one()

    def change(self, job_id: JobId, **values: object) -> None:
        with self.database.system_transaction(Purpose.JOBS) as session:
            session.execute(update(jobs).where(jobs.c.id == job_id).values(**values))

    def ended(self, job_id: JobId) -> Any:
        wait_until(lambda: self.row(job_id).finished_at is not None)
        return self.row(job_id)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def worker_of(
    database: Database,
    queue: JobQueue,
    limits: JobLimits = LIMITS,
    chores: tuple[Chore, ...] = (),
    ended: Ended = not_counted,
) -> JobWorker:
    claims = JobClaims(database, utc_now)
    children = Children(job_kinds.prepare, 1)
    return JobWorker(claims, queue, children, limits=limits, concurrency=1, chores=chores, ended=ended)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    queue = open_queue("", tmp_path)
    yield queue
    queue.close()


@pytest.fixture
def station(database: Database, queue: JobQueue) -> Iterator[Station]:
    worker = worker_of(database, queue)
    worker.start(alone=False)
    yield Station(database, queue, worker)
    worker.stop(0)


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_a_job_runs_in_another_process_and_its_result_is_stored(station: Station) -> None:
    first, second = (station.ended(station.ask("test.add", {"a": 1, "b": n})) for n in (2, 3))
    assert (first.state, first.progress, first.result["sum"], second.result["sum"]) == (
        "succeeded",
        1.0,
        3,
        4,
    )
    assert first.result["pid"] != os.getpid()
    assert first.result["pid"] == second.result["pid"]  # no process is started for each job


def test_how_a_job_can_fail(station: Station, tmp_path: Path) -> None:
    asked = [
        station.ask(f"test.{kind}", {"mb": 900, "file": str(tmp_path / "f")}, max_attempts=attempts)
        for kind, attempts in (
            ("odd", 3),
            ("broken", 1),
            ("away", 2),
            ("crash", 1),
            ("hoard", 3),
            ("none", 1),
            ("strange", 1),
            ("nul", 1),
        )
    ]
    ended = [station.ended(job_id) for job_id in asked]
    assert {row.state for row in ended} == {"failed"}
    assert [(row.error["code"], row.attempt) for row in ended] == [
        ("too_odd", 1),
        ("internal", 1),
        ("away", 2),
        ("job_died", 1),
        ("job_memory_exceeded", 1),
        ("internal", 1),
        ("internal", 1),
        ("too_odd", 1),
    ]
    assert ended[0].error["fix"] == "Take 4."
    assert "secret" not in str(ended[1].error)
    assert "errors" not in ended[0].error
    assert ended[-1].error["errors"] == [{"row": 7, "column": "ab", "detail": "It is odd."}]
    check_logs(station, dict(zip(("odd", "broken", "away", "crash", "hoard"), asked, strict=False)))


def check_logs(station: Station, failed: Mapping[str, JobId]) -> None:
    """Whole and in part, also of a process that was killed."""
    queries, tenant_id = SqlJobs(station.database), station.actor.tenant_id
    told = {kind: queries.log_tail(tenant_id, job_id) for kind, job_id in failed.items()}
    whole = {kind: "".join(queries.whole_log_tail(job_id)) for kind, job_id in failed.items()}
    assert {kind: [text.split(" ", 1)[1] for text in lines] for kind, lines in told.items()} == {
        "odd": [],
        "broken": ["error job_broke"],
        "away": [],
        "crash": ["warning about_to_crash"],
        "hoard": ["info hoarding"],
    }
    assert "RuntimeError: secret words" in whole["broken"]
    assert "/srv/rows" in whole["crash"]
    assert "hunter2" not in whole["crash"]
    assert queries.log_tail(TenantId(new_id()), failed["broken"]) == ()
    station.change(
        failed["crash"], kind="test.add", payload={"a": 1, "b": 1}, state="queued", finished_at=None
    )
    assert station.ended(failed["crash"]).state == "succeeded"
    assert queries.whole_log_tail(failed["crash"]) == ()


def test_a_running_job_is_cancelled_and_cleans_up(station: Station, tmp_path: Path) -> None:
    log = tmp_path / "log"
    job_id = station.ask("test.sleep", {"seconds": 60, "file": str(log)})
    wait_until(lambda: bool(lines(log)))
    station.change(job_id, cancel_asked_at=utc_now())
    assert station.ended(job_id).state == "cancelled"
    assert lines(log)[1:] == ["left"]
    assert gone(int(lines(log)[0].split()[1]))
    assert station.ended(station.ask("test.add", {"a": 1, "b": 1})).state == "succeeded"


def test_a_job_that_takes_too_long_is_ended(database: Database, queue: JobQueue, tmp_path: Path) -> None:
    worker = worker_of(database, queue, JobLimits(memory_mb=600, time_limit_s=0.3, heartbeat_s=0.5))
    worker.start(alone=False)
    station = Station(database, queue, worker)
    ended = station.ended(station.ask("test.sleep", {"seconds": 60, "file": str(tmp_path / "log")}))
    worker.stop(0)
    assert (ended.state, ended.error["code"]) == ("failed", "job_time_exceeded")


def test_every_end_of_a_job_is_counted_once(database: Database, queue: JobQueue, tmp_path: Path) -> None:
    counted: list[tuple[str, str]] = []
    worker = worker_of(
        database, queue, ended=lambda kind, state, seconds, result: counted.append((kind, state))
    )
    worker.start(alone=False)
    station = Station(database, queue, worker)
    for kind in ("add", "odd", "crash", "hoard"):
        station.ended(station.ask(f"test.{kind}", {"a": 1, "b": 1, "mb": 900}, max_attempts=1))
    slept = station.ask("test.sleep", {"seconds": 60, "file": str(tmp_path / "log")})
    wait_until(lambda: bool(lines(tmp_path / "log")))
    station.change(slept, cancel_asked_at=utc_now())
    station.ended(slept)
    worker.stop(0)
    assert counted == [
        ("test.add", "succeeded"),
        ("test.odd", "failed"),
        ("test.crash", "failed"),
        ("test.hoard", "failed"),
        ("test.sleep", "cancelled"),
    ]


def test_a_message_that_was_lost_is_sent_again(station: Station) -> None:
    silent = Station(station.database, LostQueue(), station.worker, station.actor)  # type: ignore[arg-type]  # a queue
    assert station.ended(silent.ask("test.add", {"a": 1, "b": 1})).state == "succeeded"


class LostQueue:
    def dispatch(self, job_id: JobId) -> None:
        """Nobody hears of it."""


def test_a_message_that_comes_twice_runs_the_job_once(station: Station, tmp_path: Path) -> None:
    log = tmp_path / "log"
    job_id = station.ask("test.sleep", {"seconds": 0.2, "file": str(log)})
    station.queue.dispatch(job_id)
    station.ended(job_id)
    wait_until(lambda: station.queue.depth() == 0)
    assert station.ended(station.ask("test.add", {"a": 1, "b": 1})).state == "succeeded"
    assert len(lines(log)) == 2


def test_a_silent_workers_job_is_run_by_another(station: Station) -> None:
    silent = Station(station.database, LostQueue(), station.worker, station.actor)  # type: ignore[arg-type]  # a queue
    lost, worn_out = (silent.ask("test.add", {"a": 1, "b": 1}, max_attempts=n) for n in (3, 1))
    old = utc_now().replace(year=2020)
    for job_id in (lost, worn_out):
        station.change(job_id, state="running", attempt=1, heartbeat_at=old, worker="gone:1")
    ended = station.ended(lost)
    assert (ended.state, ended.attempt, ended.result["attempt"]) == ("succeeded", 2, 2)
    assert station.ended(worn_out).error["code"] == "worker_lost"


def test_a_job_whose_claim_is_lost_is_ended_and_its_row_left_alone(station: Station, tmp_path: Path) -> None:
    log = tmp_path / "log"
    job_id = station.ask("test.sleep", {"seconds": 60, "file": str(log)})
    wait_until(lambda: bool(lines(log)))
    station.change(job_id, attempt=7, worker="another:1", heartbeat_at=utc_now().replace(year=2090))
    wait_until(lambda: len(lines(log)) == 2)
    row = station.row(job_id)
    assert (row.state, row.attempt, row.worker) == ("running", 7, "another:1")


def test_a_stopped_worker_lets_short_jobs_end_and_hands_long_ones_back(
    database: Database, queue: JobQueue, tmp_path: Path
) -> None:
    for seconds, grace, expected in ((0.5, 10, ("succeeded", 1, 3)), (60, 0.2, ("queued", 1, 4))):
        log = tmp_path / f"log{seconds}"
        worker = worker_of(database, queue)
        worker.start(alone=False)
        station = Station(database, queue, worker)
        job_id = station.ask("test.sleep", {"seconds": seconds, "file": str(log)})
        wait_until(lambda log=log: bool(lines(log)))  # type: ignore[misc]  # bound now
        worker.stop(grace)
        row = station.row(job_id)
        assert (row.state, row.attempt, row.max_attempts) == expected
        assert gone(int(lines(log)[0].split()[1]))


def test_a_worker_that_is_alone_takes_up_what_was_running_at_once(
    database: Database, queue: JobQueue
) -> None:
    worker = worker_of(database, queue, JobLimits(memory_mb=600, time_limit_s=20, heartbeat_s=2))
    station = Station(database, queue, worker)
    job_id = station.ask("test.add", {"a": 1, "b": 1})
    station.change(job_id, state="running", attempt=1, heartbeat_at=utc_now(), worker="killed:1")
    worker.start(alone=True)
    assert station.ended(job_id).state == "succeeded"
    worker.stop(0)


def test_chores_are_done_and_one_that_fails_stops_nothing(database: Database, queue: JobQueue) -> None:
    done: list[str] = []

    def fail(now: object) -> None:
        done.append("fail")
        raise RuntimeError("no")

    chores = (Chore("fail", 0.1, fail), Chore("work", 0.1, lambda now: done.append("work")))
    worker = worker_of(database, queue, chores=chores)
    worker.start(alone=False)
    wait_until(lambda: done.count("work") >= 2)
    worker.stop(0)
    assert done.count("fail") >= 2


def test_one_of_two_candidates_works_and_the_other_takes_over(
    sqlite_database: Database, queue: JobQueue, tmp_path: Path
) -> None:
    station = Station(sqlite_database, queue, worker_of(sqlite_database, queue))
    made: list[int] = []

    def candidate(number: int) -> ElectedWorker:
        def make() -> JobWorker:
            made.append(number)
            return worker_of(sqlite_database, open_queue("", tmp_path))

        return ElectedWorker(make, FileLock(tmp_path / "worker.lock"), alone=True)

    first, second = candidate(1), candidate(2)
    first.start()
    wait_until(lambda: made == [1])
    second.start()
    assert station.ended(station.ask("test.add", {"a": 1, "b": 1})).state == "succeeded"
    assert made == [1]
    first.stop(0)
    assert station.ended(station.ask("test.add", {"a": 1, "b": 1})).state == "succeeded"
    assert made == [1, 2]
    second.stop(0)
