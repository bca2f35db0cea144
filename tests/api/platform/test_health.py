from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from interfaces.presentation.health_http import Health, router

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("path", ["/health", "/readyz", "/api/v1/health"])
def test_a_service_that_can_work_says_so_to_anybody(anonymous: TestClient, path: str) -> None:
    answer = anonymous.get(path)

    assert answer.status_code == 200
    assert answer.json()["status"] == "up"
    assert set(answer.json()["checks"]) == {"database", "queue", "disk"}


def test_a_process_that_answers_lives(anonymous: TestClient) -> None:
    assert anonymous.get("/livez").status_code == 204


def test_what_is_down_is_named_with_its_first_moment_and_no_address() -> None:
    def database() -> None:
        raise ConnectionError("no route to 10.0.0.7")

    moments = (NOON + timedelta(hours=passed) for passed in count())
    app = FastAPI()
    app.state.services = {Health: Health("1", {"database": database}, lambda: next(moments))}
    app.include_router(router)
    client = TestClient(app)
    client.get("/readyz")
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": {"status": "down", "since": "2026-01-01T12:00:00Z"}}
    assert "10.0.0.7" not in answer.text
