"""What this context needs from outside, in its own words."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import polars as pl

BATCH_ROWS = 65_536


class Table(Protocol):
    """Rows somewhere outside memory: can be read from the start more than once, always in the same order."""

    @property
    def name(self) -> str:
        """As its owner called it, for messages: a path, ``stdin``, a query's start. Never a password."""

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        """Column name -> type, in the table's order."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided while reading that its owner should know: ``decoded as cp1252``, ``delimiter ';'``."""

    def row_count(self) -> int | None:
        """Rows in all where that is known without reading them."""

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        """The rows in order, at most ``rows`` at a time, in memory that does not grow with the table."""


class RowSink(Protocol):
    """A new file that appears whole when the block ends well, and not at all when it does not."""

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows; every frame has the same columns. Raises Unwritable."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class OutputFolder(Protocol):
    """A folder whose new files appear together when the block ends well, and not at all when it does not."""

    @property
    def path(self) -> Path:
        """Where to write them meanwhile."""

    def write_json(self, name: str, document: Mapping[str, Any]) -> None:
        """Raises Unwritable."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
