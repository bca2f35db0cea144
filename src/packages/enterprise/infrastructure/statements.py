"""Statements that both databases understand, each in its own dialect."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from core.domain.ids import TenantId
from core.infrastructure.database import Database


def insert_if_absent(session: Session, table: Table, row: Mapping[str, Any]) -> None:
    """Waits for a transaction that is inserting the same key."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(table).values(dict(row)).on_conflict_do_nothing())


def snapshot_of(database: Database, tenant_id: TenantId) -> Session:
    """A session that sees all of a tenant's tables as they are at its first read."""
    session = database.of_tenant(tenant_id)
    if database.is_postgresql:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return session
