"""The worker of an installation that has one only: whichever process holds the lock runs it."""

import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from core.infrastructure.file_lock import FileLock
from core.infrastructure.job_worker import JobWorker
from core.infrastructure.logging import get_logger

SECONDS_BETWEEN_TRIES = 1.0


class ElectedWorker:
    """``alone``: the lock keeps all other workers from the database, not only those of this machine."""

    def __init__(self, make: Callable[[], JobWorker], lock: FileLock, *, alone: bool) -> None:
        self._make, self._lock, self._alone = make, lock, alone
        self._stopping = threading.Event()
        self._candidate = threading.Thread(target=self._stand, name="job-election", daemon=True)
        self._worker: JobWorker | None = None

    def start(self) -> None:
        """Returns at once; the worker works as soon as no other process does."""
        self._candidate.start()

    def stop(self, grace_s: float) -> None:
        self._stopping.set()
        self._candidate.join()
        if self._worker is not None:
            self._worker.stop(grace_s)
        self._lock.release()

    def _stand(self) -> None:
        while not self._stopping.is_set():
            if self._lock.take() and self._work():
                return
            self._stopping.wait(SECONDS_BETWEEN_TRIES)

    def _work(self) -> bool:
        try:
            worker = self._make()
            worker.start(alone=self._alone)
        except SQLAlchemyError as error:  # the database is away
            get_logger(__name__).warning("job_worker_not_started", reason=type(error).__name__)
            return False
        self._worker = worker
        get_logger(__name__).info("job_worker_started", worker=worker.name)
        return True
