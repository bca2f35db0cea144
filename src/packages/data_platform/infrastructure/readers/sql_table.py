"""The rows of a query, fetched once in a read-only transaction and kept."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy import exc

from core.domain.errors import InvalidOption, TooLarge, Unavailable
from data_platform.application.frames.values import column
from data_platform.application.ports import Table
from data_platform.application.refusals import InvalidTable, NoSuchSource
from data_platform.infrastructure.readers.spool import Spool, SpoolSettings

ROWS_AT_ONCE = 10_000
CONNECT_SECONDS = 10
TABLES_SHOWN = 20
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
ELSEWHERE = ("http", "https", "ftp", "s3", "gs", "az", "file", "hdfs")
READING = ("select", "with", "values", "table")
# What a query may hold a semicolon in: quoted text and names, PostgreSQL's dollar quotes, comments.
_QUOTED = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL
)
TOO_SLOW = ("statement timeout", "execution time exceeded")  # PostgreSQL's words and MySQL's
FASTER = "The query may not take that long: ask for fewer rows, or for what an index finds."
CORRECT = "Correct the query; it runs in a read-only transaction."
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


class InvalidDatabaseUrl(InvalidOption):
    title = "The database's URL cannot be used"


class InvalidQuery(InvalidOption):
    title = "The query cannot be used"


class QueryFailed(InvalidTable):
    title = "The query failed"


class DatabaseUnreachable(Unavailable):
    title = "The database cannot be reached"


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What a query of somebody else's may take, and how its server is reached."""

    connect: Mapping[str, Any]  # arguments of the driver
    seconds: int
    rows: int
    first: int | None = None  # no more than so many are asked for


class TooManyRows(TooLarge):
    title = "The query gives too many rows"


def query_table(
    url: str, query: str | None, spool: SpoolSettings, *, limits: FetchLimits | None = None
) -> Table:
    """Raises InvalidDatabaseUrl, InvalidQuery, QueryFailed, DatabaseUnreachable, NoSuchSource, and TooManyRows within
    limits; none tells a password."""
    parsed = _parsed(url)
    place = _place(parsed)
    engine = _engine(parsed, place, {} if limits is None else limits.connect)
    try:
        with _translated(parsed, place), engine.connect() as connection:
            if query is None or not query.strip():
                raise _no_query(connection, place)
            statement = checked_query(query)
            _read_only(connection)
            if limits is not None:
                _limit_time(connection, limits.seconds)
            most = None if limits is None else limits.rows
            name = f"{_start(statement)} ({place})"
            if limits is not None and limits.first is not None:
                statement = f"SELECT * FROM (\n{statement}\n) AS first_rows LIMIT {limits.first:d}"  # noqa: S608  # nosec B608 - the query is theirs
            return _fetched(connection, statement, name, spool, most=most)
    finally:
        engine.dispose()


def checked_query(query: str) -> str:
    """The one reading statement, without a closing semicolon. Raises InvalidQuery."""
    statement = query.strip().rstrip("; \t\r\n")
    bare = _QUOTED.sub(" ", statement)
    first = re.match(r"[\s(]*(\w*)", bare)
    word = first.group(1).casefold() if first else ""
    if word not in READING:
        raise InvalidQuery(
            f"The query begins with {word.upper() or 'nothing'}; only reading is allowed.",
            fix="Begin with SELECT or WITH.",
        )
    if "\x00" in statement:
        raise InvalidQuery("The query holds a NUL.", fix="Write it anew.")
    if ";" in bare:
        raise InvalidQuery("The query holds more than one statement.", fix="Give one SELECT.")
    return statement


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise InvalidDatabaseUrl(
            "The URL of the database is not complete.",
            fix="Write it as postgresql://user:password@host:5432/name.",
        ) from error
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


def _place(url: sa.URL) -> str:
    """Where the database is, in words without user and password."""
    host = f"{url.host}:{url.port}/" if url.host and url.port else f"{url.host or ''}/"
    return f"{url.get_backend_name()} {host if url.host else ''}{url.database or ''}".strip()


def _engine(url: sa.URL, place: str, connect: Mapping[str, Any]) -> sa.Engine:
    backend = url.get_backend_name() if url.drivername.partition("+")[0] else ""
    if (
        backend == "sqlite"
        and url.database not in (None, "", ":memory:")
        and not Path(str(url.database)).exists()
    ):
        raise NoSuchSource(
            f"{url.database} does not exist.", fix="Check the path: three slashes before a relative one."
        )
    limits = {"connect_timeout": CONNECT_SECONDS} if backend in ("postgresql", "mysql", "mariadb") else {}
    try:
        return sa.create_engine(url, connect_args={**limits, **connect}, poolclass=sa.NullPool)
    except exc.NoSuchModuleError as error:
        if url.drivername in ELSEWHERE:
            raise InvalidDatabaseUrl(
                f"{url.drivername} URLs are not read.", fix="Download the file first, and give its path."
            ) from error
        raise InvalidDatabaseUrl(
            f"No kind of database is called {url.drivername}.", fix="Use postgresql, sqlite, mysql, ..."
        ) from error
    except ImportError as error:
        raise InvalidDatabaseUrl(
            f"The driver for {place} is not installed: {error.name}.",
            fix="pip install 'anomaly_detection[sql]' for PostgreSQL; for others, the driver that SQLAlchemy names.",
        ) from error


def _read_only(connection: sa.Connection) -> None:
    match connection.dialect.name:
        case "postgresql":
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        case "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        case "mysql" | "mariadb":
            connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")


def _limit_time(connection: sa.Connection, seconds: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {seconds * 1000:d}")
    else:
        connection.exec_driver_sql(f"SET SESSION max_execution_time = {seconds * 1000:d}")


def _fetched(
    connection: sa.Connection, statement: str, name: str, spool: SpoolSettings, *, most: int | None
) -> Table:
    options = {"stream_results": True, "max_row_buffer": ROWS_AT_ONCE, "no_parameters": True}
    kept, rows = Spool(spool, name), 0
    with closing(connection.execution_options(**options).exec_driver_sql(statement)) as result:
        names = list(result.keys())
        _refuse_duplicates(names, name)
        for part in result.partitions(ROWS_AT_ONCE):
            kept.write(_frame(names, part))
            rows += len(part)
            if most is not None and rows > most:
                raise TooManyRows(f"It gives more than {most:,}.", fix="Narrow it by a condition or a limit.")
    if rows == 0:
        raise QueryFailed(f"{name} gives no rows.", fix="Check its conditions.")
    return kept.table()


def _frame(names: Sequence[str], rows: Sequence[Any]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            column(name, [_value(v) for v in values])
            for name, values in zip(names, zip(*rows, strict=True), strict=True)
        ]
    )


def _value(value: Any) -> Any:
    """Decimals as floats, JSON as its text, what Polars does not know as text."""
    match value:
        case None | bool() | int() | float() | str() | datetime() | date() | time() | timedelta() | bytes():
            return value
        case Decimal():
            return float(value)
        case memoryview() | bytearray():
            return bytes(value)
        case dict() | list():
            return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def _refuse_duplicates(names: Sequence[str], query: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryFailed(
            f"{query} gives more than one column named {', '.join(map(repr, twice[:5]))}.",
            fix="Name each column once: SELECT a.id AS a_id, ...",
        )


def _start(statement: str) -> str:
    words = " ".join(_COMMENT.sub(" ", statement).split())
    return words if len(words) <= 60 else words[:57] + "..."


def _no_query(connection: sa.Connection, place: str) -> InvalidQuery:
    inspector = sa.inspect(connection)
    tables = sorted([*inspector.get_table_names(), *inspector.get_view_names()])
    shown = ", ".join(tables[:TABLES_SHOWN]) + (", ..." if len(tables) > TABLES_SHOWN else "")
    example = tables[0] if tables else "my_table"
    return InvalidQuery(
        f"{place} is a database"
        + (f" with the tables {shown}." if tables else " without tables of its own."),
        fix=f"Say which rows you want of {example}, for example: --query SQL.",
    )


@contextmanager
def _translated(url: sa.URL, place: str) -> Iterator[None]:
    try:
        yield
    except exc.DBAPIError as error:
        reason = without_secrets(str(error.orig).strip().partition("\n")[0].rstrip("."), url)
        connecting = error.statement is None and isinstance(error, exc.OperationalError | exc.InterfaceError)
        if connecting or error.connection_invalidated:
            raise DatabaseUnreachable(
                f"{place} cannot be reached: {reason}.",
                fix="Check host, port, name, user and password, and that it runs.",
            ) from None
        is_slow = any(words in reason for words in TOO_SLOW)
        raise QueryFailed(f"{place}: {reason}.", fix=FASTER if is_slow else CORRECT) from None
    except exc.SQLAlchemyError as error:
        raise QueryFailed(
            f"{place}: {without_secrets(str(error), url)}", fix="Check the URL and the query."
        ) from None


def without_secrets(text: str, url: sa.URL) -> str:
    """The text without the URL's password and the values of its options that may be one."""
    secrets = [str(url.password)] if url.password else []
    for name, value in url.query.items():
        if re.search("pass|secret|token|key", name, re.IGNORECASE):
            secrets += [value] if isinstance(value, str) else value
    for secret in secrets:
        text = text.replace(secret, "***")
    return text
