from pathlib import Path

import pytest

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, UserId, new_id
from core.infrastructure.database import Database
from core.infrastructure.files import FolderFiles
from core.infrastructure.sql import Storage
from enterprise import wiring
from enterprise.api import Enterprise
from tests.support.fakes import FakeClock, FakeDispatch

AUDIT_KEY = "k" * 40


@pytest.fixture
def files(tmp_path: Path) -> FolderFiles:
    return FolderFiles(tmp_path / "files")


@pytest.fixture
def storage(database: Database, clock: FakeClock, dispatch: FakeDispatch) -> Storage:
    """With the real audit log and the real quotas."""
    return Storage(database, wiring.audit_log(AUDIT_KEY, clock), wiring.quota_ledger(clock), clock, dispatch)


@pytest.fixture
def enterprise(storage: Storage, files: FolderFiles, clock: FakeClock) -> Enterprise:
    return wiring.build_service(storage, files, AUDIT_KEY, pause_s=0, seconds=lambda: clock().timestamp())


@pytest.fixture
def operator() -> Actor:
    return Actor(tenant_id=PLATFORM, user_id=UserId(new_id()), address="192.0.2.1")


@pytest.fixture
def acme(enterprise: Enterprise, operator: Actor) -> Actor:
    """Somebody of a tenant of the free plan."""
    tenant_id = enterprise.create_tenant(operator, "acme", name="Acme")
    return Actor(tenant_id=tenant_id, user_id=UserId(new_id()), address="192.0.2.7", request_id="r1")
