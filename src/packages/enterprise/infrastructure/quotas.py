"""Limits and usage of tenants."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.orm import Session

from core.application.jobs import JobState
from core.application.quota import Quota, QuotaExceeded, RateExceeded
from core.domain.ids import PLATFORM, TenantId
from core.infrastructure.jobs import jobs
from core.infrastructure.sql import of_tenant
from enterprise.domain.tenant import limit_of
from enterprise.infrastructure.statements import insert_if_absent
from enterprise.infrastructure.tables import tenants, usage

PERIODS = {
    Quota.ROWS_SCORED_PER_DAY: timedelta(days=1),
    Quota.REQUESTS_PER_MINUTE: timedelta(minutes=1),
}
UNCOUNTED = "mail."  # jobs of these kinds are ours, not the tenant's
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SqlQuotaLedger:
    """``core.application.quota.QuotaLedger``. The row of the usage is locked until the transaction ends."""

    clock: Callable[[], datetime]

    def charge(self, session: Any, tenant_id: TenantId, quota: Quota, amount: int) -> None:
        limit = self.limit(session, tenant_id, quota)
        if quota is Quota.CONCURRENT_JOBS:
            self._admit_jobs(session, tenant_id, limit, amount)
        elif not self._count(session, tenant_id, quota, amount, limit=limit):
            raise self.exceeded(quota, limit or 0, self.used(session, tenant_id, quota), amount)

    def count(self, session: Session, tenant_id: TenantId, quota: Quota, amount: int) -> int:
        """Count what was used already, past the limit too; the sum."""
        self._count(session, tenant_id, quota, amount, limit=None)
        return self.used(session, tenant_id, quota)

    def limit(self, session: Session, tenant_id: TenantId, quota: Quota) -> int | None:
        """None: unlimited. A tenant that is not there may use nothing."""
        if tenant_id == PLATFORM:
            return None
        found = select(tenants.c.plan, tenants.c.quotas).where(tenants.c.id == tenant_id)
        row = session.execute(found).first()
        return limit_of(row.plan, row.quotas, quota) if row else 0

    def used(self, session: Session, tenant_id: TenantId, quota: Quota) -> int:
        if quota is Quota.CONCURRENT_JOBS:
            live = jobs.c.state.in_([JobState.QUEUED, JobState.RUNNING])
            ours = jobs.c.kind.startswith(UNCOUNTED, autoescape=True)
            return session.scalar(of_tenant(select(func.count(jobs.c.id)).where(live, ~ours), tenant_id)) or 0
        row = of_tenant(select(usage.c.used), tenant_id)
        return session.scalar(row.where(usage.c.quota == quota, usage.c.period == self._period(quota))) or 0

    def used_of_all(self, session: Session, tenant_id: TenantId) -> dict[Quota, int]:
        """As ``used``, of each that is counted."""
        mine = of_tenant(select(usage.c.quota, usage.c.period, usage.c.used), tenant_id)
        periods = {quota: self._period(quota) for quota in Quota}
        rows = session.execute(mine.where(usage.c.period.in_(set(periods.values()))))
        counted = {(row.quota, row.period): row.used for row in rows}
        found = {quota: counted.get((quota, period), 0) for quota, period in periods.items()}
        return found | {Quota.CONCURRENT_JOBS: self.used(session, tenant_id, Quota.CONCURRENT_JOBS)}

    def reset(self, quota: Quota) -> datetime | None:
        """When a flow starts anew."""
        period = PERIODS.get(quota)
        return None if period is None else self._start(period) + period

    def exceeded(self, quota: Quota, limit: int, used: int, asked: int) -> QuotaExceeded | RateExceeded:
        detail = f"{used:,} of {limit:,} {quota.replace('_', ' ')} are in use, and {asked:,} more would pass the limit."
        facts: dict[str, Any] = {"quota": quota, "limit": limit, "used": used, "asked": asked}
        reset = self.reset(quota)
        if reset is None:
            fix = "Wait until a job is over" if quota is Quota.CONCURRENT_JOBS else "Delete some"
            return QuotaExceeded(detail, fix=f"{fix}, or ask the operator for more.", **facts)
        wait = max(1, ceil((reset - self.clock()).total_seconds()))
        facts |= {"reset": reset.isoformat(), "retry_after": wait}
        return RateExceeded(detail, fix="Wait for the reset, or ask the operator for more.", **facts)

    def _count(
        self, session: Session, tenant_id: TenantId, quota: Quota, amount: int, *, limit: int | None
    ) -> bool:
        """False: it would pass the limit, and nothing is counted."""
        row = {"tenant_id": tenant_id, "quota": quota, "period": self._period(quota), "used": 0}
        insert_if_absent(session, usage, row)
        after = usage.c.used + amount
        counted = update(usage).where(usage.c.quota == quota, usage.c.period == row["period"])
        if limit is not None and amount > 0:
            counted = counted.where(after <= limit)
        counted = of_tenant(counted, tenant_id).values(used=case((after < 0, 0), else_=after))
        return session.execute(counted.returning(usage.c.used)).first() is not None

    def _admit_jobs(self, session: Session, tenant_id: TenantId, limit: int | None, amount: int) -> None:
        """The jobs themselves are counted; the locked row lets one transaction at a time do so."""
        self._count(session, tenant_id, Quota.CONCURRENT_JOBS, 0, limit=None)
        used = self.used(session, tenant_id, Quota.CONCURRENT_JOBS)
        if limit is not None and amount > 0 and used + amount > limit:
            raise self.exceeded(Quota.CONCURRENT_JOBS, limit, used, amount)

    def _period(self, quota: Quota) -> str:
        period = PERIODS.get(quota)
        return f"{self._start(period):%Y-%m-%dT%H:%M}" if period else ""

    def _start(self, period: timedelta) -> datetime:
        now = self.clock()
        return now - (now - EPOCH) % period
