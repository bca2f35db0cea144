"""What operators do with the database as a whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import OperationalError

from core.domain.errors import Conflict, Unavailable, Unwritable
from core.infrastructure.database import Database, Purpose, open_database
from core.infrastructure.file_lock import FileLock
from core.infrastructure.settings import Settings
from interfaces.bootstrap.tables import import_tables
from interfaces.infrastructure import backup as archives
from interfaces.infrastructure import schema_status
from interfaces.infrastructure.schema_status import SchemaStatus

WORKER_LOCK = "worker.lock"  # in the data folder: whoever holds it works


class ServiceRuns(Conflict):
    title = "The service is running"


class DatabaseUnreachable(Unavailable):
    title = "The database does not answer"


class UnusableFolder(Unwritable):
    title = "The data folder cannot be used"


@dataclass(frozen=True, slots=True)
class DatabaseOperations:
    """``interfaces.presentation.db_commands.Operations``. All raise DatabaseUnreachable and UnusableFolder."""

    settings: Settings

    def migrate(self) -> SchemaStatus:
        from interfaces.infrastructure.schema_changes import migrate  # Alembic is slow to import

        roles = [self.settings.get(path) for path in ("database.url", "database.system_url")]
        with self._opened("database.migration_url") as owner:
            return migrate(owner.system, role_urls=[url for url in roles if "://" in url])

    def status(self) -> SchemaStatus:
        with self._opened("database.system_url") as database, database.as_system(Purpose.HEALTH) as session:
            return schema_status.status(session.connection())

    def backup(self, path: Path) -> archives.Manifest:
        with self._opened("database.system_url") as database:
            return archives.write(database, self._folder, path)

    def restore(self, path: Path, *, force: bool) -> archives.Manifest:
        """Raises ServiceRuns, and what ``backup.read_back`` raises."""
        lock = FileLock(self._folder / WORKER_LOCK)
        with self._opened("database.system_url") as database:
            if not lock.take():
                raise ServiceRuns("A server or worker uses the data folder.", fix="Stop it, then restore.")
            try:
                return archives.read_back(database, self._folder, path, force=force)
            finally:
                lock.release()

    @property
    def _folder(self) -> Path:
        folder: Path = self.settings.get("data.dir")
        return folder

    @contextmanager
    def _opened(self, role: str) -> Iterator[Database]:
        """As the role whose URL the setting holds; there is one role on SQLite. The data folder is made."""
        import_tables()
        url = database_url(self.settings)
        if not url.startswith("sqlite"):
            url = self.settings.get(role) or url
        data_folder(self.settings)
        database = open_database(url, pool_size=2)
        try:
            database.system.connect().close()
        except OperationalError as error:
            raise DatabaseUnreachable(
                f"No connection as the role of {role}.", fix="Run: anomaly_detection doctor"
            ) from error
        try:
            yield database
        finally:
            database.dispose()


def data_folder(settings: Settings) -> Path:
    """It is there from now on. Raises UnusableFolder."""
    folder: Path = settings.get("data.dir")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFolder(
            f"The data folder {folder} cannot be made: {error.strerror}.",
            fix="Set data.dir (ANOMALY_DETECTION_DATA_DIR) to a folder that this user may write.",
        ) from error
    return folder


def database_url(settings: Settings) -> str:
    """``database.url``, or SQLite in the data folder."""
    folder: Path = settings.get("data.dir")
    return str(settings.get("database.url")) or f"sqlite:///{folder.absolute() / 'service.db'}"


def prepare_database(settings: Settings) -> None:
    """Before a server or worker starts: SQLite is migrated, PostgreSQL must be. Raises NotMigrated."""
    operations = DatabaseOperations(settings)
    found = operations.status()
    if found.is_current:
        return
    if database_url(settings).startswith("sqlite"):
        operations.migrate()
    else:
        schema_status.require(found)
