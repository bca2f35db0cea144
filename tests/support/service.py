"""The whole service on a new, migrated installation: SQLite, and PostgreSQL with its three roles."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import Service, build
from tests.support.installations import NewInstallation


@pytest.fixture
def whole_service(new_installation: NewInstallation) -> Iterator[Service]:
    settings = new_installation()
    DatabaseOperations(settings).migrate()
    service = build(settings)
    yield service
    service.close()


@pytest.fixture
def anonymous(whole_service: Service) -> TestClient:
    """A client that nobody has signed in."""
    return TestClient(create_app(whole_service), raise_server_exceptions=False)
