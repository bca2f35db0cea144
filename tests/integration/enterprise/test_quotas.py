"""Quotas hold at their edge, also for many at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from core.application.quota import Quota, QuotaExceeded, RateExceeded
from core.domain.actor import Actor
from core.domain.ids import TenantId
from core.infrastructure.sql import SqlUnitOfWork, Storage
from enterprise.api import Enterprise
from enterprise.infrastructure.quotas import SqlQuotaLedger
from enterprise.infrastructure.scored_rows import ScoredRows
from tests.support.fakes import FakeClock


def limit(enterprise: Enterprise, operator: Actor, acme: Actor, quota: Quota, number: int | None) -> None:
    enterprise.change_plan(operator, acme.tenant_id, quotas={quota: number})


def used(enterprise: Enterprise, actor: Actor, quota: Quota) -> int:
    return next(view.used for view in enterprise.tenants.usage(actor.tenant_id) if view.quota is quota)


def charge(storage: Storage, actor: Actor, quota: Quota, amount: int = 1) -> bool:
    try:
        with SqlUnitOfWork(storage, actor) as uow:
            uow.charge(quota, amount)
            if quota is Quota.CONCURRENT_JOBS:
                uow.enqueue("thing.work", {})
            uow.commit()
    except (QuotaExceeded, RateExceeded):
        return False
    return True


@pytest.mark.parametrize("quota", [Quota.MODELS, Quota.ROWS_SCORED_PER_DAY, Quota.CONCURRENT_JOBS])
def test_of_many_at_once_as_many_pass_as_there_is_room(
    quota: Quota, storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    limit(enterprise, operator, acme, quota, 7)
    with ThreadPoolExecutor(6) as pool:
        passed = list(pool.map(lambda _: charge(storage, acme, quota), range(18)))
    assert sum(passed) == 7
    assert used(enterprise, acme, quota) == 7


def test_a_stock_says_what_is_used_and_counts_nothing_past_it(
    storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    limit(enterprise, operator, acme, Quota.MODELS, 3)
    assert charge(storage, acme, Quota.MODELS, 2)
    with SqlUnitOfWork(storage, acme) as uow, pytest.raises(QuotaExceeded) as refused:
        uow.charge(Quota.MODELS, 2)
    assert refused.value.facts == {"quota": Quota.MODELS, "limit": 3, "used": 2, "asked": 2}
    assert charge(storage, acme, Quota.MODELS, -1)
    assert charge(storage, acme, Quota.MODELS, 2)
    assert used(enterprise, acme, Quota.MODELS) == 3


def test_more_given_back_than_was_used_is_nothing_used(
    storage: Storage, enterprise: Enterprise, acme: Actor
) -> None:
    assert charge(storage, acme, Quota.MODELS, -4)
    assert used(enterprise, acme, Quota.MODELS) == 0


def test_a_flow_starts_anew_with_its_day(
    storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor, clock: FakeClock
) -> None:
    limit(enterprise, operator, acme, Quota.ROWS_SCORED_PER_DAY, 3)
    assert charge(storage, acme, Quota.ROWS_SCORED_PER_DAY, 3)
    with SqlUnitOfWork(storage, acme) as uow, pytest.raises(RateExceeded) as refused:
        uow.charge(Quota.ROWS_SCORED_PER_DAY, 1)
    assert refused.value.facts["reset"] == "2026-07-02T00:00:00+00:00"
    assert refused.value.facts["retry_after"] == 12 * 3600
    clock.advance(hours=12)
    assert charge(storage, acme, Quota.ROWS_SCORED_PER_DAY, 3)


def test_nothing_is_counted_by_a_transaction_that_is_not_stored(
    storage: Storage, enterprise: Enterprise, acme: Actor
) -> None:
    with SqlUnitOfWork(storage, acme) as uow:
        uow.charge(Quota.MODELS, 1)
    assert used(enterprise, acme, Quota.MODELS) == 0


def test_an_unlimited_quota_refuses_nothing(
    storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    limit(enterprise, operator, acme, Quota.MODELS, None)
    assert charge(storage, acme, Quota.MODELS, 10**12)


def test_mails_are_no_jobs_of_the_tenant(
    storage: Storage, enterprise: Enterprise, operator: Actor, acme: Actor
) -> None:
    with SqlUnitOfWork(storage, acme) as uow:
        uow.enqueue("mail.send", {})
        uow.commit()
    assert used(enterprise, acme, Quota.CONCURRENT_JOBS) == 0


def test_scored_rows_are_counted_in_memory_and_stored_within_a_second(
    enterprise: Enterprise, operator: Actor, acme: Actor, clock: FakeClock
) -> None:
    limit(enterprise, operator, acme, Quota.ROWS_SCORED_PER_DAY, 100)
    enterprise.count_scored_rows(acme.tenant_id, 60)
    assert used(enterprise, acme, Quota.ROWS_SCORED_PER_DAY) == 0
    with pytest.raises(RateExceeded):
        enterprise.count_scored_rows(acme.tenant_id, 41)
    clock.advance(seconds=1)
    enterprise.count_scored_rows(acme.tenant_id, 40)
    assert used(enterprise, acme, Quota.ROWS_SCORED_PER_DAY) == 60
    enterprise.count_scored_rows.write_all()
    assert used(enterprise, acme, Quota.ROWS_SCORED_PER_DAY) == 100


def test_requests_are_counted_while_the_sum_is_being_stored(
    enterprise: Enterprise, operator: Actor, acme: Actor, storage: Storage
) -> None:
    limit(enterprise, operator, acme, Quota.ROWS_SCORED_PER_DAY, 100)
    scored = enterprise.count_scored_rows
    assert isinstance(scored, ScoredRows)
    scored(acme.tenant_id, 10)
    meanwhile: list[bool] = []

    class Ledger(SqlQuotaLedger):
        def count(self, session: Session, tenant_id: TenantId, quota: Quota, amount: int) -> int:
            meanwhile.extend(scored.at_once(tenant_id, rows) for rows in (80, 11, 10))
            return super().count(session, tenant_id, quota, amount)

    replace(scored, ledger=Ledger(scored.ledger.clock)).write_all()
    assert meanwhile == [True, False, True]
    assert used(enterprise, acme, Quota.ROWS_SCORED_PER_DAY) == 10
    scored.write_all()
    assert used(enterprise, acme, Quota.ROWS_SCORED_PER_DAY) == 100
