"""A slice of a long list, and where the next one starts."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from core.domain.errors import BadRequest

T = TypeVar("T")


class InvalidCursor(BadRequest):
    title = "The cursor is not one of ours"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None  # None: this is the last page
    total: int | None = None  # only where it was asked for
