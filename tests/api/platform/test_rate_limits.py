"""How many requests a minute are answered, and what the answers say about it."""

import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from fastapi.testclient import TestClient

from interfaces.infrastructure.rate_counters import MemoryCounters
from interfaces.infrastructure.redis_rate_counters import RedisCounters
from tests.support.breakable import Redis
from tests.support.surroundings import Surroundings

PATH = "/api/v1/jobs"  # which a caller without permissions may not read: 403
FREE_PLAN = 600


def statuses(client: TestClient, times: int, path: str = PATH) -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def test_each_answer_says_what_is_left(surroundings: Surroundings) -> None:
    client = surroundings.client(token="ana", api__key_requests_per_minute=10)
    client.get(PATH)
    headers = client.get(PATH).headers

    assert headers["ratelimit-policy"] == '"default";q=10;w=60'
    assert re.fullmatch(r'"default";r=8;t=\d+', headers["ratelimit"])
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("10", "8")
    assert 0 < int(headers["x-ratelimit-reset"]) <= 60


def test_past_the_limit_of_a_caller_it_is_a_429_and_others_go_on(surroundings: Surroundings) -> None:
    client = surroundings.client(api__key_requests_per_minute=3)
    ana, bob, key = ({"Authorization": f"Bearer {name}"} for name in ("ana", "bob", "key"))
    got = [client.get(PATH, headers=ana) for _ in range(5)]

    assert [a.status_code for a in got] == [403, 403, 403, 429, 429]
    assert got[-1].json()["code"] == "too_many_requests"
    assert 0 < int(got[-1].headers["retry-after"]) <= 60
    assert got[-1].headers["x-ratelimit-remaining"] == "0"
    assert client.get(PATH, headers=bob).status_code == 403
    assert client.get(PATH, headers=key).status_code == 403


def test_a_tenant_has_the_limit_of_its_plan_whoever_asks(surroundings: Surroundings) -> None:
    client = surroundings.client(api__key_requests_per_minute=FREE_PLAN + 1)
    ana, bob = ({"Authorization": f"Bearer {name}"} for name in ("ana", "bob"))
    for _ in range(FREE_PLAN):
        last = client.get(PATH, headers=ana)
    refused = client.get(PATH, headers=bob)

    assert last.status_code == 403
    assert last.headers["ratelimit-policy"] == f'"tenant";q={FREE_PLAN};w=60'
    assert refused.status_code == 429
    assert refused.json()["policy"] == "tenant"


def test_what_a_caller_sends_past_its_own_limit_does_not_use_up_the_tenant_s(
    surroundings: Surroundings,
) -> None:
    client = surroundings.client(api__key_requests_per_minute=5)
    ana, bob = ({"Authorization": f"Bearer {name}"} for name in ("ana", "bob"))
    for _ in range(FREE_PLAN + 10):
        client.get(PATH, headers=ana)

    assert client.get(PATH, headers=bob).status_code == 403


def test_log_in_attempts_are_counted_by_address(surroundings: Surroundings) -> None:
    app = surroundings.app(api__login_attempts_per_minute=2)
    near, far = TestClient(app, client=("192.0.2.1", 1)), TestClient(app, client=("192.0.2.2", 1))

    assert statuses(near, 3, "/api/v1/auth/nothing") == [404, 404, 429]
    assert statuses(far, 1, "/api/v1/auth/nothing") == [404]
    assert statuses(near, 3) == [401, 401, 401]


def test_one_network_of_ipv6_is_one_address(surroundings: Surroundings) -> None:
    app = surroundings.app(api__login_attempts_per_minute=1)
    one, two = TestClient(app, client=("2001:db8::1", 1)), TestClient(app, client=("2001:db8::2:3", 1))

    assert statuses(one, 1, "/api/v1/auth/nothing") == [404]
    assert statuses(two, 1, "/api/v1/auth/nothing") == [429]


def test_probes_are_never_refused(surroundings: Surroundings) -> None:
    client = surroundings.client(token="ana", api__key_requests_per_minute=1)

    assert set(statuses(client, 5, "/api/v1/health")) == {200}
    assert "ratelimit" not in client.get("/livez").headers


def test_processes_that_share_redis_count_together(surroundings: Surroundings, redis_server: Redis) -> None:
    one, two = (
        surroundings.client(redis__url=redis_server.url, api__login_attempts_per_minute=3) for _ in range(2)
    )

    assert statuses(one, 2, "/api/v1/auth/nothing") == [404, 404]
    assert statuses(two, 2, "/api/v1/auth/nothing") == [404, 429]


def test_without_redis_each_process_counts_for_itself_and_says_so_once(
    surroundings: Surroundings, redis_server: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    client = surroundings.client(redis__url=redis_server.url, api__login_attempts_per_minute=3)
    redis_server.kill()

    assert statuses(client, 4, "/api/v1/auth/nothing") == [404, 404, 404, 429]
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert [r.msg["event"] for r in warnings if isinstance(r.msg, dict)] == ["rate_limits_not_shared"]


def test_threads_that_count_at_once_lose_nothing(redis_server: Redis) -> None:
    counters = RedisCounters(redis_server.url)
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(counters.count, [{"s": 100, "t": 100}] * 40)
        counts = sorted((own[0], tenants[0]) for own, tenants in found)

    assert sorted(own for own, _ in counts) == list(range(1, 41))
    assert sorted(tenants for _, tenants in counts) == list(range(1, 41))


def test_past_the_first_limit_the_second_is_not_counted(redis_server: Redis) -> None:
    for counters in (MemoryCounters(), RedisCounters(redis_server.url)):
        used = [[used for used, _ in counters.count({"own": 2, "all": 9})] for _ in range(4)]
        others = counters.count({"other": 2, "all": 9})

        assert used == [[1, 1], [2, 2], [3], [4]]
        assert [used for used, _ in others] == [1, 3]
        assert all(0 < ends_at - time.time() <= 60 for _, ends_at in others)


def test_each_request_asks_redis_once(redis_server: Redis) -> None:
    counters = RedisCounters(redis_server.url)
    counters.count({"own": 9, "all": 9})  # which tells it the script
    with redis.Redis.from_url(redis_server.url) as client:
        before = client.info("stats")["total_commands_processed"]
        counters.count({"own": 9, "all": 9})
        inside = 4  # INCR and PTTL of each, which Redis counts too
        assert client.info("stats")["total_commands_processed"] == before + 1 + inside + 1  # ours, and INFO


def test_each_minute_begins_anew() -> None:
    moments = iter([0.0, 1.0, 59.0, 61.5, 200.0])
    counters = MemoryCounters(lambda: next(moments))

    found = [counters.count({"s": 9}) for _ in range(4)]
    assert found == [[(1, 61.0)], [(2, 61.0)], [(1, 121.5)], [(1, 260.0)]]
