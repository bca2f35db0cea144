from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, UserId, new_id
from core.infrastructure.database import Database
from core.infrastructure.files import FolderFiles
from core.infrastructure.sql import Storage
from enterprise import wiring
from enterprise.api import Enterprise
from enterprise.presentation.http.routes import ROUTERS
from people_ops.domain.permissions import PERMISSIONS, Role
from tests.support.api import client_of
from tests.support.fakes import FakeClock, FakeDispatch

KEY = "k" * 40


@pytest.fixture
def enterprise(database: Database, clock: FakeClock, dispatch: FakeDispatch, tmp_path: Path) -> Enterprise:
    storage = Storage(database, wiring.audit_log(KEY, clock), wiring.quota_ledger(clock), clock, dispatch)
    return wiring.build_service(storage, FolderFiles(tmp_path / "files"), KEY, pause_s=0)


@pytest.fixture
def actors(enterprise: Enterprise) -> dict[str, Actor]:
    """``acme`` and ``beta`` are administrators, ``vera`` a viewer of acme, ``olga`` an operator."""
    olga = Actor(tenant_id=PLATFORM, user_id=UserId(new_id()), permissions=PERMISSIONS[Role.OPERATOR])
    admins = {
        slug: Actor(
            tenant_id=enterprise.create_tenant(olga, slug),
            user_id=UserId(new_id()),
            permissions=PERMISSIONS[Role.TENANT_ADMIN],
        )
        for slug in ("acme", "beta")
    }
    vera = Actor(tenant_id=admins["acme"].tenant_id, permissions=PERMISSIONS[Role.VIEWER])
    return admins | {"olga": olga, "vera": vera}


@pytest.fixture
def client(enterprise: Enterprise, actors: dict[str, Actor]) -> TestClient:
    return client_of(ROUTERS, {Enterprise: enterprise}, actors)
