"""The whole application with other settings and a few routes of its own, on SQLite."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from core.domain.actor import Actor
from core.domain.ids import PLATFORM, KeyId, TenantId, UserId, new_id
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise, Plan
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.http import create_app
from interfaces.bootstrap.service import Service, build
from tests.support.api import FakeAuthenticator
from tests.support.installations import NewInstallation


def changed(settings: Settings, **values: Any) -> Settings:
    """``api__max_body_mb=1``: the setting ``api.max_body_mb``."""
    tree = settings.values
    for name, value in values.items():
        section, key = name.split("__")
        part = getattr(tree, section).model_copy(update={key: value})
        tree = tree.model_copy(update={section: part})
    return replace(settings, values=tree)


@dataclass
class Surroundings:
    """Tokens are names: ``ana`` and ``bob`` are people, ``key`` is an API key, of one tenant on the free plan."""

    service: Service
    tenant_id: TenantId = field(init=False)

    def __post_init__(self) -> None:
        enterprise: Enterprise = self.service.bundles[Enterprise]
        enterprise.ensure_platform()
        self.tenant_id = enterprise.create_tenant(Actor(tenant_id=PLATFORM), "acme", plan=Plan.FREE)

    def app(self, router: APIRouter | None = None, **settings: Any) -> FastAPI:
        actors = {
            "ana": Actor(tenant_id=self.tenant_id, user_id=UserId(new_id())),
            "bob": Actor(tenant_id=self.tenant_id, user_id=UserId(new_id())),
            "key": Actor(tenant_id=self.tenant_id, key_id=KeyId(new_id())),
        }
        service = replace(
            self.service,
            settings=changed(self.service.settings, **settings),
            authenticator=FakeAuthenticator(actors),
        )
        app = create_app(service)
        if router is not None:
            app.include_router(router)
        return app

    def client(self, router: APIRouter | None = None, *, token: str = "", **settings: Any) -> TestClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        app = self.app(router, **settings)
        return TestClient(app, headers=headers, raise_server_exceptions=False)


@pytest.fixture
def surroundings(new_sqlite: NewInstallation) -> Iterator[Surroundings]:
    settings = new_sqlite()
    DatabaseOperations(settings).migrate()
    service = build(settings)
    yield Surroundings(service)
    service.close()
