"""``db``: the database as a whole, for operators on its machine."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from core.presentation.cli import Invocation, invocation

MIGRATE = """Create the tables, or bring them to this version.

\b
  anomaly_detection db migrate
  DATABASE_URL=postgresql://app@db/anom DATABASE_MIGRATION_URL=postgresql://owner@db/anom anomaly_detection db migrate
"""
STATUS = """Whether the tables are those of this version; exit code 6 where they are not."""
BACKUP = """Write all rows and files into one archive, while the service runs.

The keys of the settings (JWT, encryption, audit) are not in it: keep them elsewhere.

\b
  anomaly_detection db backup anom-2026-11-21.zip
"""
RESTORE = """Put an archive back into an empty installation, on SQLite or PostgreSQL. Stop the service first.

\b
  anomaly_detection db restore anom-2026-11-21.zip
  anomaly_detection db restore anom-2026-11-21.zip --force
"""
REENCRYPT = """Encrypt the stored secrets anew by security.encryption_key, while the service runs.

Afterwards nothing needs security.previous_encryption_key any more.

\b
  anomaly_detection db reencrypt
"""
NOT_MIGRATED = 6


class Status(Protocol):
    @property
    def revision(self) -> str | None: ...
    @property
    def newest(self) -> str: ...
    @property
    def is_current(self) -> bool: ...


class Manifest(Protocol):
    @property
    def revision(self) -> str: ...
    @property
    def tables(self) -> dict[str, int]: ...
    @property
    def files(self) -> int: ...


class Operations(Protocol):
    def migrate(self) -> Status: ...
    def status(self) -> Status: ...
    def backup(self, path: Path) -> Manifest: ...
    def restore(self, path: Path, *, force: bool) -> Manifest: ...


def add_commands(
    app: typer.Typer,
    operations: Callable[[Invocation], Operations],
    reencrypt: Callable[[Invocation], int],
) -> None:
    db = typer.Typer(help="The database: tables, backup, restore.", no_args_is_help=True)
    app.add_typer(db, name="db")
    add_tables(db, operations)
    add_archives(db, operations)

    @db.command(name="reencrypt", help=REENCRYPT)
    def reencrypt_command(ctx: typer.Context) -> None:
        run = invocation(ctx)
        run.output.document({"schema": "anom.reencryption/1", "secrets": reencrypt(run)})


def add_tables(app: typer.Typer, operations: Callable[[Invocation], Operations]) -> None:
    @app.command(name="migrate", help=MIGRATE)
    def migrate(ctx: typer.Context) -> None:
        run = invocation(ctx)
        run.output.document(_status(operations(run).migrate()))

    @app.command(name="status", help=STATUS)
    def status(ctx: typer.Context) -> None:
        run = invocation(ctx)
        found = operations(run).status()
        run.output.document(_status(found))
        if not found.is_current:
            run.console.note("Run: anomaly_detection db migrate")
            raise typer.Exit(NOT_MIGRATED)


def add_archives(app: typer.Typer, operations: Callable[[Invocation], Operations]) -> None:
    @app.command(name="backup", help=BACKUP)
    def backup(
        ctx: typer.Context, path: Annotated[Path, typer.Argument(help="The archive to write (.zip).")]
    ) -> None:
        run = invocation(ctx)
        run.output.document(_contents(operations(run).backup(path)))
        run.console.note("The keys of the settings are not in it: keep them elsewhere.")

    @app.command(name="restore", help=RESTORE)
    def restore(
        ctx: typer.Context,
        path: Annotated[Path, typer.Argument(help="The archive to read.")],
        force: Annotated[
            bool,
            typer.Option("--force", help="Delete what the installation holds, and put this in its place."),
        ] = False,
    ) -> None:
        run = invocation(ctx)
        run.output.document(_contents(operations(run).restore(path, force=force)))


def _status(found: Status) -> dict[str, Any]:
    return {
        "schema": "anom.db/1",
        "revision": found.revision,
        "newest": found.newest,
        "current": found.is_current,
    }


def _contents(manifest: Manifest) -> dict[str, Any]:
    return {
        "schema": "anom.backup/1",
        "revision": manifest.revision,
        "rows": sum(manifest.tables.values()),
        "files": manifest.files,
    }
