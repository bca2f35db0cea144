"""CSV and TSV, streamed as text."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

import polars as pl
import pyarrow as pa
from pyarrow import csv as pacsv

from core.domain.errors import MOST_PROBLEMS, RowProblem
from core.domain.wording import count
from data_platform.application.frames.arrow_frames import frame_of
from data_platform.application.frames.batching import TEXT_WEIGHT, batch_rows, rebatched
from data_platform.application.ports import BATCH_ROWS
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.byte_stream import ForwardReader
from data_platform.infrastructure.readers.csv_dialect import CsvDialect

HEAD = 1 << 20  # bytes looked at to find the dialect
BLOCK = 1 << 20
LONG_LINE, LONG_BLOCK = 1 << 16, 1 << 24  # bytes; the reader needs a whole row in one block
RAGGED_SHOWN = 5
_SPARE = "\0spare"


@dataclass(frozen=True, slots=True)
class CsvText:
    """Every cell as the text it is. ``open_text`` gives the file anew, in UTF-8."""

    name: str
    dialect: CsvDialect
    open_text: Callable[[], ForwardReader]
    rows: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        return {name: pl.String() for name in self.dialect.names}

    def row_count(self) -> int | None:
        return self.rows

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        chosen = list(self.dialect.names) if columns is None else list(columns)
        read = chosen or list(self.dialect.names[:1])  # the rows of no column still count
        rows = batch_rows(rows, TEXT_WEIGHT * len(read))
        with self.open_text() as text:
            frames = csv_frames(text, self.dialect, self.name, columns=read, again=self.open_text)
            for frame in rebatched(frames, rows):
                yield frame if chosen else pl.DataFrame(height=len(frame))


def csv_frames(
    text: ForwardReader,
    dialect: CsvDialect,
    name: str,
    *,
    columns: Sequence[str],
    again: Callable[[], ForwardReader] | None,
) -> Iterator[pl.DataFrame]:
    """The rows, in frames as they come; ``text`` stands at the start of the file. Raises InvalidTable.

    ``again`` opens the text anew, to tell the lines of ragged rows.
    """
    text.read(dialect.start)
    start = text.peek(BLOCK)
    if not start.strip():
        return
    block = LONG_BLOCK if max(map(len, start.splitlines())) > LONG_LINE else BLOCK
    ragged = _RaggedRows()
    try:
        with _reader(text, dialect, columns, ragged, block=block) as reader:
            for batch in reader:
                yield frame_of(batch)
    except (pa.ArrowException, OSError) as error:
        if ragged.rows:
            raise _ragged(dialect, name, ragged, again) from error
        if "straddling" in str(error):
            raise InvalidTable(
                f"{name} has a row of more than {block:,} bytes, probably because of a quote that is never closed.",
                fix="Close the quote, or write quotes inside a value twice.",
            ) from error
        raise InvalidTable(
            f"{name} is not CSV that can be read: {error}.", fix="Check it near there."
        ) from error


def _reader(
    text: ForwardReader, dialect: CsvDialect, columns: Sequence[str], ragged: "_RaggedRows", *, block: int
) -> Any:
    names = [*dialect.names, _SPARE] if dialect.spare_field else list(dialect.names)
    return pacsv.open_csv(
        pa.PythonFile(text, mode="r"),
        read_options=pacsv.ReadOptions(column_names=names, block_size=block, use_threads=False),
        parse_options=pacsv.ParseOptions(
            delimiter=dialect.delimiter,
            quote_char=dialect.quote,
            escape_char=dialect.escape or False,
            newlines_in_values=True,
            invalid_row_handler=ragged,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            include_columns=list(columns),
            strings_can_be_null=False,
        ),
    )


class _RaggedRows:
    """Called by the reader for a row of another length than the header."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def __call__(self, row: Any) -> str:
        self.rows.append(row)
        return "error"


def _ragged(
    dialect: CsvDialect, name: str, ragged: _RaggedRows, again: Callable[[], ForwardReader] | None
) -> InvalidTable:
    row = ragged.rows[0]
    lines: list[tuple[int, int]] = []
    if again is not None:
        with again() as text:
            wrong = (
                (at, len(found)) for at, found in csv_records(text, dialect) if len(found) != dialect.fields
            )
            lines = list(islice(wrong, MOST_PROBLEMS))
    if lines:
        shown = lines[:RAGGED_SHOWN]
        where = f"line{'s' * (len(shown) > 1)} " + ", ".join(f"{line:,}" for line, _ in shown)
        where += " has" if len(shown) == 1 else " have"
    else:
        where = f"row {row.number:,} has" if row.number else "a row has"
        shown = [(row.number or 0, row.actual_columns)]
    counts = " or ".join(map(str, sorted({n for _, n in shown})))
    above = ""
    if all(n > dialect.fields for _, n in shown):
        above = " Take out lines above the header."
    elif lines and lines[0][0] == dialect.start_line:
        above = " If the first lines are a title, take them out: the names of the columns come first."
    return InvalidTable(
        f"{name} has {dialect.fields} columns, but {where} {counts} field{'' if counts == '1' else 's'} (delimiter {dialect.delimiter!r}).",
        fix=f"Give every row as many fields as the header; put quotes around values that contain the delimiter.{above}",
        problems=[
            RowProblem(
                row=line, column=None, detail=f"It has {count(n, 'field')} instead of {dialect.fields}."
            )
            for line, n in lines
        ],
    )


def csv_records(text: ForwardReader, dialect: CsvDialect) -> Iterator[tuple[int, list[str]]]:
    """Each row with the 1-based line on which it begins, as far as they can be told apart; blank lines are none.
    ``text`` stands at the start of the file."""
    text.read(dialect.start)
    with io.TextIOWrapper(io.BufferedReader(text), encoding="utf-8", newline="") as lines:
        begins = dialect.start_line
        reader = csv.reader(
            lines, delimiter=dialect.delimiter, quotechar=dialect.quote, escapechar=dialect.escape or None
        )
        with suppress(csv.Error):  # a field of more than 128 KiB
            for record in reader:
                if record:
                    yield begins, record
                begins = dialect.start_line + reader.line_num
