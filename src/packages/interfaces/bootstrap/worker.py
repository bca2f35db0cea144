"""Workers: inside the server of the embedded default, or processes of their own."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from types import FrameType
from typing import Any

from anomaly_detection.api import Runs
from core.application.jobs import JobState
from core.infrastructure.elected_worker import ElectedWorker
from core.infrastructure.file_lock import FileLock
from core.infrastructure.files import FolderFiles
from core.infrastructure.job_children import Children
from core.infrastructure.job_claims import JobClaims
from core.infrastructure.job_watch import JobLimits
from core.infrastructure.job_worker import Chore, JobWorker
from core.infrastructure.kept_answers import SqlAnswers
from core.infrastructure.metrics import Metrics
from data_platform.api import Datasets
from enterprise.api import Enterprise
from interfaces.bootstrap.database import WORKER_LOCK
from interfaces.bootstrap.job_process import prepare
from interfaces.bootstrap.service import Service
from machine_learning.api import ModelRegistry
from people_ops.api import PeopleOps

STAGED_FOR = timedelta(days=1)  # no upload takes longer
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
TENANTS_AT_ONCE = 100
LOOK_S = 0.2


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
        service.queue.open(),
        Children(partial(prepare, service.settings), concurrency),
        limits=limits,
        concurrency=concurrency,
        chores=chores(service),
        ended=partial(count_job, service.metrics),
    )


def count_job(
    metrics: Metrics, kind: str, state: JobState, seconds: float, result: Mapping[str, Any]
) -> None:
    """A detection's result names what it found where."""
    metrics.observe_job(kind, state.value, seconds)
    if found := result.get("anomalies"):
        algorithm, dataset = (str(result.get(name, "")) for name in ("algorithm", "dataset_id"))
        metrics.count_anomalies(algorithm, dataset, int(found))


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
    with _asked_to_stop() as wait:
        if service.storage.database.is_postgresql:
            worker = worker_of(service)
            worker.start(alone=False)
            wait()
            worker.stop(grace_s)
        else:
            elected = elected_worker(service)
            elected.start()
            wait()
            elected.stop(grace_s)


def chores(service: Service) -> tuple[Chore, ...]:
    """What workers do now and then."""
    files = FolderFiles(service.settings.get("data.dir"))
    enterprise: Enterprise = service.bundles[Enterprise]
    people: PeopleOps = service.bundles[PeopleOps]
    datasets: Datasets = service.bundles[Datasets]
    return (
        Chore("staging", HOUR_S, lambda now: files.sweep_staging(now - STAGED_FOR)),
        Chore("retention", DAY_S, enterprise.enforce_retention),
        Chore("dataset files", DAY_S, lambda now: datasets.files_without_rows(now - STAGED_FOR)),
        Chore("model files", DAY_S, lambda now: sweep_models(service)),
        Chore("kept answers", HOUR_S, SqlAnswers(service.storage.database, service.storage.clock).sweep),
        Chore("people", HOUR_S, people.sweep),
        Chore("audit heads", HOUR_S, lambda now: enterprise.audit_heads.log_heads()),
    )


def sweep_models(service: Service) -> None:
    """Files of models without a version, and of results without a run, of all tenants."""
    enterprise: Enterprise = service.bundles[Enterprise]
    registry: ModelRegistry = service.bundles[ModelRegistry]
    runs: Runs = service.bundles[Runs]
    cursor: str | None = None
    while True:
        page = enterprise.tenants.of_all(limit=TENANTS_AT_ONCE, cursor=cursor)
        for tenant in page.items:
            registry.sweep_files(tenant.id)
            runs.sweep_files(tenant.id)
        cursor = page.next_cursor
        if cursor is None:
            return


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], None]]:
    """What waits for SIGTERM or Ctrl-C; a second one ends the process at once.

    It looks now and then: a signal may come just before the thread blocks, when no lock would be let go for it, and a
    handler may not set an event that its own thread is about to wait for.
    """
    asked: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(number, signal.SIG_DFL)

    def wait() -> None:
        while not asked:
            time.sleep(LOOK_S)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield wait
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
