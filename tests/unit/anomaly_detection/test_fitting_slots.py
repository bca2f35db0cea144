"""Few detectors are fitted at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import pytest

from anomaly_detection.presentation.http.fitting_slots import (
    AT_ONCE,
    MOST_OF_A_TENANT,
    MOST_WAITING,
    FittersBusy,
    FittingSlots,
    TooManyFits,
)
from core.domain.ids import TenantId, new_id


class Work:
    """Counts how many run at once, until it may end."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.lock = threading.Lock()
        self.running = self.most = self.done = 0

    def __call__(self) -> None:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.may_end.wait(10)
        with self.lock:
            self.running -= 1
            self.done += 1


@contextmanager
def ended(work: Work) -> Iterator[Work]:
    try:
        yield work
    finally:
        work.may_end.set()


async def ask(
    slots: FittingSlots, tenants: list[TenantId], work: Work, late: TenantId
) -> BaseException | None:
    """All ask, then ``late`` does; gives why it was refused."""
    with ended(work):
        async with anyio.create_task_group() as group:
            for tenant in tenants:
                group.start_soon(slots.run, tenant, work)
            await anyio.wait_all_tasks_blocked()
            refused: BaseException | None = None
            try:
                with anyio.fail_after(0.2):
                    await slots.run(late, lambda: None)
            except (TooManyFits, FittersBusy, TimeoutError) as error:
                refused = error
            work.may_end.set()
    return refused


def test_two_are_fitted_at_once_and_the_others_wait() -> None:
    slots, work = FittingSlots(), Work()
    tenants = [TenantId(new_id()) for _ in range(5)]
    refused = anyio.run(ask, slots, tenants, work, tenants[0])
    assert isinstance(refused, TimeoutError)
    assert (work.most, work.done) == (AT_ONCE, 5)
    assert not slots.asked


@pytest.mark.parametrize("own", [True, False])
def test_a_tenant_has_a_few_of_all_the_places(own: bool) -> None:
    slots, work, tenant = FittingSlots(), Work(), TenantId(new_id())
    late = tenant if own else TenantId(new_id())
    refused = anyio.run(ask, slots, [tenant] * MOST_OF_A_TENANT, work, late)
    assert isinstance(refused, TooManyFits if own else TimeoutError)
    assert work.done == MOST_OF_A_TENANT


def test_when_all_places_are_taken_callers_are_told_when_to_come_back() -> None:
    slots, work = FittingSlots(), Work()
    tenants = [TenantId(new_id()) for _ in range(AT_ONCE + MOST_WAITING)]
    refused = anyio.run(ask, slots, tenants, work, TenantId(new_id()))
    assert isinstance(refused, FittersBusy)
    assert refused.facts["retry_after"] == 2
