"""Errors a caller can act on, by kind. What each kind means to a face (exit code, HTTP status) is decided there.

DomainError
|- Invalid          the content breaks a rule
|  `- InvalidOption   an option or parameter the caller chose does
|- Unauthenticated  we do not know who is asking
|- Forbidden        we know, and they may not
|- NotFound         absent, or another tenant's: the caller cannot tell which
|- Conflict         it clashes with what is already stored
`- Unavailable      a dependency failed; trying again may work
   `- Unwritable      the place to write to failed: folder, permission, disk
"""

from typing import ClassVar


class DomainError(Exception):
    """Base: subclass a kind, set ``title``, say what happened and where, and in ``fix`` what to do about it."""

    title: ClassVar[str]

    def __init__(self, detail: str, *, fix: str = "", **facts: str | int | float | tuple[str, ...]) -> None:
        super().__init__(f"{detail} {fix}".strip())
        self.detail = detail
        self.fix = fix
        self.facts = facts


class Invalid(DomainError, ValueError): ...


class InvalidOption(Invalid): ...


class Unauthenticated(DomainError): ...


class Forbidden(DomainError):
    title = "Not permitted"


class NotFound(DomainError): ...


class Conflict(DomainError): ...


class Unavailable(DomainError): ...


class Unwritable(Unavailable):
    title = "Cannot write"
