"""Row level security on PostgreSQL: a role of the application sees and changes the rows of one tenant only."""

from collections.abc import Iterable

from sqlalchemy import Connection, MetaData, Table, text

TENANT = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"


def tenant_tables(metadata: MetaData) -> list[Table]:
    """Those that hold rows of tenants, parents before children."""
    return [t for t in metadata.sorted_tables if "tenant_id" in t.c or "row_security" in t.info]


def protect(connection: Connection, tables: Iterable[Table]) -> None:
    """Force row level security on the tables, the owner included; does nothing on SQLite.

    A table without ``tenant_id`` says in ``info["row_security"]`` which of its rows a tenant sees.
    """
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    for table in tables:
        rule = table.info.get("row_security") or TENANT
        name = quote(table.name)
        for statement in (
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS tenant ON {name}",
            f"CREATE POLICY tenant ON {name} USING ({rule}) WITH CHECK ({rule})",
        ):
            connection.execute(text(statement))


def drop_policies(connection: Connection) -> None:
    """Before tables change: a policy holds on to what it names. Nobody but the system sees rows until ``protect``."""
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    mine = text(
        "SELECT tablename FROM pg_policies WHERE policyname = 'tenant' AND schemaname = current_schema()"
    )
    for name in connection.scalars(mine).all():
        connection.execute(text(f"DROP POLICY tenant ON {quote(name)}"))


def allow(connection: Connection, role: str) -> None:
    """Let a role read and change every table and sequence of the current schema; does nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    grantee = connection.dialect.identifier_preparer.quote(role)
    schema = connection.dialect.identifier_preparer.quote(connection.scalar(text("SELECT current_schema()")))
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {grantee}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {grantee}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {grantee}",
    ):
        connection.execute(text(statement))
