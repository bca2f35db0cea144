"""The demo with everything in it moves from SQLite to PostgreSQL and back; each installation answers the same over HTTP."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from core.infrastructure.settings import Settings
from interfaces.application.demo_access import DemoAccess, address_of
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.demo import DemoDesk
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import build
from tests.support.installations import NewInstallation

LISTS = (
    "tenant",
    "labels",
    "members",
    "roles",
    "jobs",
    "datasets",
    "runs",
    "models",
)
PARTS = (
    "audit",
    "detectors",
    "training-runs",
    "datasets/card-payments/rows",
    "datasets/card-payments/profile",
    "models/payments/versions",
    "models/payments/alias-history",
    "tenant/usage",
)


def loaded(settings: Settings) -> DemoAccess:
    DatabaseOperations(settings).migrate()
    service = build(settings)
    access = DemoDesk(service).load()
    service.close()
    assert access is not None
    return access


@contextmanager
def client_of(settings: Settings, access: DemoAccess) -> Iterator[TestClient]:
    service = build(settings)
    key = {"Authorization": f"Bearer {access.key}"}
    with TestClient(create_app(service), base_url="http://localhost/api/v1", headers=key) as client:
        yield client
    service.close()


def label(settings: Settings, access: DemoAccess) -> None:
    with client_of(settings, access) as client:
        run = client.get("/runs").json()["items"][0]
        row = client.get(f"/runs/{run['id']}/anomalies").json()["items"][0]["row"]
        said = client.put(f"/runs/{run['id']}/rows/{row}/label", json={"verdict": "true"})
        assert said.status_code == 201, said.text


def answers(settings: Settings, access: DemoAccess) -> dict[str, Any]:
    with client_of(settings, access) as client:
        run = client.get("/runs").json()["items"][0]
        asked = (*LISTS, *PARTS, f"runs/{run['id']}/anomalies", f"runs/{run['id']}/rows/1/explanation")
        found = {path: client.get(f"/{path}") for path in asked}
        rows = {"model": "payments", "dataset_id": "card-payments"}
        scored = client.post("/detect", json=rows)
        assert client.get("/audit/verification").json()["whole"] is True
        form = {"username": address_of("admin"), "password": access.password, "tenant": "demo"}
        assert client.post("/auth/token", data=form).status_code == 200
    assert {path for path, answer in found.items() if not answer.is_success} == set()
    assert scored.status_code == 200, scored.text
    results = [(row["index"], row["score"], row["is_anomaly"]) for row in scored.json()["results"]]
    return {path: answer.json() for path, answer in found.items()} | {"scores": results}


def moved(old: Settings, new: Settings, archive: Path) -> None:
    """With the keys, which no backup holds."""
    DatabaseOperations(old).backup(archive)
    DatabaseOperations(new).migrate()
    DatabaseOperations(new).restore(archive, force=False)
    shutil.copytree(old.get("data.dir") / "keys", new.get("data.dir") / "keys")


def test_a_restored_installation_answers_the_same(
    new_sqlite: NewInstallation, new_postgresql: NewInstallation, tmp_path: Path
) -> None:
    first, second, third = new_sqlite(), new_postgresql(), new_sqlite()
    access = loaded(first)
    label(first, access)
    moved(first, second, tmp_path / "1.zip")
    moved(second, third, tmp_path / "2.zip")
    expected = answers(first, access)
    assert len(expected["labels"]["items"]) == 1
    assert answers(second, access) == expected
    assert answers(third, access) == expected
