"""A restored installation answers as the one that was backed up, on both databases and across them."""

import json
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from core.domain.actor import Actor
from core.domain.ids import TenantId, new_id
from core.infrastructure.clock import utc_now
from core.infrastructure.database import Purpose, open_database
from core.infrastructure.file_lock import FileLock
from core.infrastructure.jobs import jobs
from core.infrastructure.settings import Settings
from core.infrastructure.sql import SqlUnitOfWork, Storage
from interfaces.bootstrap.database import WORKER_LOCK, DatabaseOperations, ServiceRuns, database_url
from interfaces.infrastructure.backup import (
    BackupExists,
    DamagedBackup,
    NoBackup,
    NoSuchBackup,
    NotEmpty,
    OtherRevision,
)
from tests.support.fakes import FakeAuditLog, FakeDispatch, FakeQuotas
from tests.support.installations import NewInstallation

TENANT = TenantId(new_id())


def migrated(settings: Settings) -> DatabaseOperations:
    operations = DatabaseOperations(settings)
    operations.migrate()
    return operations


def filled(settings: Settings) -> DatabaseOperations:
    """With a thousand and one jobs of two tenants and a file."""
    operations = migrated(settings)
    database = open_database(database_url(settings), system_url=settings.get("database.system_url"))
    storage = Storage(database, FakeAuditLog(), FakeQuotas(), utc_now, FakeDispatch())
    for tenant_id, count in ((TENANT, 1000), (TenantId(new_id()), 1)):
        with SqlUnitOfWork(storage, Actor(tenant_id=tenant_id)) as uow:
            for number in range(count):
                uow.enqueue("test.add", {"n": number, "text": "Ünïcode \u2028 \\ \n end"})
            uow.commit()
    database.dispose()
    path = settings.get("data.dir") / "tenants" / TENANT.hex / "models" / "a.model"
    path.parent.mkdir(parents=True)
    path.write_bytes(bytes(range(256)) * 100)
    return operations


def contents(settings: Settings) -> tuple[list[object], dict[str, bytes]]:
    """Every row of the jobs, and every file."""
    database = open_database(database_url(settings), system_url=settings.get("database.system_url"))
    with database.as_system(Purpose.OPERATOR) as session:
        rows = [tuple(row) for row in session.execute(select(jobs).order_by(jobs.c.id))]
        untold = session.scalar(select(jobs.c.id).where(jobs.c.result.is_not(None)).limit(1))
    database.dispose()
    folder: Path = settings.get("data.dir")
    files = {
        str(p.relative_to(folder)): p.read_bytes() for p in (folder / "tenants").rglob("*") if p.is_file()
    }
    assert untold is None  # NULL came back as NULL, not as JSON's null
    return [*rows], files


def test_a_restored_installation_holds_the_same(new_installation: NewInstallation, tmp_path: Path) -> None:
    old, new = new_installation(), new_installation()
    archive = tmp_path / "backup.zip"
    written = filled(old).backup(archive)
    read = migrated(new).restore(archive, force=False)
    assert (written.tables["core_jobs"], written.files) == (1001, 1)
    assert read == written
    assert contents(new) == contents(old)
    assert archive.stat().st_mode & 0o777 == 0o600


def test_a_backup_moves_from_sqlite_to_postgresql_and_back(
    new_sqlite: NewInstallation, new_postgresql: NewInstallation, tmp_path: Path
) -> None:
    first, second, third = new_sqlite(), new_postgresql(), new_sqlite()
    filled(first).backup(tmp_path / "1.zip")
    migrated(second).restore(tmp_path / "1.zip", force=False)
    DatabaseOperations(second).backup(tmp_path / "2.zip")
    migrated(third).restore(tmp_path / "2.zip", force=False)
    assert contents(third) == contents(first)


def test_only_with_force_is_what_is_there_replaced(new_installation: NewInstallation, tmp_path: Path) -> None:
    old, other = new_installation(), new_installation()
    archive = tmp_path / "backup.zip"
    filled(old).backup(archive)
    operations = filled(other)
    before = contents(other)
    with pytest.raises(NotEmpty):
        operations.restore(archive, force=False)
    assert contents(other) == before
    operations.restore(archive, force=True)
    assert contents(other) == contents(old)


def test_a_damaged_archive_changes_nothing(new_sqlite: NewInstallation, tmp_path: Path) -> None:
    old, new = new_sqlite(), new_sqlite()
    archive = tmp_path / "backup.zip"
    filled(old).backup(archive)
    operations = migrated(new)
    whole = archive.read_bytes()
    at = whole.index(bytes(range(256)))
    for damaged in (whole[:-40], whole[: at + 10] + b"!" + whole[at + 11 :]):
        bad = tmp_path / "bad.zip"
        bad.write_bytes(damaged)
        with pytest.raises((DamagedBackup, NoBackup)):
            operations.restore(bad, force=True)
    assert contents(new) == ([], {})


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"revision": "9999"}, OtherRevision), ({"form": "x"}, NoBackup), ({"sha256": {}}, DamagedBackup)],
)
def test_an_archive_of_another_kind_is_refused(
    new_sqlite: NewInstallation, tmp_path: Path, changes: dict[str, object], error: type[Exception]
) -> None:
    archive, altered = tmp_path / "backup.zip", tmp_path / "altered.zip"
    filled(new_sqlite()).backup(archive)
    with ZipFile(archive) as source, ZipFile(altered, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "manifest.json":
                content = json.dumps(json.loads(content) | changes).encode()
            target.writestr(name, content)
    with pytest.raises(error):
        migrated(new_sqlite()).restore(altered, force=False)


def test_files_that_are_not_there_or_are_already(new_sqlite: NewInstallation, tmp_path: Path) -> None:
    operations = filled(new_sqlite())
    (tmp_path / "there").write_text("x")
    with pytest.raises(BackupExists):
        operations.backup(tmp_path / "there")
    with pytest.raises(NoSuchBackup):
        operations.restore(tmp_path / "absent", force=False)
    with pytest.raises(NoBackup):
        operations.restore(tmp_path / "there", force=False)


def test_nothing_is_restored_under_a_running_service(new_sqlite: NewInstallation, tmp_path: Path) -> None:
    settings = new_sqlite()
    operations = filled(settings)
    operations.backup(tmp_path / "backup.zip")
    lock = FileLock(settings.get("data.dir") / WORKER_LOCK)
    assert lock.take()
    with pytest.raises(ServiceRuns):
        operations.restore(tmp_path / "backup.zip", force=True)
    lock.release()
