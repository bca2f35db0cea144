"""Whether the service can do its work: for load balancers, orchestrators and people."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from core.infrastructure.logging import get_logger
from core.presentation.http import PUBLIC, Route, from_state

router = APIRouter(route_class=Route, tags=["health"], dependencies=[PUBLIC])
api_router = APIRouter(route_class=Route, tags=["health"], dependencies=[PUBLIC])


class CheckOut(BaseModel):
    status: Literal["up", "down"]
    since: datetime | None = Field(default=None, description="When this process first found it down.")


class HealthOut(BaseModel):
    status: Literal["up", "down"] = Field(examples=["up"])
    timestamp: datetime
    version: str = Field(examples=["1.0.0"])
    checks: dict[str, CheckOut] = Field(examples=[{"database": {"status": "up", "since": None}}])


@dataclass(slots=True)
class Health:
    """Each check raises where what it is named for does not work; one that takes longer than ``patience_s`` does not
    either. Whoever asks within ``fresh_s`` hears the same."""

    version: str
    checks: Mapping[str, Callable[[], object]]
    clock: Callable[[], datetime]
    patience_s: float = 3.0
    fresh_s: float = 1.0
    _down_since: dict[str, datetime] = field(default_factory=dict)
    _running: dict[str, Future[object]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last: tuple[float, HealthOut] | None = None
    _threads: ThreadPoolExecutor = field(init=False)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(max(1, len(self.checks)), "health")

    def __call__(self) -> HealthOut:
        last = self._last
        if last is not None and self._is_fresh(last):
            return last[1]
        if not self._lock.acquire(blocking=last is None) and last is not None:
            return last[1]  # another request finds out: those that ask meanwhile must not all wait
        try:
            if self._last is None or not self._is_fresh(self._last):
                self._last = time.monotonic(), self._found()
            return self._last[1]
        finally:
            self._lock.release()

    def _is_fresh(self, last: tuple[float, HealthOut]) -> bool:
        return time.monotonic() - last[0] < self.fresh_s

    def _found(self) -> HealthOut:
        for name, check in self.checks.items():
            if name not in self._running:  # else one still waits since the last time
                self._running[name] = self._threads.submit(check)
        wait(self._running.values(), self.patience_s)
        found = {name: self._of(name) for name in self.checks}
        is_up = all(check.status == "up" for check in found.values())
        return HealthOut(
            status="up" if is_up else "down", timestamp=self.clock(), version=self.version, checks=found
        )

    def _of(self, name: str) -> CheckOut:
        """The reason goes to the log only: it may hold an address."""
        running = self._running[name]
        error: BaseException | None = TimeoutError()
        if running.done():
            error = running.exception()
            del self._running[name]
        if error is None:
            self._down_since.pop(name, None)
            return CheckOut(status="up")
        since = self._down_since.setdefault(name, self.clock())
        get_logger(__name__).warning("check_failed", check=name, reason=type(error).__name__)
        return CheckOut(status="down", since=since)


@router.get("/livez", status_code=204, summary="The process answers", response_class=Response)
async def livez() -> None:
    return None


@api_router.get("/health", summary="What works", responses={503: {"model": HealthOut}})
@router.get("/health", summary="What works", responses={503: {"model": HealthOut}})
@router.get("/readyz", summary="Whether to send requests here", responses={503: {"model": HealthOut}})
def health(of: Annotated[Health, Depends(from_state(Health))], response: Response) -> HealthOut:
    found = of()
    response.headers["Cache-Control"] = "no-store"
    if found.status == "down":
        response.status_code = 503
    return found
