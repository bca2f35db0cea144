"""Tells workers of jobs. The rows of ``core_jobs`` are the truth: a message is one's id, may be lost, and may come twice."""

import json
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

from huey import Huey, RedisHuey, SqliteHuey
from huey.consumer import Consumer, Scheduler, Worker
from huey.registry import Message
from huey.serializer import Serializer
from redis import ConnectionPool, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.domain.ids import JobId
from core.infrastructure.logging import get_logger

NAME = "anomaly_detection"
UNREACHABLE = (RedisError, sqlite3.Error, OSError)
SILENCE = 5.0  # seconds without a further try after the queue did not answer: requests must not wait for it
READ_TIMEOUT = 1  # seconds a worker waits for a message before it looks whether to stop


class JobIds(Serializer):  # type: ignore[misc]  # huey has no types
    """A message is the job's id as JSON: whoever can write to the queue can name a job, and nothing else."""

    def _serialize(self, message: Message) -> bytes:
        return json.dumps(message.args[0]).encode()

    def _deserialize(self, message: bytes) -> Message:
        job_id = UUID(json.loads(message))
        return Message(id=str(job_id), name=f"{__name__}.run", args=(str(job_id),), kwargs={})


class NoScheduler(Scheduler):  # type: ignore[misc]  # huey has no types
    def loop(self, now: object = None) -> None:
        """Jobs that must wait are found by the workers' sweep."""
        self.stop_flag.wait()


class Contact:
    """Says once that the queue does not answer, and once that it does again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lost_at: float | None = None

    def lost(self, error: Exception) -> None:
        with self._lock:
            if self._lost_at is not None:
                return
            self._lost_at = time.monotonic()
        get_logger(__name__).error("job_queue_away", reason=type(error).__name__)

    def found(self) -> None:
        if self._lost_at is None:  # without the lock: nearly always so
            return
        with self._lock:
            lost_at, self._lost_at = self._lost_at, None
        if lost_at is not None:
            seconds = round(time.monotonic() - lost_at, 1)
            get_logger(__name__).warning("job_queue_back", seconds=seconds)


class Reader(Worker):  # type: ignore[misc]  # huey has no types
    """As huey's, which writes a traceback at each look into a queue that is away."""

    def __init__(self, contact: Contact, **options: Any) -> None:
        super().__init__(**options)
        self._contact = contact

    def loop(self, now: object = None) -> None:
        try:
            message = self.huey.dequeue()
        except UNREACHABLE as error:
            self._contact.lost(error)
            self.sleep()
            return
        except Exception as error:  # it is no id: whoever wrote it is none of us
            get_logger(__name__).warning("message_passed_over", reason=type(error).__name__)
            return
        self._contact.found()
        if message is not None:
            self.delay = self.default_delay
            self.huey.execute(message, now)
        elif not self.huey.storage.blocking:
            self.sleep()


class JobConsumer(Consumer):  # type: ignore[misc]  # huey has no types
    scheduler_class = NoScheduler

    def __init__(self, huey: Huey, contact: Contact, **options: Any) -> None:
        self.worker_class = partial(Reader, contact)
        super().__init__(huey, **options)

    def _set_signal_handlers(self) -> None:
        """Signals are the affair of the process that the consumer runs in."""


class JobQueue:
    """``run`` is what a consumer of this queue does with an id."""

    def __init__(self, huey: Huey) -> None:
        self._huey = huey
        self._quiet_until = 0.0
        self.contact = Contact()
        self.run: Callable[[JobId], None] | None = None

        def run(job_id: str) -> None:
            if self.run is not None:
                self.run(JobId(UUID(job_id)))

        self._task = huey.task(name="run")(run)

    def dispatch(self, job_id: JobId) -> None:
        """Tell the workers. Where the queue does not answer, the workers' sweep finds the job."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            self._task(str(job_id))
        except UNREACHABLE as error:
            self._quiet_until = time.monotonic() + SILENCE
            self.contact.lost(error)
        else:
            self.contact.found()

    def waiting(self) -> set[JobId]:
        """The jobs that somebody will be told of. Raises what the queue raises."""
        codec = self._huey.serializer
        return {JobId(UUID(codec.deserialize(item).id)) for item in self._huey.storage.enqueued_items()}

    def depth(self) -> int:
        """How many messages wait. Raises what the queue raises."""
        return int(self._huey.storage.queue_size())

    def consumer(self, threads: int) -> JobConsumer:
        """Where reading does not wait for messages, it is repeated soon; otherwise only after an error."""
        first, longest = (1.0, 3.0) if self._huey.storage.blocking else (0.05, 0.3)
        options = {"workers": threads, "initial_delay": first, "max_delay": longest}
        return JobConsumer(self._huey, self.contact, periodic=False, **options)

    def close(self) -> None:
        self._huey.storage.close()


def open_queue(redis_url: str, folder: Path) -> JobQueue:
    """On Redis where there is one, else in ``folder/queue.db``."""
    options = {"serializer": JobIds(), "results": False}
    if not redis_url:
        path = folder / "queue.db"
        queue = JobQueue(SqliteHuey(NAME, filename=str(path), strict_fifo=True, **options))
        path.chmod(0o600)
        return queue
    pool = ConnectionPool.from_url(
        redis_url, socket_connect_timeout=1, socket_timeout=READ_TIMEOUT + 2, retry=Retry(NoBackoff(), 1)
    )
    return JobQueue(RedisHuey(NAME, connection_pool=pool, read_timeout=READ_TIMEOUT, **options))
