"""Where the rows of a text file stand in it."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.domain.errors import RowProblem
from data_platform.infrastructure.readers.byte_stream import CHUNK, ForwardReader, byte_stream
from data_platform.infrastructure.readers.csv_dialect import sniff_csv
from data_platform.infrastructure.readers.csv_table import HEAD, csv_records
from data_platform.infrastructure.readers.formats import Format, binary_format, ending, text_format
from data_platform.infrastructure.readers.utf8_text import utf8_text

START = 16  # bytes that tell a format


def on_lines(problems: Sequence[RowProblem], path: Path) -> tuple[RowProblem, ...]:
    """The problems of rows known by their place, each on its line where the file has lines."""
    lines = row_lines(path) if problems else None
    if lines is None:
        return tuple(problems)
    last = max(each.row for each in problems)
    begins = list(islice(lines, last))
    return tuple(replace(p, row=begins[p.row - 1]) if p.row <= len(begins) else p for p in problems)


def row_lines(path: Path) -> Iterator[int] | None:
    """The 1-based line on which each row begins, in their order; None where rows have no lines of their own.

    Raises InvalidTable.
    """
    name = str(path)
    stream, _ = byte_stream(path.open("rb"), name)
    if binary_format(stream.peek(START), name) is not None:
        stream.close()
        return None
    text = utf8_text(stream, name, lambda note: None)
    match text_format(text.peek(CHUNK).decode(errors="ignore"), name):
        case Format.CSV:
            dialect = sniff_csv(text.peek(HEAD).decode(errors="ignore"), name=name, ending=ending(name))
            return (line for line, _ in csv_records(text, dialect))
        case Format.NDJSON:
            return _filled_lines(text)
    text.close()
    return None


def _filled_lines(text: ForwardReader) -> Iterator[int]:
    with io.BufferedReader(text) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number
