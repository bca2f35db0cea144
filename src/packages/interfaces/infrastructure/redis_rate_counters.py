"""``core.presentation.rate_limits.Counters`` in Redis, where several processes count together."""

import time
from collections.abc import Mapping

from limits.storage import RedisStorage
from redis import RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.infrastructure.logging import get_logger
from interfaces.infrastructure.rate_counters import MINUTE, MemoryCounters

PREFIX = "anomaly_detection:rate"
COUNT = b"""
local found = {}
for i, key in ipairs(KEYS) do
    local used = redis.call("INCR", key)
    local left = redis.call("PTTL", key)
    if left < 0 then
        redis.call("PEXPIRE", key, ARGV[1])
        left = tonumber(ARGV[1])
    end
    found[i] = {used, left}
    if used > tonumber(ARGV[1 + i]) then break end
end
return found
"""  # all in one round trip
SILENCE_S = 5.0  # without a further try after Redis did not answer: requests must not wait for it


class RedisCounters:
    """Of all processes; while Redis is away, each counts for itself."""

    waits = True

    def __init__(self, url: str) -> None:
        storage = RedisStorage(
            url,
            socket_connect_timeout=1,
            socket_timeout=1,
            retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]  # passed on to redis, which takes it
        )
        self._script = storage.get_connection().register_script(COUNT)
        self._own = MemoryCounters()
        self._is_away, self._quiet_until = False, 0.0

    def count(self, limits: Mapping[str, int]) -> list[tuple[int, float]]:
        if time.monotonic() < self._quiet_until:
            return self._own.count(limits)
        keys = [f"{PREFIX}:{subject}" for subject in limits]
        try:
            found: list[tuple[int, int]] = self._script(keys=keys, args=[1000 * MINUTE, *limits.values()])
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + SILENCE_S
            if not self._is_away:
                get_logger(__name__).warning("rate_limits_not_shared", reason=type(error).__name__)
            self._is_away = True
            return self._own.count(limits)
        self._is_away = False
        now = time.time()
        return [(used, now + left_ms / 1000) for used, left_ms in found]
