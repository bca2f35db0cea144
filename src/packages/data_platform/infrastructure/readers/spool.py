"""Rows that can be read only once, kept so that they can be read again: in memory, then in nameless Parquet files.

The files have no name in the folder (they are unlinked while open), so they are gone however the process ends.
"""

import io
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl
import pyarrow.parquet as pq

from core.domain.errors import Unwritable
from data_platform.application.frames.frame_table import FrameTable
from data_platform.application.frames.schemas import conformed, plain, union
from data_platform.application.ports import Table
from data_platform.infrastructure.readers.parquet_table import ParquetTable

MEMORY_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class SpoolSettings:
    """Where rows are kept that can be read only once, and how many bytes of them at most."""

    folder: Path | None = None  # the system's folder for temporary files where None
    limit_bytes: int = 20 << 30


class SpoolFull(Unwritable):
    title = "Too much to keep in a temporary file"


class Spool:
    def __init__(self, settings: SpoolSettings, name: str) -> None:
        self._settings, self._name = settings, name
        self._schema: dict[str, pl.DataType] = {}
        self._waiting: list[pl.DataFrame] = []
        self._waiting_bytes = 0
        self._files: list[TemporaryFile] = []
        self._writer: Any = None
        self._written_schema: dict[str, pl.DataType] = {}

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows; columns may be added and types widened from frame to frame. Raises SpoolFull, Unwritable."""
        self._schema = union(self._schema, frame.schema)
        self._waiting.append(frame)
        self._waiting_bytes += int(frame.estimated_size())
        if self._waiting_bytes > MEMORY_BYTES:
            self._to_disk()

    def table(self) -> Table:
        """What was written; nothing may be written after."""
        if not self._files:
            frames = [conformed(frame, self._schema) for frame in self._waiting]
            return FrameTable(
                plain(pl.concat(frames, rechunk=True)) if frames else pl.DataFrame(), self._name
            )
        self._to_disk()
        self._close_writer()
        return ParquetTable(self._name, [file.reopened for file in self._files])

    def _to_disk(self) -> None:
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        with writing_temporary(self._settings, self._name):
            for frame in waiting:
                arrow = plain(conformed(frame, self._schema)).to_arrow()
                if self._writer is None or self._written_schema != self._schema:
                    self._close_writer()
                    self._files.append(TemporaryFile(self._settings))
                    self._written_schema = dict(self._schema)
                    self._writer = pq.ParquetWriter(
                        self._files[-1].file, arrow.schema, compression="lz4", use_dictionary=False
                    )
                self._writer.write_table(arrow)
        check_limit(sum(part.file.tell() for part in self._files), self._settings, self._name)

    def _close_writer(self) -> None:
        if self._writer is not None:
            with writing_temporary(self._settings, self._name):
                self._writer.close()
                self._files[-1].file.flush()
            self._writer = None


def check_limit(size: int, settings: SpoolSettings, name: str) -> None:
    if size > settings.limit_bytes:
        raise SpoolFull(
            f"{name} needs more than the {settings.limit_bytes / 1e9:,.1f} GB allowed for temporary files.",
            fix="Raise the limit in the settings, or convert it to an uncompressed Parquet or CSV file first.",
        )


@contextmanager
def writing_temporary(settings: SpoolSettings, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        folder = settings.folder or Path(tempfile.gettempdir())
        raise Unwritable(
            f"{name} cannot be kept in a temporary file in {folder}: {error.strerror or error}.",
            fix="Free space there, or choose another folder: TMPDIR or the settings.",
        ) from error


class TemporaryFile:
    """A file without a name in the spool's folder, closed when nobody can read it any more."""

    def __init__(self, settings: SpoolSettings) -> None:
        self.file: BinaryIO = tempfile.TemporaryFile(dir=settings.folder)  # noqa: SIM115  # closed by the finalizer
        weakref.finalize(self, self.file.close)

    def reopened(self) -> BinaryIO:
        """From its start, with a position of its own."""
        return io.BufferedReader(PositionedReader(self))


class PositionedReader(io.RawIOBase):
    """Reads an open file from the start without moving the position of others who read it."""

    def __init__(self, temporary: TemporaryFile) -> None:
        super().__init__()
        self._temporary = temporary  # stays open as long as anyone reads it
        self._position = 0
        self._size = os.fstat(temporary.file.fileno()).st_size

    def fileno(self) -> int:
        return self._temporary.file.fileno()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = (
            offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        )
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # RawIOBase: any writable buffer
        read = os.preadv(self._temporary.file.fileno(), [buffer], self._position)
        self._position += read
        return read
