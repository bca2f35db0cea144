"""``core.presentation.rate_limits.Counters`` in memory."""

import time
from collections.abc import Callable, Mapping
from threading import Lock

MINUTE = 60


class MemoryCounters:
    """Of one process. (The memory storage of ``limits`` starts a thread every 10 ms to drop the expired ones.)"""

    waits = False

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._counts: dict[str, tuple[int, float]] = {}
        self._swept_at = clock()
        self._lock = Lock()

    def count(self, limits: Mapping[str, int]) -> list[tuple[int, float]]:
        now = self._clock()
        found: list[tuple[int, float]] = []
        with self._lock:
            if now - self._swept_at >= MINUTE:
                self._counts = {key: each for key, each in self._counts.items() if each[1] > now}
                self._swept_at = now
            for subject, limit in limits.items():
                used, ends_at = self._counts.get(subject, (0, 0.0))
                if ends_at <= now:
                    used, ends_at = 0, now + MINUTE
                self._counts[subject] = used + 1, ends_at
                found.append((used + 1, ends_at))
                if used >= limit:
                    break
        return found
