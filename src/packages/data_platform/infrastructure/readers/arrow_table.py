"""Arrow IPC, file or stream, batch by batch."""

import mmap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa

from data_platform.application.frames.arrow_frames import frame_of, schema_of
from data_platform.application.frames.batching import batch_rows, rebatched
from data_platform.application.frames.schemas import conformed
from data_platform.application.ports import BATCH_ROWS
from data_platform.infrastructure.readers.parquet_table import damaged


@dataclass(frozen=True, slots=True)
class ArrowTable:
    """``open_file`` opens it anew, as a file of the system's."""

    name: str
    open_file: Callable[[], BinaryIO]
    notes: tuple[str, ...] = ()
    schema: Mapping[str, pl.DataType] = field(init=False)

    def __post_init__(self) -> None:
        with self.open_file() as file, _translated(self.name):
            reader = _reader(file)
            object.__setattr__(self, "schema", schema_of(reader.schema, self.name))

    def row_count(self) -> None:
        """Not known: the format counts rows only batch by batch."""

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        names = list(self.schema) if columns is None else list(columns)
        yield from rebatched(self._frames(names), batch_rows(rows, len(names)))

    def _frames(self, names: list[str]) -> Iterator[pl.DataFrame]:
        wanted = {name: self.schema[name] for name in names}
        with self.open_file() as file:
            batches = _batches(file, self.name)
            for batch in batches:
                if names:
                    yield conformed(frame_of(batch.select(names)), wanted)
                else:
                    yield pl.DataFrame(height=batch.num_rows)


def _reader(file: BinaryIO) -> Any:
    """Any: pyarrow has no types.

    From mapped memory: a Python file would be read in a thread of Arrow's, which lets go of what it read a moment
    later and, when the interpreter ends just then, aborts the process (apache/arrow#34314).
    """
    content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    open_reader = pa.ipc.open_file if content[:6] == b"ARROW1" else pa.ipc.open_stream
    return open_reader(pa.BufferReader(content))


def _batches(file: BinaryIO, name: str) -> Iterator[Any]:
    with _translated(name):
        reader = _reader(file)
        if isinstance(reader, pa.RecordBatchFileReader):
            yield from (reader.get_batch(i) for i in range(reader.num_record_batches))
        else:
            yield from reader


@contextmanager
def _translated(name: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, error) from error
