"""Counting scored rows without a write per request."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from core.application.quota import Quota
from core.domain.ids import TenantId
from core.infrastructure.database import Database
from enterprise.infrastructure.quotas import SqlQuotaLedger

WRITTEN_EVERY_S = 1.0
OLDEST_S = 3.0  # what is known of the others' use, for requests that must not wait while it is written
SCORED = Quota.ROWS_SCORED_PER_DAY


@dataclass(slots=True)
class Tally:
    lock: threading.Lock = field(default_factory=threading.Lock)  # of the numbers, never held during I/O
    writing: threading.Lock = field(default_factory=threading.Lock)
    pending: int = 0  # counted here, not yet stored
    stored: int = 0
    limit: int | None = 0
    written_at: float | None = None


@dataclass(frozen=True, slots=True)
class ScoredRows:
    """Counts in memory, and stores the sum at the first call after a second.

    Exact for one process. Each further process may let pass what the others counted within the last seconds; a process
    that is killed forgets what it counted since its last write.
    """

    database: Database
    ledger: SqlQuotaLedger
    monotonic: Callable[[], float]
    _tallies: defaultdict[TenantId, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def __call__(self, tenant_id: TenantId, rows: int) -> None:
        """Raises RateExceeded, and then counts nothing."""
        tally = self._tallies[tenant_id]
        if self._is_older(tally, WRITTEN_EVERY_S):
            self._refresh(tenant_id, tally)
        with tally.lock:
            used = tally.stored + tally.pending
            if tally.limit is not None and used + rows > tally.limit:
                raise self.ledger.exceeded(SCORED, tally.limit, used, rows)
            tally.pending += rows

    def at_once(self, tenant_id: TenantId, rows: int) -> bool:
        """Count where that needs no I/O and is within the limit; else False, and nothing is counted."""
        tally = self._tallies[tenant_id]
        if self._is_older(tally, OLDEST_S):
            return False
        with tally.lock:
            if tally.limit is not None and tally.stored + tally.pending + rows > tally.limit:
                return False
            tally.pending += rows
            return True

    def write_all(self) -> None:
        """Now and then, and before the process ends: what idle tenants have used is stored too."""
        for tenant_id, tally in list(self._tallies.items()):
            with tally.writing:
                if tally.pending:
                    self._write(tenant_id, tally)

    def _is_older(self, tally: Tally, seconds: float) -> bool:
        return tally.written_at is None or self.monotonic() - tally.written_at >= seconds

    def _refresh(self, tenant_id: TenantId, tally: Tally) -> None:
        """Where another thread is at it, only who knows too little waits."""
        if tally.writing.acquire(blocking=self._is_older(tally, OLDEST_S)):
            try:
                if self._is_older(tally, WRITTEN_EVERY_S):
                    self._write(tenant_id, tally)
            finally:
                tally.writing.release()

    def _write(self, tenant_id: TenantId, tally: Tally) -> None:
        written = tally.pending
        with self.database.of_tenant(tenant_id, write=bool(written)) as session:
            limit = self.ledger.limit(session, tenant_id, SCORED)
            if written:
                stored = self.ledger.count(session, tenant_id, SCORED, written)
                session.commit()
            else:
                stored = self.ledger.used(session, tenant_id, SCORED)
        with tally.lock:
            tally.limit, tally.stored, tally.written_at = limit, stored, self.monotonic()
            tally.pending -= written
