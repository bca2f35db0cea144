"""Slow work as the contexts see it: they name kinds of jobs and what runs them."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from core.domain.actor import Actor
from core.domain.errors import Conflict


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LostClaim(Conflict):
    title = "Another worker has taken the job over"


class JobControl(Protocol):
    """The running job's line to whoever watches it."""

    def progress(self, share: float, message: str = "") -> None:
        """``share`` of the work that is done, in [0, 1]. Written at most once a second. Raises LostClaim."""


JobHandler = Callable[[Actor, Mapping[str, Any], JobControl], Mapping[str, Any] | None]
"""Does the work of one kind of job; gives JSON values to show as its result (ids of what it made).

It may run twice (a worker died, or lost its claim): it must lead to the same end. Its actor carries the claim, so that a
unit of work of a run that was given up stores nothing. It is never called in a process that serves requests.
"""
