"""A tenant: an organisation that owns data, models and people's memberships."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.application.quota import Quota
from core.domain.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from core.domain.ids import PLATFORM, TenantId
from core.domain.names import checked_name
from enterprise.domain.plan import QUOTAS, Plan

PLATFORM_SLUG = "platform"
LONGEST_NAME = 120  # characters
MOST_DAYS = 3650
LEAST_AUDIT_DAYS = 30


class TenantState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"  # its deletion has begun


class Kept(StrEnum):
    """Kinds of data that are kept for a number of days, and their names in ``Table.info["retention"]``."""

    RESULTS = "results"
    POINTS = "points"
    JOBS = "jobs"
    AUDIT = "audit"
    EXPORTS = "exports"


RETENTION_DAYS: Mapping[Kept, int] = {
    Kept.RESULTS: 365,
    Kept.POINTS: 90,
    Kept.JOBS: 90,
    Kept.AUDIT: 730,
    Kept.EXPORTS: 7,
}
CUT_OFFS = (0.5, 0.8, 0.9, 0.95)  # low, medium, high, critical


class NoSuchTenant(NotFound):
    title = "No such tenant"


class SlugTaken(Conflict):
    title = "Another tenant has that slug"


class TenantIsClosed(Conflict):
    title = "The tenant is being deleted"


class NotForThePlatform(Conflict):
    title = "The platform itself is no ordinary tenant"


class TenantSuspended(Forbidden):
    title = "The tenant is suspended"


class InvalidCutOffs(Invalid):
    title = "The severity cut-offs do not rise"


class InvalidRetention(Invalid):
    title = "That cannot be kept for so long"


@dataclass(eq=False, kw_only=True)
class Tenant:
    """``quotas`` and ``retention_days`` hold what differs from the plan and the defaults; a quota of None is unlimited."""

    id: TenantId
    slug: str
    name: str
    plan: Plan
    created_at: datetime
    state: TenantState = TenantState.ACTIVE
    quotas: Mapping[str, int | None] = field(default_factory=dict)
    retention_days: Mapping[str, int] = field(default_factory=dict)
    cut_offs: list[float] = field(default_factory=lambda: list(CUT_OFFS))
    version: int | None = None

    def limit(self, quota: Quota) -> int | None:
        """None: unlimited."""
        return limit_of(self.plan, self.quotas, quota)

    def check_version(self, version: int | None) -> None:
        """Raises Stale where the caller has seen another one."""
        if version is not None and version != self.version:
            raise Stale("Someone else changed it.", fix="Read it again, then repeat.")

    def rename(self, name: str) -> None:
        """Raises InvalidName."""
        self.name = checked_name(name, longest=LONGEST_NAME)

    def suspend(self) -> None:
        self._ordinary()
        self.state = TenantState.SUSPENDED

    def resume(self) -> None:
        self._ordinary()
        self.state = TenantState.ACTIVE

    def close(self) -> None:
        """Its deletion begins; a second time changes nothing."""
        self._not_the_platform()
        self.state = TenantState.CLOSED

    def override(self, quotas: Mapping[Quota, int | None]) -> None:
        self._ordinary()
        self.quotas = {**self.quotas, **{str(name): limit for name, limit in quotas.items()}}

    def keep_for(self, days: Mapping[Kept, int]) -> None:
        """Raises InvalidRetention."""
        for kind, number in days.items():
            if not least_days(kind) <= number <= MOST_DAYS:
                raise InvalidRetention(
                    f"{kind}: {number} days.", fix=f"Choose {least_days(kind)} to {MOST_DAYS}."
                )
        self.retention_days = {**self.retention_days, **{str(kind): n for kind, n in days.items()}}

    def cut_severity_at(self, low: float, high: float, critical: float) -> None:
        """Medium begins where rows are flagged, and does not move. Raises InvalidCutOffs."""
        cuts = [low, CUT_OFFS[1], high, critical]
        if not 0 < low < CUT_OFFS[1] < high < critical < 1:
            raise InvalidCutOffs(f"They would be {cuts}.", fix="Let 0 < low < 0.8 < high < critical < 1.")
        self.cut_offs = cuts

    def _ordinary(self) -> None:
        self._not_the_platform()
        if self.state is TenantState.CLOSED:
            raise TenantIsClosed(f"{self.slug} is being deleted.", fix="Nothing about it can be changed.")

    def _not_the_platform(self) -> None:
        if self.id == PLATFORM:
            raise NotForThePlatform("Operators belong to it.", fix="Name another tenant.")


def least_days(kind: Kept) -> int:
    """Who does wrong must not be able to let the log of it go at once."""
    return LEAST_AUDIT_DAYS if kind is Kept.AUDIT else 1


def limit_of(plan: Plan, overrides: Mapping[str, int | None], quota: Quota) -> int | None:
    return overrides[quota] if quota in overrides else QUOTAS[plan][quota]


def days_kept(overrides: Mapping[str, int]) -> dict[Kept, int]:
    return {kind: overrides.get(kind, days) for kind, days in RETENTION_DAYS.items()}


def no_such_tenant() -> NoSuchTenant:
    return NoSuchTenant("There is no tenant of that name or id.", fix="List the tenants.")
