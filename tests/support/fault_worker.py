"""A worker process for tests of faults: ``python -m tests.support.fault_worker`` with two kinds of jobs of its own.

``test.effect`` leaves exactly one job ``test.mark`` about itself, however often it runs: what a handler of ours must do.
"""

import os
import random
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.application.jobs import JobControl, JobHandler
from core.domain.actor import Actor
from core.infrastructure.clock import utc_now
from core.infrastructure.database import Database, open_database
from core.infrastructure.elected_worker import ElectedWorker
from core.infrastructure.file_lock import FileLock
from core.infrastructure.job_children import Children
from core.infrastructure.job_claims import JobClaims
from core.infrastructure.job_queue import JobQueue, open_queue
from core.infrastructure.job_watch import JobLimits
from core.infrastructure.job_worker import JobWorker
from core.infrastructure.jobs import jobs
from core.infrastructure.logging import start_logging
from core.infrastructure.sql import SqlUnitOfWork, Storage
from tests.support.fakes import FakeAuditLog, FakeQuotas

HEARTBEAT_S = 0.5


def database() -> Database:
    return open_database(
        os.environ["FAULTS_URL"], system_url=os.environ.get("FAULTS_SYSTEM_URL", ""), pool_size=4
    )


def queue() -> JobQueue:
    return open_queue(os.environ.get("FAULTS_REDIS", ""), Path(os.environ["FAULTS_FOLDER"]))


def storage() -> Storage:
    return Storage(database(), FakeAuditLog(), FakeQuotas(), utc_now, queue().dispatch)


def prepare() -> Mapping[str, JobHandler]:
    start_logging("WARNING")
    stored = storage()

    def effect(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> Mapping[str, Any]:
        assert actor.claim is not None
        control.progress(0.5)
        time.sleep(random.uniform(0, payload["seconds"]))
        mine = actor.claim.job_id
        with SqlUnitOfWork(stored, actor) as uow:
            made = uow.session.scalar(uow.mine(select(jobs.c.id).where(jobs.c.subject_id == mine)))
            if made is None:
                made = uow.enqueue("test.mark", {}, subject_id=mine)
            uow.commit()
        time.sleep(random.uniform(0, payload["seconds"]))
        return {"mark": str(made)}

    def mark(actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
        """That it exists is its effect."""

    return {"test.effect": effect, "test.mark": mark}


def worker() -> JobWorker:
    return JobWorker(
        JobClaims(database(), utc_now),
        queue(),
        Children(prepare, 2),
        limits=JobLimits(memory_mb=2000, time_limit_s=30, heartbeat_s=HEARTBEAT_S),
        concurrency=2,
    )


def wait_for(asked: list[int]) -> None:
    while not asked:
        time.sleep(0.05)


def main() -> None:
    start_logging("WARNING")
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    if "FAULTS_SYSTEM_URL" in os.environ:
        running = worker()
        running.start(alone=False)
        wait_for(asked)
        running.stop(5)
    else:
        elected = ElectedWorker(
            worker, FileLock(Path(os.environ["FAULTS_FOLDER"]) / "worker.lock"), alone=True
        )
        elected.start()
        wait_for(asked)
        elected.stop(5)


if __name__ == "__main__":
    main()
