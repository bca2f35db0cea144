"""A worker: takes ids from the queue, claims the jobs, runs them, and finds those that nobody runs any more."""

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from core.domain.ids import JobId
from core.infrastructure.job_children import Children, Stopping
from core.infrastructure.job_claims import JobClaims
from core.infrastructure.job_queue import UNREACHABLE, JobQueue
from core.infrastructure.job_watch import Ended, JobLimits, Watch, not_counted
from core.infrastructure.logging import get_logger

WAIT_FOR_THREADS_S = 10.0  # for the last rows to be written, after the last job ended


@dataclass(frozen=True, slots=True)
class Chore:
    """Something a worker does now and then; several workers may do it at once."""

    name: str
    every_s: float
    do: Callable[[datetime], object]


class JobWorker:
    def __init__(
        self,
        claims: JobClaims,
        queue: JobQueue,
        children: Children,
        *,
        limits: JobLimits,
        concurrency: int,
        chores: Sequence[Chore] = (),
        ended: Ended = not_counted,
    ) -> None:
        self.name = f"{socket.gethostname()[:80]}:{os.getpid()}"
        self._claims, self._queue, self._children, self._limits = claims, queue, children, limits
        self._chores, self._ended = chores, ended
        self._stopping, self._abandoned = threading.Event(), threading.Event()
        self._sweeper = threading.Thread(target=self._sweep, name="job-sweep", daemon=True)
        self._housekeeper = threading.Thread(target=self._keep_house, name="job-chores", daemon=True)
        queue.run = self.run
        self._consumer = queue.consumer(concurrency)

    def start(self, *, alone: bool) -> None:
        """``alone``: no other worker is on this database, so whatever is marked as running is not."""
        if alone:
            taken = self._claims.take_from_all()
            if taken:
                get_logger(__name__).warning("jobs_taken_up", count=taken)
        self._children.start()
        self._consumer.start()
        self._sweeper.start()
        self._housekeeper.start()

    def stop(self, grace_s: float) -> None:
        """Take no more jobs, give the running ones so long to end, hand back those that did not."""
        self._stopping.set()
        self._children.close()
        self._consumer.stop_flag.set()
        threads = [thread for _, thread in self._consumer.worker_threads]
        _join(threads, grace_s)
        self._abandoned.set()
        _join([*threads, self._sweeper, self._housekeeper], WAIT_FOR_THREADS_S)
        self._children.stop()

    def run(self, job_id: JobId) -> None:
        """Claim the job, if it is free, and see it to its end."""
        with suppress(Stopping), self._children.lent() as child:
            if self._stopping.is_set():
                return
            job = self._claims.claim(job_id, self.name)
            if job is not None:
                watch = Watch(
                    child,
                    job,
                    claims=self._claims,
                    limits=self._limits,
                    abandoned=self._abandoned,
                    ended=self._ended,
                )
                watch()

    def sweep(self) -> None:
        """Free the jobs of lost workers, and tell of jobs whose message was lost."""
        freed = self._claims.take_from_silent(self._limits.silent_s)
        if freed:
            get_logger(__name__).warning("jobs_freed", count=freed)
        due = self._claims.due(self._limits.heartbeat_s)
        if due:
            waiting = self._queue.waiting()
            for job_id in due:
                if job_id not in waiting:
                    self._queue.dispatch(job_id)

    def _sweep(self) -> None:
        while not self._stopping.wait(self._limits.heartbeat_s):
            try:
                self.sweep()
            except SQLAlchemyError as error:
                get_logger(__name__).warning("job_sweep_failed", reason=type(error).__name__)
            except UNREACHABLE as error:
                self._queue.contact.lost(error)
            except Exception:
                get_logger(__name__).exception("job_sweep_broke")

    def _keep_house(self) -> None:
        due_at = dict.fromkeys((chore.name for chore in self._chores), time.monotonic())
        while not self._stopping.wait(1.0):
            for chore in self._chores:
                if time.monotonic() >= due_at[chore.name] and not self._stopping.is_set():
                    due_at[chore.name] = time.monotonic() + chore.every_s
                    self._do(chore)

    def _do(self, chore: Chore) -> None:
        try:
            chore.do(self._claims.clock())
        except Exception:
            get_logger(__name__).exception("chore_failed", chore=chore.name)


def _join(threads: Sequence[threading.Thread], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
