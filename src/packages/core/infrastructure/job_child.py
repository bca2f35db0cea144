"""The process that runs jobs, one after the other, told by its worker over a pipe; it ends with its worker."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any
from uuid import UUID

import msgspec

from core.application.jobs import JobHandler, LostClaim
from core.domain.actor import Actor, JobClaim
from core.domain.errors import DomainError, Unavailable, code_of
from core.domain.ids import JobId, KeyId, TenantId, UserId
from core.infrastructure.job_log import logged_to
from core.infrastructure.logging import get_logger

Prepare = Callable[[], Mapping[str, JobHandler]]
"""Builds the application in the child and gives what runs each kind of job; importable by name from there."""

STOP = signal.SIGUSR1  # ends the running job: its blocks are left as on any error
PR_SET_PDEATHSIG = 1  # prctl(2)
SECONDS_BETWEEN_REPORTS = 1.0
SPEAKING = threading.RLock()  # what a job is ended by may come while it speaks
UNEXPECTED = {
    "code": "internal",
    "title": "The job failed unexpectedly",
    "detail": "This is a defect of the service, or of the machine it runs on.",
    "fix": "Retry the job; its operator finds the reason in the log under the job's id.",
}


class Stopped(BaseException):
    """The worker wants the running job to end: no Exception, so that no handler mends it."""


@dataclass
class PipedControl:
    """``JobControl`` over the pipe to the worker, which knows whether the claim holds and ends this process if not."""

    line: Connection
    reported_at: float = field(default=0.0, init=False)

    def progress(self, share: float, message: str = "") -> None:
        now = time.monotonic()
        if now - self.reported_at >= SECONDS_BETWEEN_REPORTS:
            self.reported_at = now
            say(self.line, {"progress": min(max(float(share), 0.0), 1.0), "message": storable(message)})


def say(line: Connection, message: Mapping[str, object]) -> None:
    """One message at a time: a job may tell of itself from several threads."""
    encoded = msgspec.json.encode(message)
    with SPEAKING:
        line.send_bytes(encoded)


def storable(text: str) -> str:
    """PostgreSQL stores no NUL, which names in our users' files may have."""
    return text.replace("\x00", "")


def heard(line: Connection) -> dict[str, Any]:
    """Raises EOFError or OSError where nobody is at the other end any more."""
    message: dict[str, Any] = msgspec.json.decode(line.recv_bytes())
    return message


def live(line: Connection, prepare: Prepare) -> None:
    """The whole life of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C and SIGTERM reach all of a service's processes;
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # when jobs end is up to the worker
    signal.signal(STOP, _stop)
    die_with_parent()
    try:
        handlers = prepare()
    except Exception:
        get_logger(__name__).exception("job_process_not_prepared")
        return
    try:
        say(line, {"ready": True})
        while True:
            order = heard(line)
            with logged_to(lambda text: say(line, {"log": text})):
                outcome = _outcome(handlers, order, line)
            say(line, outcome)
    except (EOFError, OSError, Stopped):
        return


def die_with_parent() -> None:
    """Linux kills this process when the thread that started it ends; elsewhere it ends when it next reads the pipe."""
    parent = multiprocessing.parent_process()
    if sys.platform == "linux" and parent is not None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:
            os._exit(1)


def _outcome(
    handlers: Mapping[str, JobHandler], order: Mapping[str, Any], line: Connection
) -> dict[str, Any]:
    from structlog.contextvars import bind_contextvars, clear_contextvars

    names = ("job_id", "kind", "tenant_id", "request_id", "attempt")
    clear_contextvars()
    bind_contextvars(**{name: order[name] for name in names})
    try:
        result = handlers[order["kind"]](_actor(order), order["payload"], PipedControl(line))
        return {"result": msgspec.to_builtins(result)}
    except LostClaim:
        return {"lost": True}
    except DomainError as error:
        return {"error": _shown(error), "again": isinstance(error, Unavailable)}
    except Exception:
        get_logger(__name__).exception("job_broke")
        return {"error": UNEXPECTED, "again": True}


def _shown(error: DomainError) -> dict[str, Any]:
    """What is stored of it with the job."""
    facts = {"title": error.title, "detail": storable(error.detail), "fix": storable(error.fix)}
    errors = [
        {"row": each.row, "column": each.column and storable(each.column), "detail": storable(each.detail)}
        for each in error.problems
    ]
    return {"code": code_of(type(error))} | facts | ({"errors": errors} if errors else {})


def _actor(order: Mapping[str, Any]) -> Actor:
    user_id, key_id = order["user_id"], order["key_id"]
    return Actor(
        tenant_id=TenantId(UUID(order["tenant_id"])),
        user_id=UserId(UUID(user_id)) if user_id else None,
        key_id=KeyId(UUID(key_id)) if key_id else None,
        request_id=order["request_id"],
        claim=JobClaim(JobId(UUID(order["job_id"])), order["attempt"]),
    )


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped
