"""Brings a database's tables to what the code expects."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script
from sqlalchemy import Connection, Engine, inspect, make_url, text

from core.infrastructure.row_security import allow, drop_policies, protect, tenant_tables
from core.infrastructure.schema import metadata
from interfaces.infrastructure.schema_status import FOLDER, SchemaStatus, status

LOCK = 0x616E6F6D  # "anom": PostgreSQL's advisory lock of whoever changes tables


def migrate(owner: Engine, *, role_urls: Sequence[str] = (), to: str = "head") -> SchemaStatus:
    """Upgrade the tables, whole or not at all; on PostgreSQL let in the roles that the URLs log in as.

    Whoever starts it at the same time waits.
    """
    with _changing(owner) as connection:
        command.upgrade(config(connection), to)
    with owner.begin() as connection:
        for role in {make_url(url).username for url in role_urls}:
            if role and role != owner.url.username:
                allow(connection, role)
        return status(connection)


def take_back(owner: Engine, to: str = "base") -> None:
    """Downgrade the tables, and lose what is in them."""
    with _changing(owner) as connection:
        command.downgrade(config(connection), to)


def differences(connection: Connection) -> list[object]:
    """What the tables lack, or have too much, beside the code."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def write_revision(owner: Engine, message: str, *, name: str, prefix: str = "") -> Path | None:
    """A new revision that brings the tables named so from the newest one to what the code says; None where nothing differs."""
    with owner.begin() as connection:
        asked = config(connection)
        asked.attributes["prefix"] = prefix
        made = command.revision(asked, message, autogenerate=True, rev_id=name)
    return Path(made.path) if isinstance(made, Script) else None


def config(connection: Connection | None = None) -> Config:
    found = Config()
    found.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    found.set_main_option("file_template", "r%%(rev)s_%%(slug)s")
    found.attributes["connection"] = connection
    return found


@contextmanager
def _changing(owner: Engine) -> Iterator[Connection]:
    """A transaction that no other migration runs beside; on PostgreSQL the tables are protected at its end."""
    with owner.connect().execution_options(sqlite_begin="BEGIN IMMEDIATE") as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        drop_policies(connection)
        yield connection
        present = set(inspect(connection).get_table_names())
        protect(connection, [table for table in tenant_tables(metadata) if table.name in present])
