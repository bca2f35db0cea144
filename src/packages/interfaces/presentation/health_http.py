"""Whether the service can do its work: for load balancers, orchestrators and people."""

from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, slots=True)
class Health:
    """Each check raises where what it is named for does not work."""

    version: str
    checks: Mapping[str, Callable[[], None]]
    clock: Callable[[], datetime]
    _down_since: dict[str, datetime] = field(default_factory=dict)

    def __call__(self) -> HealthOut:
        found = {name: self._of(name) for name in self.checks}
        is_up = all(check.status == "up" for check in found.values())
        return HealthOut(
            status="up" if is_up else "down", timestamp=self.clock(), version=self.version, checks=found
        )

    def _of(self, name: str) -> CheckOut:
        """The reason goes to the log only: it may hold an address."""
        try:
            self.checks[name]()
        except Exception as error:
            since = self._down_since.setdefault(name, self.clock())
            get_logger(__name__).warning("check_failed", check=name, reason=type(error).__name__)
            return CheckOut(status="down", since=since)
        self._down_since.pop(name, None)
        return CheckOut(status="up")


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
