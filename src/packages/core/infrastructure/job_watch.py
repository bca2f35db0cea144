"""One run of a job, seen from its worker: started, watched, ended where it must be, and settled in its row."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from core.application.jobs import JobState
from core.infrastructure.job_children import Child
from core.infrastructure.job_claims import ClaimedJob, JobClaims
from core.infrastructure.job_log import MOST_LINES, LogTail
from core.infrastructure.logging import get_logger

Settle = Callable[[], None]
Ended = Callable[[str, JobState, float, Mapping[str, Any]], None]
"""Takes the kind, how it ended, after how many seconds, and the result of a job that succeeded."""
DIED = {
    "code": "job_died",
    "title": "The job's process ended",
    "detail": "The process that ran the job ended before the job did: it crashed, or the machine had no memory left.",
    "fix": "Retry the job; if it happens again, use fewer rows, or give the workers more memory.",
}


@dataclass(frozen=True, slots=True)
class JobLimits:
    memory_mb: int
    time_limit_s: float
    heartbeat_s: float

    @property
    def silent_s(self) -> float:
        """A claim that was silent for so long is taken away."""
        return 5 * self.heartbeat_s


class Watch:
    """``abandoned`` is set when the worker cannot wait any longer: the job is handed back."""

    def __init__(
        self,
        child: Child,
        job: ClaimedJob,
        *,
        claims: JobClaims,
        limits: JobLimits,
        abandoned: threading.Event,
        ended: Ended,
    ) -> None:
        self._child, self._job, self._ended = child, job, ended
        self._claims, self._limits, self._abandoned = claims, limits, abandoned
        self._progress, self._log = (0.0, ""), LogTail()
        self._started = self._beat_at = time.monotonic()

    def __call__(self) -> None:
        """Run the job to whatever end it has."""
        try:
            self._child.start_job(_order(self._job))
            settle = self._settlement()
        except (EOFError, OSError):
            settle = self._handed_back if self._abandoned.is_set() else self._died()
        if not self._child.sound:
            for message in islice(self._child.unheard(), MOST_LINES):
                self._noted(message)
            self._child.stop()  # before the row is free for another to claim
        self._settled(settle)

    def _settlement(self) -> Settle:
        """Follow the job to its end; what is to be written then."""
        while True:
            message = self._child.heard()
            settle = self._told(message) if message is not None else None
            if settle := settle or self._ended_by_us():
                return settle

    def _told(self, message: Mapping[str, Any]) -> Settle | None:
        if self._noted(message):
            return None
        self._child.sound = True
        if "lost" in message:
            return _nothing
        if "error" in message:
            return self._failed(message["error"], again=message["again"])
        self._tell(JobState.SUCCEEDED, message["result"])
        return lambda: self._claims.succeed(self._job, message["result"])

    def _noted(self, message: Mapping[str, Any]) -> bool:
        """Whether it is no end of the job."""
        if "log" in message:
            self._log.add(message["log"])
        elif "progress" in message:
            self._progress = (message["progress"], message["message"])
            self._log.step(self._claims.clock(), message["message"])
        else:
            return False
        return True

    def _tell(self, state: JobState, result: Mapping[str, Any] | None = None) -> None:
        self._ended(self._job.kind, state, time.monotonic() - self._started, result or {})

    def _ended_by_us(self) -> Settle | None:
        now = time.monotonic()
        if self._abandoned.is_set():
            return self._handed_back
        if now - self._started > self._limits.time_limit_s:
            return self._over_limit("time", f"{self._limits.time_limit_s:g} seconds", "jobs.time_limit_s")
        if self._child.memory_mb() > self._limits.memory_mb:
            return self._over_limit("memory", f"{self._limits.memory_mb} MB", "jobs.memory_mb")
        if now - self._beat_at >= self._limits.heartbeat_s:
            self._beat_at = now
            return self._ended_by_others()
        return None

    def _ended_by_others(self) -> Settle | None:
        try:
            cancelled = self._claims.beat(self._job, *self._progress)
        except SQLAlchemyError as error:  # the database is away; the job goes on, and its claim may be lost
            get_logger(__name__).warning("job_heartbeat_failed", reason=type(error).__name__)
            return None
        if cancelled is None:
            return _nothing
        if not cancelled:
            return None
        self._tell(JobState.CANCELLED)
        return lambda: self._claims.cancel(self._job)

    def _over_limit(self, what: str, limit: str, setting: str) -> Settle:
        error = {
            "code": f"job_{what}_exceeded",
            "title": f"The job used too much {what}",
            "detail": f"One job may use {limit}.",
            "fix": f"Use fewer rows or a cheaper algorithm; the operator's setting is {setting}.",
        }
        return self._failed(error, again=False)

    def _died(self) -> Settle:
        return self._failed(DIED, again=True)

    def _failed(self, error: Mapping[str, object], *, again: bool) -> Settle:
        self._tell(JobState.FAILED)
        return lambda: self._claims.fail(self._job, error, again=again, log=self._log.lines())

    def _handed_back(self) -> None:
        self._claims.hand_back(self._job)

    def _settled(self, settle: Settle) -> None:
        """Where the database is away for longer than a claim lives, the job is run again."""
        deadline = time.monotonic() + self._limits.silent_s
        while True:
            try:
                return settle()
            except SQLAlchemyError as error:
                get_logger(__name__).warning(
                    "job_not_settled", job_id=str(self._job.id), reason=type(error).__name__
                )
                if time.monotonic() > deadline or self._abandoned.wait(self._limits.heartbeat_s):
                    return None


def not_counted(kind: str, state: JobState, seconds: float, result: Mapping[str, Any]) -> None:
    """``Ended`` where nobody asks."""


def _nothing() -> None:
    """The claim is lost: the row is another's affair."""


def _order(job: ClaimedJob) -> dict[str, object]:
    return {
        "job_id": str(job.id),
        "tenant_id": str(job.tenant_id),
        "kind": job.kind,
        "payload": job.payload,
        "attempt": job.attempt,
        "user_id": str(job.user_id) if job.user_id else "",
        "key_id": str(job.key_id) if job.key_id else "",
        "request_id": job.request_id,
    }
