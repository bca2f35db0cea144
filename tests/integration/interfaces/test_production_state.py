from dataclasses import replace

import pytest

from core.domain.actor import Actor
from core.domain.ids import PLATFORM
from core.infrastructure.database import open_database
from core.infrastructure.settings import Settings
from enterprise.api import Enterprise
from interfaces.bootstrap.database import DatabaseOperations
from interfaces.bootstrap.production import UnsafeSettings, require_state
from interfaces.bootstrap.service import Service, build
from tests.support.installations import NewInstallation


def in_production(service: Service) -> Service:
    folder = service.settings.get("data.dir")
    environment = {"ANOMALY_DETECTION_ENV": "production", "ANOMALY_DETECTION_DATA_DIR": str(folder)}
    return replace(service, settings=Settings.load(environment=environment, folder=folder))


def test_an_ordinary_installation_may_run(whole_service: Service) -> None:
    require_state(in_production(whole_service))


def test_the_demo_s_accounts_keep_it_from_running_in_production_only(whole_service: Service) -> None:
    enterprise: Enterprise = whole_service.bundles[Enterprise]
    enterprise.create_tenant(Actor(tenant_id=PLATFORM), "demo")
    require_state(whole_service)
    with pytest.raises(UnsafeSettings) as refused:
        require_state(in_production(whole_service))
    assert "demo" in refused.value.fix


def test_a_role_that_owns_the_tables_keeps_it_from_running(new_postgresql: NewInstallation) -> None:
    settings = new_postgresql()
    DatabaseOperations(settings).migrate()
    service = build(settings)
    owner, system = settings.get("database.migration_url"), settings.get("database.system_url")
    database = open_database(owner, system_url=system)
    unsafe = replace(service, storage=replace(service.storage, database=database))
    with pytest.raises(UnsafeSettings) as refused:
        require_state(in_production(unsafe))
    assert "database.url is unsafe: The role of database.url owns tables" in refused.value.detail
    database.dispose()
    service.close()
