"""Plans and what they allow."""

from collections.abc import Mapping
from enum import StrEnum

from core.application.quota import Quota


class Plan(StrEnum):
    FREE = "free"
    TEAM = "team"
    ENTERPRISE = "enterprise"


def _quotas(*limits: int) -> Mapping[Quota, int]:
    return dict(zip(ORDER, limits, strict=True))


ORDER = (
    Quota.ROWS_STORED,
    Quota.MODELS,
    Quota.USERS,
    Quota.CONCURRENT_JOBS,
    Quota.ROWS_SCORED_PER_DAY,
    Quota.REQUESTS_PER_MINUTE,
)
QUOTAS: Mapping[Plan, Mapping[Quota, int]] = {
    Plan.FREE: _quotas(1_000_000, 10, 5, 2, 1_000_000, 600),
    Plan.TEAM: _quotas(50_000_000, 100, 50, 8, 100_000_000, 6_000),
    Plan.ENTERPRISE: _quotas(1_000_000_000, 1_000, 1_000, 32, 10_000_000_000, 60_000),
}
