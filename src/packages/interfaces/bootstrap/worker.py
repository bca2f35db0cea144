"""Workers: inside the server of the embedded default, or processes of their own."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from types import FrameType

from core.application.jobs import JobHandler
from core.infrastructure.elected_worker import ElectedWorker
from core.infrastructure.file_lock import FileLock
from core.infrastructure.files import FolderFiles
from core.infrastructure.job_children import Children
from core.infrastructure.job_claims import JobClaims
from core.infrastructure.job_watch import JobLimits
from core.infrastructure.job_worker import Chore, JobWorker
from core.infrastructure.logging import start_logging
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise
from interfaces.bootstrap.database import WORKER_LOCK
from interfaces.bootstrap.service import Service, build

STAGED_FOR = timedelta(days=1)  # no upload takes longer
HOUR_S = 3600.0


def prepare(settings: Settings) -> Mapping[str, JobHandler]:
    """In a job's process: the application, built anew."""
    start_logging(settings.get("log.level"), settings.get("log.format"))
    return build(settings).job_handlers


def worker_of(service: Service) -> JobWorker:
    setting = service.settings.get
    limits = JobLimits(
        memory_mb=setting("jobs.memory_mb"),
        time_limit_s=setting("jobs.time_limit_s"),
        heartbeat_s=setting("jobs.heartbeat_s"),
    )
    concurrency = setting("jobs.concurrency")
    return JobWorker(
        JobClaims(service.storage.database, service.storage.clock),
        service.queue,
        Children(partial(prepare, service.settings), concurrency),
        limits=limits,
        concurrency=concurrency,
        chores=chores(service),
    )


def elected_worker(service: Service) -> ElectedWorker:
    """Of the servers and workers on this data folder, one works."""
    lock = FileLock(service.settings.get("data.dir") / WORKER_LOCK)
    alone = not service.storage.database.is_postgresql
    return ElectedWorker(partial(worker_of, service), lock, alone=alone)


def embedded_worker(service: Service) -> ElectedWorker | None:
    """For a server to start and stop; None where Redis is set: then workers are processes of their own."""
    return None if service.settings.get("redis.url") else elected_worker(service)


def work(service: Service) -> None:
    """The whole life of a worker process: until SIGTERM or Ctrl-C, and the grace time after it."""
    grace_s = service.settings.get("api.grace_s")
    with _asked_to_stop() as asked:
        if service.storage.database.is_postgresql:
            worker = worker_of(service)
            worker.start(alone=False)
            asked.wait()
            worker.stop(grace_s)
        else:
            elected = elected_worker(service)
            elected.start()
            asked.wait()
            elected.stop(grace_s)


def chores(service: Service) -> tuple[Chore, ...]:
    """What workers do now and then."""
    files = FolderFiles(service.settings.get("data.dir"))
    enterprise: Enterprise = service.bundles[Enterprise]
    return (
        Chore("staging", HOUR_S, lambda now: files.sweep_staging(now - STAGED_FOR)),
        Chore("retention", HOUR_S, enterprise.enforce_retention),
        Chore("audit heads", HOUR_S, lambda now: enterprise.audit_heads.log_heads()),
    )


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Set at SIGTERM or Ctrl-C; a second one ends the process at once."""
    asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
