"""Whether a database's tables are what the code expects; without Alembic, which every command would import."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from core.domain.errors import Unavailable

FOLDER = Path(__file__).parent / "migrations"
ALEMBIC = table("alembic_version", column("version_num"))


class NotMigrated(Unavailable):
    title = "The database is not migrated"


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    revision: str | None  # of the database
    newest: str  # of the code

    @property
    def is_current(self) -> bool:
        return self.revision == self.newest


def status(connection: Connection) -> SchemaStatus:
    return SchemaStatus(_revision(connection), newest())


def newest() -> str:
    """Revisions follow each other by number: ``r0006_people_tables.py`` is 0006."""
    names = (path.name for path in (FOLDER / "versions").glob("r*.py"))
    return max((name[1:].partition("_")[0] for name in names), default="")


def _revision(connection: Connection) -> str | None:
    """None where Alembic's table is not there, or is empty."""
    if not inspect(connection).has_table(ALEMBIC.name):
        return None
    return connection.scalar(select(ALEMBIC.c.version_num))


def require(found: SchemaStatus) -> None:
    """Raises NotMigrated."""
    if not found.is_current:
        raise NotMigrated(
            f"Its tables are at revision {found.revision or 'none'}, this version needs {found.newest}.",
            fix="Run: anomaly_detection db migrate",
        )
