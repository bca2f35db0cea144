"""All that an installation stores, as one archive that any of its databases can take back.

A ZIP file: ``tables/<name>.ndjson`` (a row per line), ``files/...`` (tenants' files), and at its end ``manifest.json`` with
the tables' revision and each member's SHA-256. The keys of the settings are not in it: what they encrypt stays encrypted,
and the audit chains verify only with theirs.
"""

import hashlib
import json
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from sqlalchemy import Connection, Table, select

from core.domain.errors import Conflict, Invalid, NotFound
from core.infrastructure.database import Database
from core.infrastructure.schema import metadata
from interfaces.infrastructure.backup_rows import insert, line, reset_sequences, row
from interfaces.infrastructure.schema_status import require, status

FORM = "anomaly_detection.backup/1"
CHUNK = 1 << 20
ROWS = 500
LONGEST_LINE = 64 << 20


class NoBackup(Invalid):
    title = "The file is no backup"


class DamagedBackup(Invalid):
    title = "The backup is damaged"


class OtherRevision(Conflict):
    title = "The backup is of another version"


class NotEmpty(Conflict):
    title = "The installation is not empty"


class BackupExists(Conflict):
    title = "The file exists"


class NoSuchBackup(NotFound):
    title = "No such backup"


@dataclass(frozen=True, slots=True)
class Manifest:
    revision: str
    created_at: str
    tables: dict[str, int]  # rows
    files: int
    sha256: dict[str, str]  # by member


def write(database: Database, folder: Path, path: Path) -> Manifest:
    """Back up the database, as it is at one moment, and the tenants' files in ``folder``. Raises BackupExists."""
    if path.exists():
        raise BackupExists(f"There is {path} already.", fix="Choose another name.")
    part = path.with_name(f".{path.name}.part")
    try:
        with ZipFile(part, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            manifest = _written(archive, database, folder)
        part.chmod(0o600)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def read_back(database: Database, folder: Path, path: Path, *, force: bool = False) -> Manifest:
    """Restore a backup into a migrated installation that holds nothing; with ``force``, in place of what it holds.

    Nothing is changed before the whole archive was verified. Raises NoSuchBackup, NoBackup, DamagedBackup, OtherRevision,
    NotMigrated, NotEmpty.
    """
    try:
        with ZipFile(path) as archive:
            manifest = _verified(archive)
            _restore(archive, manifest, database, folder, force=force)
    except FileNotFoundError as error:
        raise NoSuchBackup(f"There is no file {path}.") from error
    except BadZipFile as error:
        raise NoBackup(f"{path} is no backup of ours, or was cut.", fix="Try an older one.") from error
    return manifest


def _written(archive: ZipFile, database: Database, folder: Path) -> Manifest:
    sums: dict[str, str] = {}
    with _snapshot(database) as connection:
        found = status(connection)
        require(found)
        tables = {
            table.name: _store_rows(archive, connection, table, sums) for table in metadata.sorted_tables
        }
    kept = sorted(each for each in (folder / "tenants").rglob("*") if each.is_file())
    for file in kept:
        _store_file(archive, file, f"files/{file.relative_to(folder).as_posix()}", sums)
    manifest = Manifest(found.newest, datetime.now(UTC).isoformat(), tables, len(kept), sums)
    fields = {name: getattr(manifest, name) for name in Manifest.__dataclass_fields__}
    archive.writestr("manifest.json", json.dumps({"form": FORM} | fields, indent=1))
    return manifest


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    level = {"isolation_level": "REPEATABLE READ"} if database.is_postgresql else {}
    with database.system.connect().execution_options(**level) as connection, connection.begin():
        yield connection


def _store_rows(archive: ZipFile, connection: Connection, table: Table, sums: dict[str, str]) -> int:
    name, digest, count = f"tables/{table.name}.ndjson", hashlib.sha256(), 0
    rows = connection.execution_options(yield_per=ROWS).execute(select(table).order_by(*table.primary_key))
    with archive.open(name, "w", force_zip64=True) as member:
        for each in rows:
            text = line(table, each)
            digest.update(text)
            member.write(text)
            count += 1
    sums[name] = digest.hexdigest()
    return count


def _store_file(archive: ZipFile, path: Path, name: str, sums: dict[str, str]) -> None:
    digest = hashlib.sha256()
    member = ZipInfo(name)
    member.compress_type = ZIP_STORED  # Parquet and models are compressed
    with path.open("rb") as source, archive.open(member, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            target.write(chunk)
    sums[name] = digest.hexdigest()


def _verified(archive: ZipFile) -> Manifest:
    try:
        found = json.loads(archive.read("manifest.json"))
        if found.pop("form") != FORM:
            raise NoBackup(
                "Its form is of another version.", fix="Restore it with the version that wrote it."
            )
        manifest = Manifest(**found)
    except (KeyError, ValueError, TypeError) as error:
        raise NoBackup("It has no manifest of ours.", fix="Choose a file that db backup wrote.") from error
    members = {name for name in archive.namelist() if name != "manifest.json"}
    if members != set(manifest.sha256) or len(archive.namelist()) != len(members) + 1:
        raise DamagedBackup("Its members are not those of its manifest.", fix="Use another backup.")
    for name in sorted(members):
        if _sum(archive, name) != manifest.sha256[name]:
            raise DamagedBackup(f"{name} is not what was written.", fix="Use another backup.")
    return manifest


def _sum(archive: ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while chunk := member.read(CHUNK):
                digest.update(chunk)
    except (BadZipFile, zlib.error, EOFError):
        return "unreadable"
    return digest.hexdigest()


def _restore(archive: ZipFile, manifest: Manifest, database: Database, folder: Path, *, force: bool) -> None:
    with (
        database.system.connect().execution_options(sqlite_begin="BEGIN IMMEDIATE") as connection,
        connection.begin(),
    ):
        found = status(connection)
        require(found)
        if manifest.revision != found.newest:
            raise OtherRevision(
                f"It is at revision {manifest.revision}, this version at {found.newest}.",
                fix="Restore it with the version that wrote it, then upgrade and run: anomaly_detection db migrate",
            )
        _make_empty(connection, folder / "tenants", force=force)
        for table in metadata.sorted_tables:
            with archive.open(f"tables/{table.name}.ndjson") as member:
                insert(connection, table, (row(table, text) for text in _lines(member)))
        reset_sequences(connection, metadata.sorted_tables)
        _restore_files(archive, folder)


def _make_empty(connection: Connection, files: Path, *, force: bool) -> None:
    held = [t.name for t in metadata.sorted_tables if connection.execute(select(t).limit(1)).first()]
    kept = files.exists() and any(files.iterdir())
    if (held or kept) and not force:
        what = ", ".join(held[:3]) or "files of tenants"
        raise NotEmpty(
            f"It holds {what}.", fix="Restore into a new one, or replace what is there with --force."
        )
    for table in reversed(metadata.sorted_tables):
        connection.execute(table.delete())


def _lines(member: IO[bytes]) -> Iterator[bytes]:
    while text := member.readline(LONGEST_LINE):
        yield text


def _restore_files(archive: ZipFile, folder: Path) -> None:
    """All of them beside those that are there, then in their place."""
    restored = folder / "restoring"
    shutil.rmtree(restored, ignore_errors=True)
    try:
        for name in archive.namelist():
            parts = PurePosixPath(name).parts
            if parts[0] == "files":
                if parts[1] != "tenants" or ".." in parts:
                    raise NoBackup(
                        f"{name!r} is no tenant's file.", fix="Choose a file that db backup wrote."
                    )
                _restore_file(archive, name, restored.joinpath(*parts[1:]))
        shutil.rmtree(folder / "tenants", ignore_errors=True)
        if restored.exists():
            (restored / "tenants").replace(folder / "tenants")
    finally:
        shutil.rmtree(restored, ignore_errors=True)


def _restore_file(archive: ZipFile, name: str, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with archive.open(name) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, CHUNK)
    path.chmod(0o600)
