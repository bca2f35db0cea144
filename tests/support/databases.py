"""The service's database for tests: SQLite in a file, and PostgreSQL with its three roles."""

import importlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from core.infrastructure.database import Database, open_database
from core.infrastructure.row_security import allow, protect, tenant_tables
from core.infrastructure.schema import metadata
from core.infrastructure.sql import Storage
from tests.support.fakes import FakeAuditLog, FakeClock, FakeDispatch, FakeQuotas

SOURCES = Path(__file__).parents[2] / "src" / "packages"
ROLES = {"anom_owner": "", "anom_app": "NOBYPASSRLS", "anom_system": "BYPASSRLS"}


def import_tables() -> None:
    """Every module that defines tables, so that the metadata is complete."""
    for path in sorted(SOURCES.glob("*/infrastructure/**/*.py")):
        if "import metadata" in (source := path.read_text()) or ", metadata" in source:
            importlib.import_module(".".join(path.relative_to(SOURCES).with_suffix("").parts))


@dataclass(frozen=True, slots=True)
class PostgresUrls:
    """One database as each of its three roles sees it."""

    app: str
    system: str
    owner: str


def as_role(url: str, role: str) -> str:
    return url.replace("postgresql://postgres:", f"postgresql://{role}:", 1).replace(
        "postgresql://postgres@", f"postgresql://{role}@", 1
    )


@pytest.fixture(scope="session")
def postgres_roles(postgres_url: str) -> PostgresUrls:
    """An empty database with an owner, an ordinary role and one that bypasses row level security."""
    engine = superuser(postgres_url)
    with engine.connect() as c:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            c.execute(text(f"ALTER SYSTEM SET {setting}"))
        c.execute(text("SELECT pg_reload_conf()"))
        for role, right in ROLES.items():
            c.execute(text(f"CREATE ROLE {role} LOGIN NOSUPERUSER {right}"))
        c.execute(text("CREATE DATABASE service OWNER anom_owner"))
    engine.dispose()
    url = make_url(postgres_url).set(database="service").render_as_string(hide_password=False)
    return PostgresUrls(*(as_role(url, role) for role in ("anom_app", "anom_system", "anom_owner")))


def superuser(url: str) -> Engine:
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT"
    )


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import_tables()
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = open_database(f"sqlite:///{path}")
    metadata.create_all(database.app)
    with database.app.connect() as c:
        c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_roles: PostgresUrls) -> PostgresUrls:
    import_tables()
    owner = open_database(postgres_roles.owner)
    with owner.app.begin() as c:
        metadata.create_all(c)
        protect(c, tenant_tables(metadata))
        allow(c, "anom_app")
        allow(c, "anom_system")
    owner.dispose()
    return postgres_roles


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "service.db"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def postgres_database(postgres_tables: PostgresUrls) -> Iterator[Database]:
    """Empty: what earlier tests stored is deleted first."""
    owner = open_database(postgres_tables.owner)
    with owner.app.begin() as c:
        c.execute(text("TRUNCATE " + ", ".join(t.name for t in metadata.sorted_tables) + " CASCADE"))
    owner.dispose()
    database = open_database(postgres_tables.app, system_url=postgres_tables.system, pool_size=5)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Both, one after the other."""
    name = {"sqlite": "sqlite_database", "postgresql": "postgres_database"}[request.param]
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def audit_log() -> FakeAuditLog:
    return FakeAuditLog()


@pytest.fixture
def quotas() -> FakeQuotas:
    return FakeQuotas()


@pytest.fixture
def dispatch() -> FakeDispatch:
    return FakeDispatch()


@pytest.fixture
def storage(
    database: Database, audit_log: FakeAuditLog, quotas: FakeQuotas, clock: FakeClock, dispatch: FakeDispatch
) -> Storage:
    """The kernel's storage on a real database, with stand-ins for audit, quotas, time and workers."""
    return Storage(database, audit_log, quotas, clock, dispatch)
