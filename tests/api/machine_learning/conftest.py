from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.application.uploads import Uploads
from core.domain.ids import TenantId, new_id
from core.infrastructure.sql import Storage
from machine_learning.api import ModelRegistry
from machine_learning.presentation.http.routes import ROUTERS
from people_ops.domain.permissions import Role
from tests.support.api import client_of
from tests.support.registry import Desk, desk_on, person


@pytest.fixture
def desk(storage: Storage, tmp_path: Path) -> Desk:
    return desk_on(storage, tmp_path)


@pytest.fixture
def client(desk: Desk) -> TestClient:
    mine = desk.ana.tenant_id
    actors = {"ana": desk.ana, "eve": person(TenantId(new_id()), Role.TENANT_ADMIN)}
    actors |= {role.value: person(mine, role) for role in Role}
    services = {ModelRegistry: desk.registry, Uploads: Uploads(desk.files, 100_000)}
    client = client_of(ROUTERS, services, actors)
    client.headers["Authorization"] = "Bearer ana"
    return client
