"""What fails around us, as errors a caller can act on."""

import errno

from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.domain.errors import DomainError, Unavailable, Unwritable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
UNWRITABLE = frozenset({"53100", "25006"})  # PostgreSQL's: the disk is full, the database is read-only
TRY_AGAIN = "Try again in a few seconds."
FREE_SPACE = "Tell the operator: its disk is full, or may not be written to."


def outage(error: BaseException) -> DomainError | None:
    """The error itself where it is a DomainError, what it means where it is an outage; None where it is our bug."""
    match error:
        case DomainError():
            return error
        case PoolTimeout() | DisconnectionError() | InterfaceError():
            return _away()
        case DBAPIError(connection_invalidated=True):
            return _away()
        case DBAPIError() if getattr(error.orig, "sqlstate", "") in UNWRITABLE:
            return _unwritable()
        case OperationalError():
            return _of_database(error)
        case OSError() if error.errno in FULL:
            return Unwritable("There is no space left to write to.", fix=FREE_SPACE)
    return None


def _of_database(error: OperationalError) -> DomainError | None:
    sqlite = getattr(error.orig, "sqlite_errorname", "")
    if sqlite in {"SQLITE_FULL", "SQLITE_READONLY"}:
        return _unwritable()
    # A missing table or a wrong statement is an OperationalError of SQLite too.
    return None if sqlite == "SQLITE_ERROR" else _away()


def _unwritable() -> Unwritable:
    return Unwritable("The database cannot write.", fix=FREE_SPACE)


def _away() -> Unavailable:
    return Unavailable("The database does not answer, or is too busy.", fix=TRY_AGAIN)
