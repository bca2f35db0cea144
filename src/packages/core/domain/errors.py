"""Errors a caller can act on, by kind. What each kind means to a face (exit code, HTTP status) is decided there.

DomainError
|- Invalid          the content breaks a rule
|  |- InvalidOption   an option or parameter the caller chose does
|  |- BadRequest      the request is malformed: unknown parameter, foreign cursor, broken JSON
|  |- TooLarge        there is more of it than is taken
|  |- UnsupportedForm its media type is none we read
|  `- VersionNeeded   the change must say which version it is for
|- Unauthenticated  we do not know who is asking
|- Forbidden        we know, and they may not
|- NotFound         absent, or another tenant's: the caller cannot tell which
|- Conflict         it clashes with what is already stored
|  `- Stale           it was changed since the caller read it
`- Unavailable      a dependency failed; trying again may work
   |- TooMany         too many requests or too much at once; ``retry_after`` says when to come back, in seconds
   `- Unwritable      the place to write to failed: folder, permission, disk
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

MOST_PROBLEMS = 20  # that an error shows; more help nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """What is wrong in a row that was sent. ``row`` is its line as a text editor counts, from 1, the header being one;
    a row without a line of its own, as in a JSON array or in Parquet, has its place instead, from 1."""

    row: int
    column: str | None  # None: the row as such
    detail: str


class DomainError(Exception):
    """Base: subclass a kind, set ``title``, say what happened and where, and in ``fix`` what to do about it.

    ``problems`` are the first of those that a table has, in its order.
    """

    title: ClassVar[str]

    def __init__(
        self,
        detail: str,
        *,
        fix: str = "",
        problems: Sequence[RowProblem] = (),
        **facts: str | int | float | tuple[str, ...],
    ) -> None:
        super().__init__(f"{detail} {fix}".strip())
        self.problems = tuple(problems[:MOST_PROBLEMS])
        self.detail = detail
        self.fix = fix
        self.facts = facts


def code_of(kind: type[DomainError]) -> str:
    """``TooFewRows``: too_few_rows."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


class Invalid(DomainError, ValueError): ...


class InvalidOption(Invalid): ...


class BadRequest(Invalid): ...


class TooLarge(Invalid): ...


class UnsupportedForm(Invalid):
    title = "That media type is not read here"


class VersionNeeded(Invalid):
    title = "The change must say which version it is for"


class Unauthenticated(DomainError): ...


class Forbidden(DomainError):
    title = "Not permitted"


class NotFound(DomainError): ...


class Conflict(DomainError): ...


class Stale(Conflict):
    title = "It was changed since you read it"


class Unavailable(DomainError):
    title = "Not available now"


class TooMany(Unavailable):
    """Give ``retry_after=seconds``: it becomes the ``Retry-After`` header."""


class Unwritable(Unavailable):
    title = "Cannot write"
