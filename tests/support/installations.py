"""Empty databases to migrate: a SQLite file, and PostgreSQL databases with the three roles."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.infrastructure.settings import Settings
from tests.support.databases import PostgresUrls, superuser

NewInstallation = Callable[[], Settings]


@pytest.fixture
def new_sqlite(tmp_path: Path) -> NewInstallation:
    """Settings of an installation that has nothing yet."""

    def make() -> Settings:
        folder = tmp_path / uuid4().hex
        folder.mkdir()
        return settings(folder, {})

    return make


@pytest.fixture
def new_postgresql(
    postgres_roles: PostgresUrls, postgres_url: str, tmp_path: Path
) -> Iterator[NewInstallation]:
    """As ``new_sqlite``, on a database of its own."""
    engine = superuser(postgres_url)
    made: list[str] = []

    def make() -> Settings:
        name = f"anom_{uuid4().hex}"
        with engine.connect() as c:
            c.execute(text(f"CREATE DATABASE {name} OWNER anom_owner"))
        made.append(name)
        folder = tmp_path / name
        folder.mkdir()
        urls = {
            "DATABASE_URL": postgres_roles.app,
            "DATABASE_SYSTEM_URL": postgres_roles.system,
            "DATABASE_MIGRATION_URL": postgres_roles.owner,
        }
        return settings(folder, {key: renamed(url, name) for key, url in urls.items()})

    yield make
    with engine.connect() as c:
        for name in made:
            c.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_installation(request: pytest.FixtureRequest) -> NewInstallation:
    found: NewInstallation = request.getfixturevalue(f"new_{request.param}")
    return found


def settings(folder: Path, urls: dict[str, str]) -> Settings:
    given = {f"ANOMALY_DETECTION_{key}": value for key, value in urls.items()}
    return Settings.load(environment=given | {"ANOMALY_DETECTION_DATA_DIR": str(folder)}, folder=folder)


def renamed(url: str, database: str) -> str:
    """The URL of another database on the same server: ``postgresql://user@/old?host=...``."""
    base, _, query = url.partition("?")
    return f"{base.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")
