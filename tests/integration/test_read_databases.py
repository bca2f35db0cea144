"""Queries are read once, without writing to the database and without telling a password."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import sqlalchemy as sa

from core.domain.errors import DomainError, Invalid, InvalidOption, NotFound, Unavailable
from data_platform.infrastructure.readers.open_table import open_table
from data_platform.infrastructure.readers.sql_table import InvalidQuery, checked_query


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[str]:
    engine = sa.create_engine(
        postgres_url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.NullPool
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE readings (id int, amount numeric(10, 2), at timestamptz, tags jsonb, code uuid, raw bytea,"
            " big bigint, note text, span interval, places int[])"
        )
        connection.exec_driver_sql(
            "INSERT INTO readings SELECT g, g * 1.5, timestamptz '2024-01-01 00:00Z' + g * interval '1 s', '{\"a\": 1}',"
            " 'd5b1f8ae-0000-0000-0000-000000000000', '\\x00ff', g * 100000000000::bigint, NULL, '1 day', ARRAY[1, 2]"
            " FROM generate_series(0, 24999) g"
        )
        connection.exec_driver_sql("CREATE VIEW recent AS SELECT * FROM readings WHERE id > 10")
        connection.exec_driver_sql("CREATE ROLE bob LOGIN PASSWORD 'sekret'")
    yield postgres_url
    engine.dispose()


def test_every_type_arrives_as_one_of_ours(database: str) -> None:
    table = open_table(database, query="SELECT * FROM readings ORDER BY id;")
    assert table.row_count() == 25_000
    assert table.name == "SELECT * FROM readings ORDER BY id (postgresql postgres)"
    row = next(table.batches(rows=2)).rows(named=True)[1]
    assert row == {
        "id": 1,
        "amount": 1.5,
        "at": datetime(2024, 1, 1, 0, 0, 1, tzinfo=UTC),
        "tags": '{"a": 1}',
        "code": "d5b1f8ae-0000-0000-0000-000000000000",
        "raw": b"\x00\xff",
        "big": 100_000_000_000,
        "note": None,
        "span": timedelta(days=1),
        "places": "[1, 2]",
    }


def test_a_percent_sign_and_a_colon_are_no_parameters(database: str) -> None:
    table = open_table(
        database, query="SELECT id::text FROM readings WHERE id % 2 = 0 AND 'a:b' LIKE 'a%' -- ; done"
    )
    assert table.row_count() == 12_500


def test_without_a_query_the_tables_are_listed(database: str) -> None:
    with pytest.raises(InvalidOption, match=r"the tables readings, recent\. Say which rows"):
        open_table(database)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * FROM nope", 'relation "nope" does not exist'),
        ("SELECT 1 / 0 AS a", "division by zero"),
        ("SELECT 1 AS a, 2 AS a", "more than one column named 'a'"),
        ("SELECT id FROM readings WHERE false", "gives no rows"),
        ("WITH gone AS (DELETE FROM readings RETURNING *) SELECT * FROM gone", "data-modifying|read-only"),
        ("SELECT id INTO copied FROM readings", "not allowed here|read-only"),
        ("SELECT lo_create(0)", "read-only"),
    ],
)
def test_a_failing_or_writing_query_is_told_in_the_databases_words(
    database: str, query: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        open_table(database, query=query)
    assert "\n" not in str(caught.value)
    assert open_table(database, query="SELECT count(*) AS n FROM readings").row_count() == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bob:sekret@127.0.0.1:1/shop",
        "postgresql://bob@127.0.0.1:1/shop?password=sekret",
        "postgresql://bob:sekret@host:port/shop",
        "mysql://bob:sekret@127.0.0.1/shop",
        "nope://bob:sekret@127.0.0.1/shop",
        "https://bob:sekret@example.org/t.csv",
    ],
)
def test_no_error_tells_a_password(url: str) -> None:
    with pytest.raises(DomainError) as caught:
        open_table(url, query="SELECT 1")
    chain: list[BaseException] = [caught.value]
    while cause := chain[-1].__cause__:
        chain.append(cause)
    assert "sekret" not in "".join(map(str, chain))


def test_a_database_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1/shop cannot be reached: .*refused"):
        open_table("postgresql://bob:sekret@127.0.0.1:1/shop", query="SELECT 1")


def test_a_role_without_the_right_is_refused_in_the_databases_words(database: str) -> None:
    url = database.replace("postgres:@", "bob:sekret@")
    with pytest.raises(Invalid, match="permission denied for table readings"):
        open_table(url, query="SELECT * FROM readings")


def test_sqlite_is_read_only_and_never_made(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"t\.db does not exist"):
        open_table(f"sqlite:///{tmp_path / 't.db'}", query="SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_sqlite_columns_of_mixed_types_become_text(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(1,), ("x",), (None,), (2.5,)])
    connection.close()
    table = open_table(f"sqlite:///{tmp_path / 't.db'}", query="SELECT a FROM t")
    assert pl.concat(list(table.batches()))["a"].to_list() == ["1", "x", None, "2.5"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        " select ';' ",
        "(SELECT 1) UNION (SELECT 2);",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "-- ;\nSELECT 1",
        "VALUES (1);;",
    ],
)
def test_one_reading_statement_is_let_through(query: str) -> None:
    assert checked_query(query) in query


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM t",
        "SELECT 1; DROP TABLE t",
        "/* SELECT */ UPDATE t SET a = 1",
        "",
        "SELECT ''';' ; COMMIT",
        "EXPLAIN SELECT 1",
    ],
)
def test_anything_else_is_refused(query: str) -> None:
    with pytest.raises(InvalidQuery):
        checked_query(query)
