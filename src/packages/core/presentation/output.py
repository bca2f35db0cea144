"""Data on standard output, in the form the caller asked for."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from core.domain.errors import NotFound, Unwritable
from core.domain.suggestion import did_you_mean
from core.presentation.json_text import json_text, plain
from core.presentation.table_text import Row, folded_table, table
from core.presentation.terminal import in_colour, is_terminal

CRLF = "\r\n"


class OutputFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


class NoSuchOutputColumn(NotFound):
    title = "No such column in the output"


class OutputFailed(Unwritable):
    title = "Standard output cannot be written"


@dataclass(frozen=True, slots=True)
class Output:
    """``columns`` chooses and orders the columns of rows; ``header`` is about table and CSV."""

    format: OutputFormat = OutputFormat.TABLE
    columns: tuple[str, ...] = ()
    header: bool = True
    colour: bool = True

    def rows(self, rows: Iterable[Row], *, schema: str, columns: Sequence[str] = ()) -> None:
        """Print rows; JSON is ``{"schema": schema, "items": [...]}``. ``schema`` looks like ``anom.algorithms/1``.

        With ``columns`` given, NDJSON and CSV are written as the rows come; otherwise all rows are held to find them.
        Raises NoSuchOutputColumn, OutputFailed.
        """
        if not columns:
            rows = list(rows)
            columns = list(dict.fromkeys(key for row in rows for key in row))
        if columns:  # no rows and no names: nothing to choose from
            columns = self._chosen(columns)
        if self.columns:
            rows = ({column: row.get(column) for column in columns} for row in rows)
        if self.format is OutputFormat.JSON:
            self._print_json({"schema": schema, "items": list(rows)})
        else:
            self._print_rows(rows, columns)

    def document(self, document: Mapping[str, Any], *, rows: Iterable[Row] | None = None) -> None:
        """Print one thing, whose first key is ``schema``: as JSON in full, otherwise its ``rows``.

        Without rows NDJSON is the document on one line, table and CSV are its leaves as ``name`` and ``value``.
        """
        if self.format is OutputFormat.JSON:
            self._print_json(document)
        elif rows is not None:
            self.rows(rows, schema=str(document["schema"]))
        elif self.format is OutputFormat.NDJSON:
            write_lines([json_text(document, ascii_only=_ascii_only())])
        else:
            leaves = (
                {"name": name, "value": value} for name, value in leaves_of(document) if name != "schema"
            )
            self.rows(leaves, schema=str(document["schema"]))

    def text(self, text: str) -> None:
        """Print text that has one form only."""
        write_lines([text])

    def _chosen(self, columns: Sequence[str]) -> Sequence[str]:
        for name in self.columns:
            if name not in columns:
                raise NoSuchOutputColumn(
                    f"--columns names {name!r}, which this command does not print.",
                    fix=did_you_mean(name, columns),
                )
        return self.columns or columns

    def _print_json(self, document: Mapping[str, Any]) -> None:
        write_lines([json_text(document, indent=2, ascii_only=_ascii_only())])

    def _print_rows(self, rows: Iterable[Row], columns: Sequence[str]) -> None:
        if self.format is OutputFormat.NDJSON:
            ascii_only = _ascii_only()
            write_lines(json_text(row, ascii_only=ascii_only) for row in rows)
        elif self.format is OutputFormat.CSV:
            write_lines(csv_lines(rows, columns, header=self.header))
        elif not is_terminal(sys.stdout):
            write_lines(filter(None, [table(list(rows), columns, header=self.header)]))
        elif columns:
            colour = in_colour(sys.stdout, wanted=self.colour)
            folded_table(list(rows), columns, header=self.header, colour=colour)


def csv_lines(rows: Iterable[Row], columns: Sequence[str], *, header: bool = True) -> Iterator[str]:
    """Lines of RFC 4180 without their line ends; nested values as JSON, missing and NaN as nothing."""
    line = io.StringIO()
    writer = csv.writer(line, lineterminator=CRLF)  # csv quotes the characters of the line end
    names: tuple[Sequence[object], ...] = (columns,) if header and columns else ()
    for fields in chain(names, ([_field(row.get(column)) for column in columns] for row in rows)):
        writer.writerow(fields)
        yield line.getvalue().removesuffix(CRLF)
        line.seek(0)
        line.truncate()


def leaves_of(document: Mapping[str, Any], *, above: str = "") -> Iterator[tuple[str, object]]:
    """Each value that is no mapping, with its dot path."""
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield from leaves_of(value, above=f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def write_lines(lines: Iterable[str]) -> None:
    """Write to standard output and flush. Raises OutputFailed; a reader that has gone is a BrokenPipeError."""
    if sys.stdout is None:
        raise OutputFailed("Standard output is closed.", fix="Open it, or send it to a file.")
    for line in lines:
        with _writing():
            sys.stdout.write(line + "\n")
    with _writing():
        sys.stdout.flush()


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(
            f"Standard output cannot be written: {error.strerror}.",
            fix="Free some space, or send it elsewhere.",
        ) from error


def _field(value: object) -> object:
    simple = plain(value)
    return (
        json_text(simple)
        if isinstance(simple, list | dict)
        else str(simple).lower()
        if isinstance(simple, bool)
        else simple
    )


def _ascii_only() -> bool:
    encoding = (sys.stdout and sys.stdout.encoding) or "utf-8"
    return encoding.lower().replace("-", "") != "utf8"
