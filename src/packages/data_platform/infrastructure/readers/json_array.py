"""A JSON document as rows: an array of objects or of arrays, streamed; or an object that holds columns or records."""

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from core.domain.errors import RowProblem
from data_platform.application.frames.values import column
from data_platform.application.refusals import InvalidTable
from data_platform.infrastructure.readers.byte_stream import CHUNK, ForwardReader
from data_platform.infrastructure.readers.json_rows import ROWS_AT_ONCE, Check, flattened, objects_frame

_GAP = re.compile(r"[\s,]*")
_SHAPES = 'Give an array of objects: [{"a": 1}, {"a": 2}].'


def json_frames(text: ForwardReader, name: str, check: Check) -> Iterator[pl.DataFrame]:
    """Raises InvalidTable with line and column of what is not JSON, or with the shape that is no table."""
    if text.peek(CHUNK).lstrip()[:1] == b"[":
        yield from _frames_of(array_values(text, name), name, check)
        return
    document = _loaded(text.read().decode(), name)
    records = (
        [value for value in document.values() if isinstance(value, list)]
        if isinstance(document, dict)
        else []
    )
    if len(records) == 1 and all(isinstance(row, dict) for row in records[0]):
        yield from _frames_of(iter(records[0]), name, check)
    elif records and len(records) == len(document) and len({len(values) for values in records}) == 1:
        check(document)
        yield flattened(pl.DataFrame([column(key, values) for key, values in document.items()]), check)
    elif isinstance(document, dict) and document:
        yield objects_frame([document], name, check)
    else:
        raise InvalidTable(f"{name} is JSON but not a table.", fix=_SHAPES)


def _frames_of(values: Iterator[Any], name: str, check: Check) -> Iterator[pl.DataFrame]:
    rows: list[dict[str, Any]] = []
    for number, value in enumerate(values, start=1):
        if isinstance(value, list):
            value = {f"x{i}": cell for i, cell in enumerate(value)}
        elif not isinstance(value, dict):
            value = {"x0": value}
        rows.append(value)
        if number % ROWS_AT_ONCE == 0:
            yield objects_frame(rows, name, check)
            rows = []
    if rows:
        yield objects_frame(rows, name, check)


def array_values(text: ForwardReader, name: str) -> Iterator[Any]:
    """The values of the array, one after the other, without holding the whole of it."""
    scan = _Scan(text, name)
    scan.skip("[")
    while (value := scan.value()) is not _END:
        yield value


_END = object()


class _Scan:
    """A window of the text, moved on value by value."""

    def __init__(self, text: ForwardReader, name: str) -> None:
        self._text, self._name = text, name
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._window, self._position, self._line, self._column = "", 0, 1, 1
        self._values = 0
        self._scanner = json.JSONDecoder().raw_decode

    def skip(self, opening: str) -> None:
        self._grow()
        self._position = self._window.index(opening) + 1

    def value(self) -> Any:
        """The next value, or ``_END`` after the closing bracket."""
        while True:
            begins = _GAP.match(self._window, self._position).end()  # type: ignore[union-attr]  # it matches nothing too
            if self._window[begins : begins + 1] == "]":
                return _END
            try:
                value, end = self._scanner(self._window, begins)
                if end < len(self._window):
                    self._position = end
                    self._values += 1
                    return value
                problem = json.JSONDecodeError("the array is not closed", self._window, end)
            except json.JSONDecodeError as error:
                problem = error
            refusal = self._invalid(problem)  # before the window moves
            if not self._grow():
                raise refusal from problem

    def _grow(self) -> bool:
        """Drop what was read and at least double what was not, so that a long value costs little more than its length."""
        read, unread = self._window[: self._position], self._window[self._position :]
        self._line += read.count("\n")
        self._column = len(read) - read.rfind("\n") if "\n" in read else self._column + len(read)
        more = self._text.read(max(CHUNK, len(unread)))
        self._window, self._position = unread + self._decode(more, final=not more), 0
        return bool(more)

    def _invalid(self, error: json.JSONDecodeError) -> InvalidTable:
        line = self._line + error.lineno - 1
        place = error.colno + (self._column - 1 if error.lineno == 1 else 0)
        found = f"{error.msg}, line {line:,} column {place:,}."
        return _not_json(self._name, found, [RowProblem(row=self._values + 1, column=None, detail=found)])


def _loaded(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _not_json(name, f"{error.msg}, line {error.lineno:,} column {error.colno:,}.") from error


def _not_json(name: str, reason: str, problems: Sequence[RowProblem] = ()) -> InvalidTable:
    return InvalidTable(
        f"{name} is not valid JSON: {reason}",
        fix="Correct it there, or write the table again.",
        problems=problems,
    )
