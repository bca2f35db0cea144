"""A slice of a long list, and where the next one starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from core.domain.errors import BadRequest

T = TypeVar("T")
V = TypeVar("V")
MOST_ESTIMATED = 10_000


class InvalidCursor(BadRequest):
    title = "The cursor is not one of ours"


class Counting(StrEnum):
    """How the rows of the whole list are counted."""

    EXACT = "exact"
    ESTIMATE = "estimate"  # cheaper: no further than to ``MOST_ESTIMATED``

    @property
    def most(self) -> int | None:
        """So many rows need to be looked at."""
        return MOST_ESTIMATED + 1 if self is Counting.ESTIMATE else None


@dataclass(frozen=True, slots=True)
class Total:
    """Of a list's rows; there are more where it is not exact."""

    rows: int
    is_exact: bool = True

    @classmethod
    def of(cls, found: int, most: int | None) -> "Total":
        """``found`` of at most ``most`` rows."""
        return cls(found) if most is None or found < most else cls(most - 1, is_exact=False)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next_cursor: str | None  # None: this is the last page
    total: int | None = None  # only where it was asked for
    total_is_exact: bool = True  # False: there are more than total

    def of(self, items: Sequence[V]) -> "Page[V]":
        """The same page of other items: views of these."""
        return Page(tuple(items), self.next_cursor, self.total, self.total_is_exact)
