"""Two ways into one database: as the application for one tenant, or as the system for a listed purpose."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from core.domain.ids import TenantId

TENANT = "tenant_id"  # in Session.info
CONNECT_S = (
    5  # for PostgreSQL to take a connection; else a request waits for minutes where no packet comes back
)
BUSY_MS = 10_000  # how long a writer waits for SQLite's one write lock

READ_ONLY = text("SHOW transaction_read_only")  # "on" in a standby too


class Purpose(StrEnum):
    """Everything that is done across tenants, past row level security. There is no other way past it."""

    LOG_IN = "find people, their memberships and sessions before a tenant is known"
    KEY_LOOKUP = "find an API key by its hash"
    JOBS = "claim, watch and settle jobs"
    SWEEP = "delete what has expired, and files without a row"
    OPERATOR = "the operator's commands and pages"
    AUDIT = "verify and close chains"
    HEALTH = "ask whether the database answers and is migrated"
    MIGRATE = "create and change tables"


@dataclass(frozen=True, slots=True)
class Database:
    """``app`` and ``system`` are one engine on SQLite; on PostgreSQL two roles, of which only ``system`` bypasses row
    level security."""

    app: Engine
    system: Engine
    _for_tenants: sessionmaker[Session] = field(init=False)
    _for_system: sessionmaker[Session] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_for_tenants", sessionmaker(self.app, expire_on_commit=False))
        object.__setattr__(self, "_for_system", sessionmaker(self.system, expire_on_commit=False))
        if self.is_postgresql:
            event.listen(self._for_tenants, "after_begin", _name_the_tenant)

    @property
    def is_postgresql(self) -> bool:
        return self.app.dialect.name == "postgresql"

    @property
    def is_read_only(self) -> bool:
        """Whether it answers and takes no changes: a standby, or a PostgreSQL that is set so. Raises what the driver does."""
        if not self.is_postgresql:
            return False
        for engine in {self.app, self.system}:
            with engine.connect() as connection:
                if connection.scalar(READ_ONLY) == "on":
                    return True
        return False

    def of_tenant(self, tenant_id: TenantId, *, write: bool = False) -> Session:
        """A session that sees one tenant's rows only (SQLite has no such guard: there the statements must say so)."""
        return self._opened(self._for_tenants(info={TENANT: tenant_id}), write)

    def as_system(self, purpose: Purpose, *, write: bool = False) -> Session:
        """A session that sees all tenants' rows, for one of the listed purposes."""
        return self._opened(self._for_system(info={"purpose": purpose}), write)

    @contextmanager
    def system_transaction(self, purpose: Purpose) -> Iterator[Session]:
        """Commits at its end."""
        with self.as_system(purpose, write=True) as session:
            yield session
            session.commit()

    def dispose(self) -> None:
        self.app.dispose()
        self.system.dispose()

    def _opened(self, session: Session, write: bool) -> Session:
        if write and not self.is_postgresql:
            # A transaction that reads first and writes later fails at once in SQLite when another has written meanwhile.
            session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})
        return session


def open_database(url: str, *, system_url: str = "", pool_size: int = 10) -> Database:
    """Engines for a SQLite or PostgreSQL URL; nothing is connected yet."""
    app = _engine(url, pool_size)
    return Database(app, _engine(system_url, max(2, pool_size // 2)) if system_url else app)


def _engine(url: str, pool_size: int) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000}, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            url = url.replace(scheme, "postgresql+psycopg://", 1)
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={} if "connect_timeout=" in url else {"connect_timeout": CONNECT_S},
    )


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # sqlite3's: we write BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    _write_ahead(cursor)
    for pragma in ("synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Of those that open a new database at once one is told that it is busy, at once: SQLite waits for nobody there."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


def _name_the_tenant(session: Session, _: object, connection: Any) -> None:
    """Row level security compares with this; unset, it shows no row."""
    statement = text("SELECT set_config('app.tenant_id', :tenant, true)")
    connection.execute(statement, {"tenant": str(session.info[TENANT])})
