"""The tables of an installation, from nothing to this version and back, on both databases."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from sqlalchemy import func, inspect, select, text

from core.domain.actor import Actor
from core.domain.ids import TenantId, new_id
from core.infrastructure.clock import utc_now
from core.infrastructure.database import Database, Purpose, open_database
from core.infrastructure.jobs import jobs
from core.infrastructure.row_security import tenant_tables
from core.infrastructure.schema import metadata
from core.infrastructure.settings import Settings
from core.infrastructure.sql import SqlUnitOfWork, Storage
from interfaces.bootstrap.database import DatabaseOperations, database_url, prepare_database
from interfaces.bootstrap.tables import MODULES, import_tables
from interfaces.infrastructure.schema_changes import differences, take_back
from interfaces.infrastructure.schema_status import NotMigrated
from tests.support.databases import SOURCES
from tests.support.fakes import FakeAuditLog, FakeDispatch, FakeQuotas
from tests.support.installations import NewInstallation


@contextmanager
def opened(settings: Settings, role: str = "migration_url") -> Iterator[Database]:
    import_tables()
    url = settings.get("database.url") and settings.get(f"database.{role}")
    system = settings.get("database.system_url")
    database = open_database(url or database_url(settings), system_url=system)
    try:
        yield database
    finally:
        database.dispose()


def add_a_job(database: Database) -> Actor:
    actor = Actor(tenant_id=TenantId(new_id()))
    storage = Storage(database, FakeAuditLog(), FakeQuotas(), utc_now, FakeDispatch())
    with SqlUnitOfWork(storage, actor) as uow:
        uow.enqueue("test.add", {"a": 1})
        uow.commit()
    return actor


def test_every_module_with_tables_is_listed() -> None:
    found = {
        ".".join(path.relative_to(SOURCES).with_suffix("").parts)
        for path in SOURCES.glob("*/infrastructure/**/*.py")
        if re.search(r"= Table\($", path.read_text(), re.MULTILINE)
    }
    assert found == set(MODULES)


def test_models_and_tables_agree(new_installation: NewInstallation) -> None:
    settings = new_installation()
    assert DatabaseOperations(settings).migrate().is_current
    with opened(settings) as database, database.app.connect() as connection:
        assert differences(connection) == []


def test_down_and_up_again_leave_what_was_there_at_first(new_installation: NewInstallation) -> None:
    settings = new_installation()
    operations = DatabaseOperations(settings)
    operations.migrate()
    with opened(settings) as database:
        take_back(database.app)
        assert set(inspect(database.app).get_table_names()) <= {"alembic_version"}
        assert not operations.status().is_current
        operations.migrate()
        with database.app.connect() as connection:
            assert differences(connection) == []


def test_migrating_a_filled_database_keeps_its_rows(new_installation: NewInstallation) -> None:
    settings = new_installation()
    operations = DatabaseOperations(settings)
    operations.migrate()
    with opened(settings, "url") as database:
        add_a_job(database)
        operations.migrate()
        with database.as_system(Purpose.HEALTH) as session:
            assert session.scalar(select(func.count()).select_from(jobs)) == 1


def test_two_that_migrate_at_once_both_succeed(new_installation: NewInstallation) -> None:
    settings = new_installation()
    outcomes: list[bool] = []
    threads = [
        Thread(target=lambda: outcomes.append(DatabaseOperations(settings).migrate().is_current))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True, True]


def test_sqlite_is_migrated_when_a_server_starts(new_sqlite: NewInstallation) -> None:
    settings = new_sqlite()
    prepare_database(settings)
    assert DatabaseOperations(settings).status().is_current


def test_postgresql_must_be_migrated_before(new_postgresql: NewInstallation) -> None:
    settings = new_postgresql()
    with pytest.raises(NotMigrated, match="db migrate"):
        prepare_database(settings)
    DatabaseOperations(settings).migrate()
    prepare_database(settings)


def test_every_tenant_table_forces_row_level_security(new_postgresql: NewInstallation) -> None:
    settings = new_postgresql()
    DatabaseOperations(settings).migrate()
    with opened(settings) as database, database.app.connect() as c:
        forced = set(c.scalars(text("SELECT relname FROM pg_class WHERE relforcerowsecurity")))
        ruled = set(
            c.scalars(
                text(
                    "SELECT tablename FROM pg_policies WHERE qual IS NOT NULL AND with_check IS NOT NULL AND cmd = 'ALL'"
                )
            )
        )
    expected = {table.name for table in tenant_tables(metadata)}
    assert {t.name for t in metadata.sorted_tables if "tenant_id" in t.c} <= expected
    assert (forced, ruled) == (expected, expected)


def test_the_application_role_sees_its_tenants_rows_only(new_postgresql: NewInstallation) -> None:
    settings = new_postgresql()
    DatabaseOperations(settings).migrate()
    everything = select(func.count()).select_from(jobs)  # without the application's own filter
    with opened(settings, "url") as database:
        actor = add_a_job(database)
        add_a_job(database)
        with database.of_tenant(actor.tenant_id) as mine, database.app.connect() as nobody:
            assert (mine.scalar(everything), nobody.scalar(everything)) == (1, 0)
