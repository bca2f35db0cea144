"""Where this installation's servers tell its workers of jobs."""

import sqlite3
from threading import Lock
from typing import TYPE_CHECKING

from core.domain.ids import JobId
from core.infrastructure.logging import get_logger
from core.infrastructure.settings import Settings

if TYPE_CHECKING:  # huey and redis are slow to import
    from core.infrastructure.job_queue import JobQueue


def job_queue(settings: Settings) -> "JobQueue":
    from core.infrastructure.job_queue import open_queue

    return open_queue(settings.get("redis.url"), settings.get("data.dir"))


class LateQueue:
    """Opened when it is first used: most commands, and most jobs, tell nobody of another job."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._opened: JobQueue | None = None

    def open(self) -> "JobQueue":
        with self._lock:
            if self._opened is None:
                self._opened = job_queue(self._settings)
            return self._opened

    def dispatch(self, job_id: JobId) -> None:
        """As ``JobQueue``'s: where the queue cannot be opened, the workers' sweep finds the job."""
        try:
            queue = self.open()
        except (sqlite3.Error, OSError) as error:
            get_logger(__name__).error("job_queue_away", reason=type(error).__name__)
        else:
            queue.dispatch(job_id)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
