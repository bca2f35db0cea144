"""Databases of tenants: reached only where the operator allows it, and only to read."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from core.infrastructure.network_guard import checked_address
from data_platform.application.ports import Table
from data_platform.domain.datasets.source import SourceKind
from data_platform.infrastructure.readers.spool import SpoolSettings
from data_platform.infrastructure.readers.sql_table import (
    FetchLimits,
    InvalidDatabaseUrl,
    checked_query,
    query_table,
)

FIRST_SECONDS = 15  # somebody waits for them
PORTS = {SourceKind.POSTGRESQL: 5432, SourceKind.MYSQL: 3306}
KINDS = {"postgresql": SourceKind.POSTGRESQL, "postgres": SourceKind.POSTGRESQL, "mysql": SourceKind.MYSQL}
SAFE_OPTIONS = {"sslmode": {"require", "verify-full", "verify-ca", "prefer", "disable"}}
NOT_OURS = {"passfile": os.devnull, "gssencmode": "disable"}  # credentials of our own machine


@dataclass(frozen=True, slots=True)
class TenantDatabases:
    """``application.datasets.sources.SourceDatabases``. ``networks`` (CIDR) may be reached though they are private."""

    networks: Sequence[str]
    spool: SpoolSettings
    seconds: int = 300
    rows: int = 10_000_000

    def checked(self, url: str) -> tuple[SourceKind, str]:
        parsed = _checked(url)
        return KINDS[parsed.drivername], f"{parsed.host}:{_port(parsed)}/{parsed.database}"

    def checked_query(self, query: str) -> str:
        return checked_query(query)

    def fetch(self, url: str, query: str) -> Table:
        return self._asked(url, query, FetchLimits({}, self.seconds, self.rows))

    def first(self, url: str, query: str, rows: int) -> Table:
        return self._asked(url, query, FetchLimits({}, FIRST_SECONDS, rows, first=rows))

    def _asked(self, url: str, query: str, limits: FetchLimits) -> Table:
        parsed = _checked(url)
        kind = KINDS[parsed.drivername]
        # Resolved once: a name may have another address a moment later.
        address = checked_address(str(parsed.host), _port(parsed), allowed_networks=self.networks)
        if kind is SourceKind.MYSQL:
            # No file of ours is read for the server, whatever it asks for.
            reached = parsed.set(drivername="mysql+pymysql", host=address)
            connect: dict[str, Any] = {"local_infile": False}
        else:
            reached, connect = parsed, NOT_OURS | {"hostaddr": address}
        named = reached.render_as_string(hide_password=False)
        return query_table(named, query, self.spool, limits=replace(limits, connect=connect))


def _checked(url: str) -> sa.URL:
    """Raises InvalidDatabaseUrl."""
    fix = "Write it as postgresql://user:password@host:5432/name, or mysql://..."
    try:
        parsed = sa.make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise InvalidDatabaseUrl("It is no URL of a database.", fix=fix) from error
    if parsed.drivername not in KINDS:
        raise InvalidDatabaseUrl("Its scheme is not one that is fetched from.", fix=fix)
    host = parsed.host or ""
    if not host or not parsed.database or any(odd in host for odd in "/,@%\\ \x00"):
        raise InvalidDatabaseUrl("It must name one host and one database.", fix=fix)
    for option, value in parsed.query.items():
        if value not in SAFE_OPTIONS.get(option, set()) or KINDS[parsed.drivername] is SourceKind.MYSQL:
            raise InvalidDatabaseUrl(f"The option {option[:40]!r} is not taken.", fix="Leave it out.")
    return parsed


def _port(url: sa.URL) -> int:
    return url.port or PORTS[KINDS[url.drivername]]
