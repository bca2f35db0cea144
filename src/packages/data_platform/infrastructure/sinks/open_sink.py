"""New files that appear whole or not at all."""

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from core.domain.errors import Conflict, InvalidOption, Unwritable
from data_platform.application.ports import RowSink
from data_platform.infrastructure.sinks.writers import (
    ArrowWriter,
    CsvWriter,
    FrameWriter,
    NdjsonWriter,
    ParquetWriter,
)

WRITERS: dict[str, Callable[[Path], FrameWriter]] = {
    ".csv": CsvWriter,
    ".tsv": lambda path: CsvWriter(path, delimiter="\t"),
    ".csv.gz": lambda path: CsvWriter(path, gzipped=True),
    ".tsv.gz": lambda path: CsvWriter(path, delimiter="\t", gzipped=True),
    ".parquet": ParquetWriter,
    ".ndjson": NdjsonWriter,
    ".jsonl": NdjsonWriter,
    ".arrow": ArrowWriter,
}
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


class UnknownEnding(InvalidOption):
    title = "The ending of the file name is not known"


class OutputExists(Conflict):
    title = "The file is already there"


def open_sink(path: Path, *, force: bool) -> RowSink:
    """A file of the format its ending names; with ``force`` it takes the place of one that is there.

    Raises UnknownEnding, OutputExists, Unwritable, all before anything is written.
    """
    ending = next((e for e in WRITERS if path.name.lower().endswith(e) and len(path.name) > len(e)), None)
    if ending is None:
        raise UnknownEnding(f"{path} has no ending that is known.", fix=f"Use one of {', '.join(WRITERS)}.")
    path = path.expanduser()
    path = path.resolve() if path.is_symlink() else path
    if path.is_dir():
        raise Unwritable(f"{path} is a folder.", fix="Give the name of a file in it.")
    if not path.parent.is_dir():
        raise Unwritable(f"The folder {path.parent} does not exist.", fix="Make it first, or choose another.")
    if path.exists() and not force:
        raise OutputExists(f"{path} already exists.", fix="Choose another name, or replace it with --force.")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise Unwritable(
            f"The folder {path.parent} is not writable.", fix="Change its permissions, or choose another."
        )
    return FileSink(path, WRITERS[ending], force=force)


class FileSink:
    """Writes under a hidden name beside ``path``, which it takes when the block ends well."""

    def __init__(self, path: Path, writer: Callable[[Path], FrameWriter], *, force: bool) -> None:
        self._path, self._open_writer, self._force = path, writer, force
        self._temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        self._writer: FrameWriter | None = None

    def __enter__(self) -> Self:
        try:
            with self._translated():
                self._writer = self._open_writer(self._temporary)
        except BaseException:
            self._temporary.unlink(missing_ok=True)
            raise
        return self

    def write(self, frame: pl.DataFrame) -> None:
        """Raises Unwritable."""
        if self._writer is None:
            raise RuntimeError("write() outside of the with block")
        with self._translated():
            self._writer.write(frame)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        writer, self._writer = self._writer, None
        try:
            with self._translated():
                if writer is not None:
                    writer.close()
                if kind is None:
                    self._appear()
        except Unwritable:
            if kind is None:
                raise
        finally:
            self._temporary.unlink(missing_ok=True)

    def _appear(self) -> None:
        if self._force:
            self._temporary.replace(self._path)
            return
        try:
            os.link(self._temporary, self._path)
        except FileExistsError as error:
            raise OutputExists(
                f"{self._path} was made by somebody else meanwhile.",
                fix="Choose another name, or use --force.",
            ) from error
        except OSError:  # a file system without hard links
            self._temporary.replace(self._path)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            full = error.errno in FULL
            raise Unwritable(
                f"{self._path} cannot be written: {error.strerror or error}.",
                fix="Free space, or choose another place." if full else "Choose another place.",
            ) from error
