"""Forms that come back with what was wrong, keeping what was entered."""

import re
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from core.domain.errors import DomainError, Stale
from core.presentation.parts import Field, Link, Notice

OF_THE_API = re.compile(
    r"\b(GET|POST|PUT|PATCH|DELETE) |openapi\.json|If-Match|ETag|Idempotency-Key|Content-Type|Authorization:"
    r"|client_secret|\botp\b|Send (tenant|name and password)|what errors names"
)


def refused(fields: Sequence[Field], error: DomainError, *, at: str = "") -> tuple[Field, ...]:
    """The fields, the one named ``at`` or by the error's pointer with what was wrong."""
    pointer = str(error.facts.get("pointer", "") or error.facts.get("field", ""))
    name = at or pointer.removeprefix("#").strip("/").split("/")[0]
    words = f"{error.detail} {fix_for_people(error.fix)}".strip()
    return tuple(replace(field, error=words) if field.name == name else field for field in fields)


def problem(fields: Sequence[Field], error: DomainError | None = None) -> Notice | None:
    """The box above a form that was refused: a link to each wrong field, or what the error says where no field is."""
    wrong = tuple(Link(f"{field.label}: {field.error}", f"#{field.id}") for field in fields if field.error)
    if wrong:
        return Notice(kind="error", title="There is a problem", items=wrong)
    return told(error) if error else None


def told(error: DomainError) -> Notice:
    return Notice(kind="error", title=error.title, text=f"{error.detail} {fix_for_people(error.fix)}".strip())


def status_of(error: DomainError | None) -> int:
    """Of a form that was refused; 200 for one that was not."""
    if error is None:
        return HTTPStatus.OK
    return HTTPStatus.CONFLICT if isinstance(error, Stale) else HTTPStatus.UNPROCESSABLE_ENTITY


def fix_for_people(fix: str) -> str:
    """Empty where it only says which request of the API helps."""
    return "" if OF_THE_API.search(fix) else fix


def number_text(value: Any) -> str:
    """As it stands in a number field."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
