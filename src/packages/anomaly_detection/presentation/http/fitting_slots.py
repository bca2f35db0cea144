"""Learning inside a request: few at a time, however many ask."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from core.domain.errors import TooMany, Unavailable
from core.domain.ids import TenantId

AT_ONCE = 2  # threads that learn
MOST_WAITING = 16
MOST_OF_A_TENANT = 6

T = TypeVar("T")


class TooManyFits(TooMany):
    title = "You are having too many detectors fitted at once"


class FittersBusy(Unavailable):
    title = "Too many detectors are being fitted"


@dataclass(slots=True)
class FittingSlots:
    """Waiting costs no thread."""

    limiter: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_ONCE))
    asked: Counter[TenantId] = field(default_factory=Counter)

    async def run(self, tenant_id: TenantId, work: Callable[[], T]) -> T:
        """What ``work`` gives, done in a thread. Raises TooManyFits and FittersBusy without having done anything."""
        if self.asked[tenant_id] >= MOST_OF_A_TENANT:
            raise TooManyFits(
                f"{MOST_OF_A_TENANT} of your requests are being learned from.",
                fix="Wait for their answers, or start a run: POST /api/v1/runs.",
                retry_after=2,
            )
        if self.asked.total() >= AT_ONCE + MOST_WAITING:
            raise FittersBusy("Try again in a moment.", fix="Or score with a model.", retry_after=2)
        self.asked[tenant_id] += 1
        try:
            return await run_sync(work, limiter=self.limiter)
        finally:
            self.asked[tenant_id] -= 1
            if not self.asked[tenant_id]:
                del self.asked[tenant_id]
