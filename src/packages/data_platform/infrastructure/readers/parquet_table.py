"""Parquet files as one table, read in batches of flat memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.application.frames.arrow_frames import frame_of, schema_of
from data_platform.application.frames.batching import batch_rows, rebatched
from data_platform.application.frames.schemas import conformed, union
from data_platform.application.ports import BATCH_ROWS
from data_platform.application.refusals import InvalidTable, Unreadable

BUFFER = 1 << 20  # read ahead per column: the whole column of a row group otherwise

Source = Path | Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """``parts`` are files, or what opens one anew; their columns are united, null where a part lacks one.

    Folders below ``root`` named ``key=value`` are text columns too, as Hive and Spark write them.
    """

    name: str
    parts: Sequence[Source]
    notes: tuple[str, ...] = ()
    root: Path | None = None
    schema: Mapping[str, pl.DataType] = field(init=False)
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        schema: dict[str, pl.DataType] = {}
        rows = 0
        for part in self.parts:
            with _opened(part, self.name) as file:
                schema = union(schema, schema_of(file.schema_arrow, _label(part, self.name)))
                schema = {**schema, **dict.fromkeys(self._partition(part), pl.String())}
                rows += file.metadata.num_rows
        object.__setattr__(self, "schema", {n: pl.String() if t == pl.Null else t for n, t in schema.items()})
        object.__setattr__(self, "rows", rows)

    def row_count(self) -> int:
        return self.rows

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        names = list(self.schema) if columns is None else list(columns)
        wanted = {name: self.schema[name] for name in names}
        rows = batch_rows(rows, len(names))
        yield from rebatched((conformed(frame, wanted) for frame in self._frames(names, rows)), rows)

    def _frames(self, names: list[str], rows: int) -> Iterator[pl.DataFrame]:
        for part in self.parts:
            constants = [pl.lit(v).alias(k) for k, v in self._partition(part).items() if k in names]
            with _opened(part, self.name) as file:
                there = set(file.schema_arrow.names)
                present = [name for name in names if name in there]
                batches = file.iter_batches(rows, columns=present)
                while (batch := _next(batches, _label(part, self.name))) is not None:
                    frame = frame_of(batch) if present else pl.DataFrame(height=batch.num_rows)
                    yield frame.with_columns(constants) if constants else frame

    def _partition(self, part: Source) -> dict[str, str]:
        if self.root is None or not isinstance(part, Path):
            return {}
        return dict(
            folder.split("=", 1) for folder in part.relative_to(self.root).parts[:-1] if "=" in folder
        )


def _opened(part: Source, name: str) -> Any:
    """Any: pyarrow has no types."""
    label = _label(part, name)
    try:
        source = str(part) if isinstance(part, Path) else part()
        return pq.ParquetFile(source, pre_buffer=False, buffer_size=BUFFER)
    except PermissionError as error:
        raise Unreadable(
            f"{label} may not be read: permission denied.", fix="Change its permissions."
        ) from error
    except (pa.ArrowException, OSError) as error:
        raise damaged(label, error) from error


def _next(batches: Iterator[Any], label: str) -> Any:
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError) as error:
        raise damaged(label, error) from error


def _label(part: Source, name: str) -> str:
    return str(part) if isinstance(part, Path) else name


def damaged(label: str, error: Exception) -> InvalidTable:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return InvalidTable(
        f"{label} is damaged or cut off: {reason}",
        fix="Copy or write it again; compare its size with the original's.",
    )
