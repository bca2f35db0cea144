import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from core.infrastructure.settings import Settings
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.doctor import diagnose
from interfaces.bootstrap.health import checks_of
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import build
from interfaces.presentation.health_http import Health, HealthOut, router
from tests.support.breakable import Redis
from tests.support.installations import NewInstallation

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def health(check: Callable[[], object], *, fresh_s: float = 0.0, patience_s: float = 3.0) -> Health:
    moments = (NOON + timedelta(hours=passed) for passed in count())
    return Health("1", {"database": check}, lambda: next(moments), patience_s=patience_s, fresh_s=fresh_s)


def fails() -> None:
    raise ConnectionError("no route to 10.0.0.7")


@pytest.mark.parametrize("path", ["/health", "/readyz", "/api/v1/health"])
def test_a_service_that_can_work_says_so_to_anybody(anonymous: TestClient, path: str) -> None:
    answer = anonymous.get(path)

    assert answer.status_code == 200
    assert answer.json()["status"] == "up"
    assert set(answer.json()["checks"]) == {"database", "queue", "disk", "models"}


def test_a_process_that_answers_lives(anonymous: TestClient) -> None:
    assert anonymous.get("/livez").status_code == 204


def test_what_is_down_is_named_with_its_first_moment_and_no_address() -> None:
    app = FastAPI()
    app.state.services = {Health: health(fails)}
    app.include_router(router)
    client = TestClient(app)
    client.get("/readyz")
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"] == {"database": {"status": "down", "since": "2026-01-01T12:00:00Z"}}
    assert "10.0.0.7" not in answer.text


def test_what_works_again_is_up_and_down_anew_later() -> None:
    outcomes = iter([fails, lambda: None, fails])
    checked = health(lambda: next(outcomes)())
    states = [checked().checks["database"] for _ in range(3)]

    assert [state.status for state in states] == ["down", "up", "down"]
    assert states[0].since != states[2].since


def test_a_check_that_hangs_is_down_and_is_not_begun_again() -> None:
    begun, release = [], threading.Event()

    def hangs() -> None:
        begun.append(1)
        release.wait(10)

    checked = health(hangs, patience_s=0.05)
    answers = [checked() for _ in range(3)]
    release.set()

    assert [answer.status for answer in answers] == ["down"] * 3
    assert len(begun) == 1


def test_many_who_ask_at_once_hear_one_answer() -> None:
    asked: list[int] = []
    checked = health(lambda: asked.append(1), fresh_s=60)
    answers: list[HealthOut] = []
    crowd = [threading.Thread(target=lambda: answers.append(checked())) for _ in range(20)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()

    assert len(answers) == 20
    assert len(asked) == 1


def test_redis_is_looked_at_where_it_is_configured(new_sqlite: NewInstallation, redis_server: Redis) -> None:
    folder = new_sqlite().get("data.dir")
    variables = {"REDIS_URL": redis_server.url, "ANOMALY_DETECTION_DATA_DIR": str(folder)}
    settings = Settings.load(environment=variables, folder=folder)
    DatabaseOperations(settings).migrate()
    service = build(settings)
    checks = checks_of(service)
    checks["redis"]()
    redis_server.kill()

    for name in ("redis", "queue"):
        with pytest.raises(Exception, match="refused"):
            checks[name]()
    service.close()


def test_a_database_that_takes_no_changes_is_down(new_postgresql: NewInstallation) -> None:
    settings = new_postgresql()
    DatabaseOperations(settings).migrate()
    service = build(settings)
    checks_of(service)["database"]()
    service.close()
    owner = create_engine(settings.get("database.migration_url").replace("://", "+psycopg://", 1))
    with owner.begin() as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    owner.dispose()
    with TestClient(create_app(service)) as client:
        answer = client.get("/health")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"]["status"] == "down"
    [finding] = [finding for finding in diagnose(settings) if finding.check == "database"]
    assert not finding.ok
    assert "standby" in finding.fix
    service.close()
