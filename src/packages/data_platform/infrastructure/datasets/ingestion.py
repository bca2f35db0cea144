"""Files as they come, read into Parquet files as they are kept."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.application.files import TenantFiles
from core.domain.errors import DomainError, TooLarge
from data_platform.application.datasets.ports import StoredRows
from data_platform.application.datasets.upload_version import NotSmall
from data_platform.application.ports import Table
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.byte_stream import CHUNK, GZIP, ZSTANDARD, byte_stream
from data_platform.infrastructure.readers.open_table import open_table
from data_platform.infrastructure.readers.spool import SpoolSettings
from data_platform.infrastructure.sinks.writers import ParquetWriter

MOST_COLUMNS = 5_000
LONGEST_NAME = 500
SMALL_INFLATED = 16 << 20
UPLOAD = "The upload"


class FileTooLarge(TooLarge):
    title = "There is more in it than is taken"


@dataclass(frozen=True, slots=True)
class Ingestion:
    """``most_bytes``: of a file once it is decompressed."""

    files: TenantFiles
    spool: SpoolSettings
    most_bytes: int

    def ingest(self, raw: Path, staged: Path, *, small: bool, advance: Callable[[int], None]) -> StoredRows:
        try:
            with self.opened(raw, most=SMALL_INFLATED if small else self.most_bytes) as table:
                return write(table, staged, advance)
        except FileTooLarge:
            if small:
                raise NotSmall from None
            raise

    @contextmanager
    def opened(self, raw: Path, *, most: int) -> Iterator[Table]:
        """The file's table, while it is there; refusals name no path of ours. Raises InvalidTable, FileTooLarge."""
        with self.files.staging(f".plain{raw.suffix}") as plain:
            path = inflated(raw, plain, most)
            try:
                table = open_table(str(path), spool=self.spool, check=check_columns)
                check_columns(table.schema)
                yield table
            except DomainError as error:
                raise without_path(error, path) from error
            except RecursionError as error:
                raise InvalidTable(
                    "Its JSON is nested too deeply.", fix="Send rows whose values are numbers and text."
                ) from error


def inflated(raw: Path, plain: Path, most: int) -> Path:
    """The file itself, or what it holds compressed, in ``plain``. Raises InvalidTable, FileTooLarge."""
    with raw.open("rb") as file:
        if not file.read(4).startswith((GZIP, ZSTANDARD)):
            return raw
        file.seek(0)
        stream, _ = byte_stream(file, UPLOAD)
        with plain.open("xb") as out:
            while chunk := stream.read(CHUNK):
                if out.tell() + len(chunk) > most:
                    raise FileTooLarge(
                        f"Decompressed it has more than {most:,} bytes.",
                        fix="Send it in parts.",
                        limit=most,
                    )
                out.write(chunk)
    return plain


def check_columns(names: Collection[str]) -> None:
    """Raises InvalidTable."""
    if len(names) > MOST_COLUMNS:
        raise InvalidTable(
            f"It has {len(names):,} columns; a dataset has at most {MOST_COLUMNS:,}.",
            fix="Leave some out, or send a row per measurement.",
        )
    for name in names:
        if len(name) > LONGEST_NAME or "\x00" in name:
            raise InvalidTable(
                f"The column name {name[:40]!r} is longer than {LONGEST_NAME} characters or holds a NUL.",
                fix="Rename the column.",
            )


def write(table: Table, staged: Path, advance: Callable[[int], None] = lambda rows: None) -> StoredRows:
    """All rows of the table at ``staged``. Raises InvalidTable where there are none."""
    rows, schema = 0, {n: pl.String() if t == pl.Null else t for n, t in table.schema.items()}
    writer = ParquetWriter(staged)
    try:
        for batch in table.batches():
            if batch.height:
                writer.write(batch)
                rows += len(batch)
                advance(len(batch))
    finally:
        writer.close()
    if not rows:
        raise InvalidTable("It has no rows.", fix="Send at least one row below the header.")
    return StoredRows(
        path=staged, rows=rows, columns={n: str(t) for n, t in schema.items()}, notes=tuple(table.notes)
    )


def without_path(error: DomainError, path: Path) -> DomainError:
    """The same error about "The upload"."""
    detail, fix = (
        text.replace(str(path), UPLOAD).replace(path.name, UPLOAD) for text in (error.detail, error.fix)
    )
    return type(error)(detail, fix=fix, problems=error.problems, **error.facts)
