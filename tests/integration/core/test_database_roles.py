"""Roles under which row level security does not hold are named."""

from core.infrastructure.database import Database, open_database
from core.infrastructure.database_roles import unsafe_roles
from tests.support.databases import PostgresUrls


def test_the_intended_roles_are_safe(database: Database) -> None:
    assert unsafe_roles(database) == []


def test_roles_that_see_too_much_or_too_little_are_named(
    postgres_tables: PostgresUrls, postgres_url: str
) -> None:
    cases = {
        (postgres_tables.owner, postgres_tables.system): ["owns tables"],
        (postgres_tables.system, postgres_tables.app): ["has BYPASSRLS", "lacks BYPASSRLS"],
        (postgres_url, postgres_tables.system): ["is a superuser", "has BYPASSRLS"],
        (postgres_tables.app, ""): ["database.system_url is not set"],
    }
    for (app, system), expected in cases.items():
        database = open_database(app, system_url=system)
        reasons = unsafe_roles(database)
        database.dispose()
        assert len(reasons) == len(expected), reasons
        assert all(words in reason for words, reason in zip(expected, reasons, strict=True))
