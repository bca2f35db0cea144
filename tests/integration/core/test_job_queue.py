"""The queue of job ids, in a file and on Redis."""

import pickle
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.domain.ids import JobId, new_id
from core.infrastructure.job_queue import JobIds, open_queue
from tests.support.breakable import Redis


@pytest.fixture(params=["file", "redis"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "file":
        return ""
    server: Redis = request.getfixturevalue("redis_server")
    return server.url


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def test_each_id_reaches_a_consumer_once(url: str, tmp_path: Path) -> None:
    server, worker = (open_queue(url, tmp_path) for _ in range(2))
    asked = [JobId(new_id()) for _ in range(20)]
    for job_id in asked:
        server.dispatch(job_id)
    assert (worker.waiting(), worker.depth()) == (set(asked), 20)
    told: list[JobId] = []
    worker.run = told.append
    consumer = worker.consumer(2)
    consumer.start()
    wait_until(lambda: len(told) == 20)
    consumer.stop(graceful=True)
    assert sorted(told) == sorted(asked)
    assert server.depth() == 0
    server.close()
    worker.close()


def test_a_message_that_is_no_id_is_passed_over(tmp_path: Path) -> None:
    queue = open_queue("", tmp_path)
    told: list[JobId] = []
    queue.run = told.append
    with sqlite3.connect(tmp_path / "queue.db") as database:
        for message in (pickle.dumps(("run", "os.system")), b'{"id": 1}', b'"no id"'):
            database.execute("INSERT INTO task (queue, data) VALUES ('anomaly_detection', ?)", [message])
    database.close()
    good = JobId(new_id())
    queue.dispatch(good)
    consumer = queue.consumer(1)
    consumer.start()
    wait_until(lambda: told == [good])
    consumer.stop(graceful=True)
    queue.close()


@pytest.mark.parametrize("message", [b"", b"1", b"[]", b'"x"', b"\x80\x04K\x01."])
def test_nothing_but_an_id_can_be_read_from_a_message(message: bytes) -> None:
    with pytest.raises((ValueError, TypeError, AttributeError)):
        JobIds().deserialize(message)


def test_redis_that_goes_and_comes_back_is_said_once_each(
    redis_server: Redis, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    queue = open_queue(redis_server.url, tmp_path)
    told: list[JobId] = []
    queue.run = told.append
    consumer = queue.consumer(2)
    consumer.start()
    redis_server.kill()
    wait_until(lambda: bool(caplog.records))
    queue.dispatch(JobId(new_id()))
    time.sleep(2.5)  # two further looks
    redis_server.start()
    wait_until(lambda: len(caplog.records) == 2)
    sender, job_id = open_queue(redis_server.url, tmp_path), JobId(new_id())
    sender.dispatch(job_id)
    wait_until(lambda: told == [job_id])
    consumer.stop(graceful=True)
    sender.close()
    queue.close()
    said: list[Any] = [record.msg for record in caplog.records]
    assert [each["event"] for each in said] == ["job_queue_away", "job_queue_back"]
    assert not any(record.exc_info for record in caplog.records)


def test_redis_that_is_down_delays_nobody(redis_server: Redis, tmp_path: Path) -> None:
    queue = open_queue(redis_server.url, tmp_path)
    redis_server.kill()
    started = time.monotonic()
    for _ in range(100):
        queue.dispatch(JobId(new_id()))
    assert time.monotonic() - started < 2
    queue.close()
