"""What stands in the way of the service, looked at from this machine; nothing is changed."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from smtplib import SMTP, SMTP_SSL, SMTPException

from redis import Redis, RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core.domain.errors import DomainError
from core.infrastructure.database import Database, Purpose, open_database
from core.infrastructure.database_roles import unsafe_roles
from core.infrastructure.settings import Settings
from interfaces.bootstrap import production
from interfaces.bootstrap.database import database_url
from interfaces.bootstrap.queue import job_queue
from interfaces.infrastructure import schema_status

ANSWERS_WITHIN_S = 5.0
WRITABLE = "Set database.url to the primary, not a standby; else turn default_transaction_read_only off."
FREE_BYTES = 1 << 30
CLOCKS_APART_S = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    ok: bool
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Failed(Exception):
    detail: str
    fix: str


Check = Callable[[Settings], str]
"""Says what it found. Raises Failed."""


def diagnose(settings: Settings) -> Iterator[Finding]:
    """One after the other; what a check stumbles over is its finding."""
    for name, check in CHECKS.items():
        try:
            yield Finding(name, ok=True, detail=check(settings))
        except Failed as found:
            yield Finding(name, ok=False, detail=found.detail, fix=found.fix)
        except (DomainError, SQLAlchemyError, RedisError, OSError, ValueError) as error:
            detail = error.detail if isinstance(error, DomainError) else _reason(error)
            yield Finding(name, ok=False, detail=detail, fix=FIXES[name])


def _settings(settings: Settings) -> str:
    for found in production.impossible(settings):
        raise Failed(f"{found.setting} {found.reason}.", found.fix)
    if settings.get("service.env") != "production":
        return "for development: fit for this machine only"
    for found in production.open_doors(settings):
        raise Failed(f"{found.setting} {found.reason}.", found.fix)
    return "for production"


def _secrets(settings: Settings) -> str:
    """Outside production, none set means made ones, which are long."""
    is_production = settings.get("service.env") == "production"
    for found in production.weak_secrets(settings):
        if is_production or settings.get(found.setting):
            raise Failed(f"{found.setting} {found.reason}.", found.fix)
    given = sum(1 for path in production.SECRETS if settings.get(path))
    return f"{given} configured, {len(production.SECRETS) - given} made and kept in the data folder"


def _storage(settings: Settings) -> str:
    folder = _folder(settings)
    if not folder.exists():
        if not _nearest(folder).is_dir() or not os.access(_nearest(folder), os.W_OK):
            raise Failed("The data folder cannot be made.", "Make data.dir writable for this user.")
        return "the data folder is made at the first start"
    probe = folder / ".doctor"
    probe.write_bytes(b"written")
    probe.unlink()
    if folder.stat().st_mode & 0o077:
        raise Failed("The data folder is open to other users.", f"Run: chmod 700 {folder}")
    return "the data folder can be written"


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(_nearest(_folder(settings))).free
    if free < FREE_BYTES:
        raise Failed(f"{free / FREE_BYTES:.2f} GB are free.", "Make room, or move data.dir to a larger disk.")
    return f"{free / FREE_BYTES:.0f} GB are free"


def _database(settings: Settings) -> str:
    if _is_new(settings):
        return "SQLite: made at the first start"
    with closing(_Opened(settings)) as opened, opened.database.as_system(Purpose.HEALTH) as session:
        session.execute(select(1))
        if opened.database.is_read_only:
            raise Failed("The database is read-only.", WRITABLE)
        return opened.database.app.dialect.name


def _migrations(settings: Settings) -> str:
    if _is_new(settings):
        return "made at the first start"
    with closing(_Opened(settings)) as opened, opened.database.as_system(Purpose.HEALTH) as session:
        found = schema_status.status(session.connection())
    if found.is_current:
        return f"at {found.newest}"
    if database_url(settings).startswith("sqlite"):
        return "brought up to date at the next start"
    raise Failed(
        f"At {found.revision or 'none'}, {found.newest} is needed.", "Run: anomaly_detection db migrate"
    )


def _roles(settings: Settings) -> str:
    if database_url(settings).startswith("sqlite"):
        return "SQLite has none"
    with closing(_Opened(settings)) as opened:
        for reason in unsafe_roles(opened.database):
            raise Failed(reason, "See deployment/postgresql/roles.sql.")
    return "row level security holds"


def _clock(settings: Settings) -> str:
    if database_url(settings).startswith("sqlite"):
        return "the database uses this machine's"
    with closing(_Opened(settings)) as opened, opened.database.as_system(Purpose.HEALTH) as session:
        theirs: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart > CLOCKS_APART_S:
        raise Failed(f"{apart:.0f} s from the database's.", "Synchronise both machines' clocks (NTP).")
    return f"{apart:.1f} s from the database's"


def _redis(settings: Settings) -> str:
    url = settings.get("redis.url")
    if not url:
        return "not configured: queue and limits are this machine's"
    with Redis.from_url(
        url, socket_connect_timeout=ANSWERS_WITHIN_S, socket_timeout=ANSWERS_WITHIN_S
    ) as found:
        found.ping()
    return "answers"


def _queue(settings: Settings) -> str:
    if not settings.get("redis.url") and not (_folder(settings) / "queue.db").exists():
        return "made at the first start"
    with closing(job_queue(settings)) as queue:
        return f"{queue.depth()} messages wait"


def _mail(settings: Settings) -> str:
    host, port = settings.get("mail.host"), settings.get("mail.port")
    if not host:
        return "not configured: mails are written to the log"
    kind = SMTP_SSL if settings.get("mail.encryption") == "tls" else SMTP
    try:
        with kind(host, port, timeout=ANSWERS_WITHIN_S) as server:
            server.noop()
    except SMTPException as error:
        raise Failed(f"The mail server refuses: {type(error).__name__}.", FIXES["mail"]) from error
    return "the mail server answers"


CHECKS: dict[str, Check] = {
    "settings": _settings,
    "secrets": _secrets,
    "storage": _storage,
    "disk": _disk,
    "database": _database,
    "migrations": _migrations,
    "roles": _roles,
    "clock": _clock,
    "redis": _redis,
    "queue": _queue,
    "mail": _mail,
}
FIXES = {
    "settings": "Correct the address it names: anomaly_detection config show --origin.",
    "secrets": "Set it to 32 or more random characters.",
    "disk": "Set data.dir to a folder of this machine.",
    "storage": "Make data.dir writable for this user.",
    "database": "Start it, or correct database.url (DATABASE_URL).",
    "migrations": "Start the database, or correct database.system_url.",
    "roles": "Start the database, or correct database.url and database.system_url.",
    "clock": "Start the database, or correct database.system_url.",
    "redis": "Start Redis, or correct redis.url (REDIS_URL).",
    "queue": "Start Redis, or correct redis.url (REDIS_URL).",
    "mail": "Start the mail server, or correct mail.host, mail.port and mail.encryption.",
}


def _reason(error: Exception) -> str:
    """Without addresses: whoever helps may see the output."""
    cause = getattr(error, "orig", None) or error
    return f"{type(cause).__name__} at the attempt."


class _Opened:
    """The database for one check."""

    def __init__(self, settings: Settings) -> None:
        urls = database_url(settings), settings.get("database.system_url")
        self.database: Database = open_database(urls[0], system_url=urls[1], pool_size=1)

    def close(self) -> None:
        self.database.dispose()


def _folder(settings: Settings) -> Path:
    folder: Path = settings.get("data.dir")
    return folder.absolute()


def _nearest(folder: Path) -> Path:
    """It, or the folder above it that exists."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _is_new(settings: Settings) -> bool:
    url = database_url(settings)
    return url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists()
