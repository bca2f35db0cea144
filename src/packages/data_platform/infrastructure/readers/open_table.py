"""A table from whatever names it: a file, a folder, a pattern, standard input, a database."""

import re
import stat
import sys
from collections.abc import Callable, Collection
from functools import partial
from glob import glob
from pathlib import Path
from typing import BinaryIO

from core.domain.errors import InvalidOption
from core.domain.suggestion import nearest
from data_platform.application.ports import Table
from data_platform.application.refusals import InvalidTable, NoSuchSource, Unreadable
from data_platform.infrastructure.readers.arrow_table import ArrowTable
from data_platform.infrastructure.readers.byte_stream import (
    CHUNK,
    GZIP,
    ZSTANDARD,
    ForwardReader,
    byte_stream,
)
from data_platform.infrastructure.readers.formats import Format, binary_format
from data_platform.infrastructure.readers.parquet_table import ParquetTable
from data_platform.infrastructure.readers.spool import (
    SpoolSettings,
    TemporaryFile,
    check_limit,
    writing_temporary,
)
from data_platform.infrastructure.readers.text_tables import TextSource, text_table
from data_platform.infrastructure.readers.utf8_text import utf8_text

START = 16  # bytes that tell a format
SMALL_FILE = 32 << 20  # bytes; kept in memory rather than read twice
PARQUET_ENDINGS = (".parquet", ".pq")
DEFAULT_SPOOL = SpoolSettings()
_DATABASE_URL = re.compile(r"^[A-Za-z][A-Za-z0-9_+]*://")
_PATTERN = re.compile(r"[*?\[]")


class QueryWithoutDatabase(InvalidOption):
    title = "--query is for databases"


class NoStandardInput(InvalidOption):
    title = "Nothing comes in on standard input"


def any_names(names: Collection[str]) -> None:
    """The check of columns that refuses none."""


def open_table(
    source: str,
    *,
    query: str | None = None,
    spool: SpoolSettings = DEFAULT_SPOOL,
    check: Callable[[Collection[str]], None] = any_names,
) -> Table:
    """``source``: a path, a folder of Parquet files, a pattern such as ``part-*.parquet``, ``-``, a database URL.
    ``check`` may refuse the names of a text file's columns before its rows are read.

    Raises NoSuchSource, Unreadable, InvalidTable, InvalidOption, Unavailable, and Unwritable where rows that can be
    read only once cannot be kept.
    """
    if _DATABASE_URL.match(source):
        from data_platform.infrastructure.readers.sql_table import query_table  # SQLAlchemy: 0.2 s only here

        return query_table(source, query, spool)
    if query is not None:
        raise QueryWithoutDatabase(
            f"{source} is not a database.",
            fix="Leave --query out, or give a URL such as postgresql://host/name.",
        )
    if source == "-":
        return _stream_table(_standard_input(), "stdin", spool, again=None, keep=True, check=check)
    path = Path(source).expanduser()
    kind = _kind(path)
    if kind is None and _PATTERN.search(source):
        matching = glob(str(path), recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
        return _files_table(sorted(map(Path, matching)), source, spool)
    if kind is not None and stat.S_ISDIR(kind):
        return _folder_table(path)
    if kind is not None and not stat.S_ISREG(kind):
        return _stream_table(_opened(path), str(path), spool, again=None, keep=True, check=check)
    return _file_table(path, spool, check)


def _kind(path: Path) -> int | None:
    """The kind of file that is there, if any."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def _file_table(path: Path, spool: SpoolSettings, check: Callable[[Collection[str]], None]) -> Table:
    def again() -> BinaryIO:
        return _opened(path)

    with again() as file:
        start = _start(file, path)
    small = path.stat().st_size <= SMALL_FILE
    match None if start.startswith((GZIP, ZSTANDARD)) else binary_format(start, str(path)):
        case Format.PARQUET:
            return ParquetTable(str(path), (path,))
        case Format.ARROW_FILE | Format.ARROW_STREAM:
            return ArrowTable(str(path), again)
    return _stream_table(again(), str(path), spool, again=again, keep=small, check=check)


def _start(file: BinaryIO, path: Path) -> bytes:
    try:
        return file.read(START)
    except OSError as error:
        raise Unreadable(
            f"{path} cannot be read: {error.strerror}.", fix="Check the file and its disk."
        ) from error


def _stream_table(
    file: BinaryIO,
    name: str,
    spool: SpoolSettings,
    *,
    again: Callable[[], BinaryIO] | None,
    keep: bool,
    check: Callable[[Collection[str]], None],
) -> Table:
    stream, compression = byte_stream(file, name)
    with stream:
        match binary_format(stream.peek(START), name):
            case Format.PARQUET:
                return ParquetTable(name, (_copied(stream, name, spool),))
            case Format.ARROW_FILE | Format.ARROW_STREAM:
                return ArrowTable(name, _copied(stream, name, spool))
        notes: list[str] = []
        text = utf8_text(stream, name, notes.append)
        reopen = None if again is None else partial(_text_again, again, name)
        return text_table(TextSource(name, text, reopen, spool, keep or bool(compression), check, notes))


def _text_again(again: Callable[[], BinaryIO], name: str) -> ForwardReader:
    return utf8_text(byte_stream(again(), name)[0], name, lambda _: None)


def _copied(stream: ForwardReader, name: str, spool: SpoolSettings) -> Callable[[], BinaryIO]:
    """The rest of the stream in a temporary file: these formats are read from their end."""
    with writing_temporary(spool, name):
        temporary = TemporaryFile(spool)
        while chunk := stream.read(CHUNK):
            temporary.file.write(chunk)
            check_limit(temporary.file.tell(), spool, name)
        temporary.file.flush()
    return temporary.reopened


def _folder_table(folder: Path) -> Table:
    found = sorted(
        p for p in folder.rglob("*") if p.suffix.lower() in PARQUET_ENDINGS and not _hidden(p, folder)
    )
    if not found:
        raise NoSuchSource(
            f"{folder} is a folder with no Parquet files in it.",
            fix="Give one file of it, or a folder of .parquet files.",
        )
    return ParquetTable(str(folder), found, root=folder)


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def _files_table(paths: list[Path], pattern: str, spool: SpoolSettings) -> Table:
    files = [path for path in paths if path.is_file()]
    if not files:
        raise NoSuchSource(f"No file matches {pattern}.", fix="Check the pattern and the folder you are in.")
    if len(files) == 1:
        return _file_table(files[0], spool, any_names)
    for file in files:
        with _opened(file) as opened:
            if opened.read(4) != b"PAR1":
                raise InvalidTable(
                    f"{pattern} matches {len(files):,} files, and {file} is not Parquet.",
                    fix="Several files are read as one table only when all are Parquet; give one file.",
                )
    return ParquetTable(pattern, files)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise NoSuchSource(f"{path} does not exist.", fix=_whereabouts(path)) from error
    except PermissionError as error:
        raise Unreadable(
            f"{path} may not be read: permission denied.", fix="Change its permissions."
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise Unreadable(f"{path} cannot be read: {reason}.", fix="Check the path.") from error


def _whereabouts(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {path.parent} either."
    try:
        close = nearest(path.name, [p.name for p in path.parent.iterdir()])
    except OSError:
        close = ()
    return f"Did you mean {' or '.join(map(repr, close))}?" if close else "Check the path."


def _standard_input() -> BinaryIO:
    fix = "Pipe a table into the command, or give a file: --input data.csv."
    if sys.stdin is None or sys.stdin.closed:
        raise NoStandardInput("Standard input is closed.", fix=fix)
    if sys.stdin.isatty():
        raise NoStandardInput("Standard input is a terminal.", fix=fix)
    return sys.stdin.buffer
