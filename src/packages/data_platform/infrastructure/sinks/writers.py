"""Frames written to a new file, one format each."""

import gzip
import io
from pathlib import Path
from typing import Any, Protocol, Self

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.application.frames.schemas import as_json, conformed, plain


class FrameWriter(Protocol):
    def write(self, frame: pl.DataFrame) -> None: ...

    def close(self) -> None:
        """Everything is in the file after it. Raises OSError."""


class CsvWriter:
    """Nested columns are JSON text, bytes hexadecimal, durations ISO 8601."""

    def __init__(self, path: Path, *, delimiter: str = ",", gzipped: bool = False) -> None:
        self._raw = path.open("xb")
        # No name and time inside: the same rows give the same bytes.
        self._file = gzip.GzipFile("", "wb", fileobj=self._raw, mtime=0) if gzipped else self._raw
        self._delimiter = delimiter
        self._header = True

    def write(self, frame: pl.DataFrame) -> None:
        text = io.BytesIO()
        as_text(frame).write_csv(text, include_header=self._header, separator=self._delimiter)
        self._file.write(text.getbuffer())
        self._header = False

    def close(self) -> None:
        try:
            self._file.close()
        finally:
            self._raw.close()


class NdjsonWriter:
    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")

    def write(self, frame: pl.DataFrame) -> None:
        text = io.BytesIO()
        plain(frame).write_ndjson(text)
        self._file.write(text.getbuffer())

    def close(self) -> None:
        self._file.close()


class ParquetWriter:
    def __init__(self, path: Path) -> None:
        self._start(path.open("xb"))

    @classmethod
    def to(cls, file: Any) -> Self:
        """To an open file, which is closed at the end."""
        made = cls.__new__(cls)
        made._start(file)
        return made

    def _start(self, file: Any) -> None:
        self._file = file
        self._writer: Any = None
        self._schema: dict[str, pl.DataType] = {}

    def write(self, frame: pl.DataFrame) -> None:
        frame = plain(frame)
        if self._writer is None:
            self._schema = dict(frame.schema)
            self._writer = self._opened(frame.head(0).to_arrow().schema)
        self._writer.write_table(conformed(frame, self._schema).to_arrow())

    def _opened(self, schema: Any) -> Any:
        return pq.ParquetWriter(self._file, schema, compression="zstd")

    def close(self) -> None:
        try:
            if self._writer is None:
                self._writer = self._opened(pa.schema([]))
            self._writer.close()
        finally:
            self._file.close()


class ArrowWriter(ParquetWriter):
    def _opened(self, schema: Any) -> Any:
        return pa.ipc.new_file(self._file, schema)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns that CSV has no form for as text."""
    return frame.with_columns(_column_as_text(series) for series in frame)


def _column_as_text(series: pl.Series) -> pl.Series:
    if series.dtype.is_nested():
        return as_json(series)
    if series.dtype == pl.Binary:
        return series.bin.encode("hex")
    if series.dtype == pl.Duration:
        return series.dt.to_string("iso")
    return series
