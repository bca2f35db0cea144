"""The worker's side of the processes that run jobs: each is started before it is needed, and used while it is sound."""

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from queue import Empty, Queue
from typing import Any

from core.infrastructure.job_child import STOP, Prepare, heard, live, say
from core.infrastructure.logging import get_logger

JOBS_PER_CHILD = 25  # then a new process: what a library leaks ends there
TICK = 0.1  # seconds between looks at a child
KILL_AFTER_S = 2.0  # seconds to clean up for a job that was told to end
PAUSE_S = 1.0  # before the next child where one could not start
PAGE = os.sysconf("SC_PAGE_SIZE")


class Child:
    """One process. What it says is read by the thread that has borrowed it."""

    def __init__(self, prepare: Prepare) -> None:
        context = get_context("spawn")
        self.line, theirs = context.Pipe()
        self._process = context.Process(target=live, args=(theirs, prepare), name="job", daemon=True)
        self._process.start()
        theirs.close()
        self.jobs = 0
        self.sound = True
        self._ready = False

    def is_ready(self) -> bool:
        """Whether it has built the application; waits a moment. Raises EOFError where it has ended."""
        if not self._process.is_alive():
            raise EOFError
        self._ready = self._ready or self.heard() == {"ready": True}
        return self._ready

    def start_job(self, order: Mapping[str, object]) -> None:
        self.jobs += 1
        self.sound = False  # until the job has ended
        say(self.line, order)

    def heard(self) -> dict[str, Any] | None:
        """Its next message, if one comes within a moment. Raises EOFError where it has ended."""
        try:
            return heard(self.line) if self.line.poll(TICK) else None
        except OSError as error:
            raise EOFError from error

    def unheard(self) -> Iterator[dict[str, Any]]:
        """What it has said already."""
        with suppress(EOFError, OSError):
            while self.line.poll():
                yield heard(self.line)

    def memory_mb(self) -> float:
        """What it holds in memory; 0 where the system does not say."""
        try:
            pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        except (OSError, IndexError):
            return 0.0
        return int(pages) * PAGE / 2**20

    def stop(self) -> None:
        """End it, and the job in it, which may clean up first."""
        self.sound = False
        if self._process.is_alive() and self._process.pid:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, STOP if self._ready else signal.SIGKILL)
            self._process.join(KILL_AFTER_S)
        self._process.kill()
        self._process.join()
        self.line.close()


class Stopping(Exception):
    """No process is lent any more."""


class Children:
    """So many processes, started one after the other by one thread: a child lives as long as the thread that made it."""

    def __init__(self, prepare: Prepare, size: int) -> None:
        self._prepare, self._size = prepare, size
        self._idle: Queue[Child] = Queue()
        self._all: set[Child] = set()
        self._closed, self._over = threading.Event(), threading.Event()
        self._maker = ThreadPoolExecutor(1, "job-children")

    def start(self) -> None:
        for _ in range(self._size):
            self._maker.submit(self._make)

    @contextmanager
    def lent(self) -> Iterator[Child]:
        """One that has built the application, for a job. Raises Stopping."""
        child = self._next()
        try:
            yield child
        finally:
            if child.sound and child.jobs < JOBS_PER_CHILD and not self._over.is_set():
                self._idle.put(child)
            else:
                self._replace(child)

    def close(self) -> None:
        """Lend no more; what is lent goes on."""
        self._closed.set()

    def stop(self) -> None:
        """End all of them, and whatever runs in them."""
        self._closed.set()
        self._over.set()
        self._end_all()  # before their maker, whose end would kill them
        self._maker.shutdown(cancel_futures=True)
        self._end_all()

    def _next(self) -> Child:
        while not self._closed.is_set():
            with suppress(Empty):
                child = self._idle.get(timeout=TICK)
                if self._became_ready(child):
                    return child
        raise Stopping

    def _became_ready(self, child: Child) -> bool:
        try:
            while not self._closed.is_set():
                if child.is_ready():
                    return True
        except EOFError:
            get_logger(__name__).error("job_process_ended_before_it_was_ready")
            self._closed.wait(PAUSE_S)
        self._replace(child)
        return False

    def _end_all(self) -> None:
        for child in list(self._all):
            self._replace(child)

    def _replace(self, child: Child) -> None:
        try:
            self._all.remove(child)
        except KeyError:  # another thread does it
            return
        child.stop()
        if not self._over.is_set():
            self._maker.submit(self._make)

    def _make(self) -> None:
        while not self._over.is_set():
            try:
                child = Child(self._prepare)
            except OSError as error:  # no memory or process number is free
                get_logger(__name__).error("job_process_not_started", reason=str(error))
                self._over.wait(PAUSE_S)
            else:
                self._all.add(child)
                self._idle.put(child)
                return
