"""Quotas as transactions see them; enterprise keeps the limits and the usage."""

from enum import StrEnum
from typing import Any, Protocol

from core.domain.errors import Forbidden, TooMany
from core.domain.ids import TenantId


class Quota(StrEnum):
    """What a plan limits. Stocks are held until they are given back; flows start anew with their period."""

    ROWS_STORED = "rows_stored"
    MODELS = "models"
    USERS = "users"
    CONCURRENT_JOBS = "concurrent_jobs"
    ROWS_SCORED_PER_DAY = "rows_scored_per_day"
    REQUESTS_PER_MINUTE = "requests_per_minute"


class QuotaExceeded(Forbidden):
    """A stock is used up: facts ``quota``, ``limit``, ``used``, ``asked``."""

    title = "The plan allows no more"


class RateExceeded(TooMany):
    """A flow is used up: facts ``quota``, ``limit``, ``used``, ``asked``, ``reset`` (RFC 3339) and ``retry_after``."""

    title = "The plan allows no more for now"


class QuotaLedger(Protocol):
    def charge(self, session: Any, tenant_id: TenantId, quota: Quota, amount: int) -> None:
        """Count ``amount`` more inside the session's transaction; a negative amount gives a stock back.

        Raises QuotaExceeded or RateExceeded where it would pass the limit: then nothing is counted.
        """
