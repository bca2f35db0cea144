"""Stand-ins at the ports of the shared kernel."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from core.application.audit import AuditEntry
from core.application.quota import Quota, QuotaExceeded
from core.domain.actor import Actor
from core.domain.ids import JobId, TenantId


class FakeClock:
    def __init__(self) -> None:
        self.now = datetime(2026, 7, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class FakeAuditLog:
    entries: list[tuple[Actor, AuditEntry]] = field(default_factory=list)

    def append(self, session: Any, actor: Actor, entries: Sequence[AuditEntry]) -> None:
        self.entries += [(actor, entry) for entry in entries]

    @property
    def actions(self) -> list[str]:
        return [entry.action for _, entry in self.entries]


@dataclass
class FakeQuotas:
    """Counts per tenant; what is not in ``limits`` is unlimited."""

    limits: Mapping[Quota, int] = field(default_factory=dict)
    used: Counter[tuple[TenantId, Quota]] = field(default_factory=Counter)

    def charge(self, session: Any, tenant_id: TenantId, quota: Quota, amount: int) -> None:
        limit, used = self.limits.get(quota), self.used[tenant_id, quota]
        if limit is not None and used + amount > limit:
            raise QuotaExceeded(
                f"{used} of {limit} {quota} are used.", quota=quota, limit=limit, used=used, asked=amount
            )
        self.used[tenant_id, quota] += amount


@dataclass
class FakeDispatch:
    """Remembers which jobs the workers were told of."""

    jobs: list[JobId] = field(default_factory=list)

    def __call__(self, job_id: JobId) -> None:
        self.jobs.append(job_id)


class FakeJobControl:
    def __init__(self) -> None:
        self.reported: list[tuple[float, str]] = []

    def progress(self, share: float, message: str = "") -> None:
        self.reported.append((share, message))


class FakeCutOffs:
    """``anomaly_detection.application.ports.TenantCutOffs``: everybody's usual ones."""

    def __call__(self, tenant_id: TenantId) -> tuple[float, float, float]:
        return 0.5, 0.9, 0.95

    def at_once(self, tenant_id: TenantId) -> tuple[float, float, float] | None:
        return self(tenant_id)
