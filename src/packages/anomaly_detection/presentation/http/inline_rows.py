"""Rows in JSON bodies, read without Pydantic: it would cost many times what scoring them does."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from anomaly_detection.application.scoring.limits import MOST_ROWS, require_few, require_narrow
from anomaly_detection.domain.detector import Matrix
from anomaly_detection.presentation.http.number_rows import number_rows, occurrences
from core.domain.errors import BadRequest, Invalid
from core.presentation.problems import pointer_step

STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
PLACE = re.compile(r"^(?P<said>.*?)(?: - at `\$(?P<path>[^`]*)`)?$", re.DOTALL)

Cell = int | float | str | bool | None
Row = dict[str, Any]
S = TypeVar("S", bound="RowsBody")


class MalformedJson(BadRequest):
    title = "The body is not JSON"


class InvalidBody(Invalid):
    title = "The body is not what is asked for"


class BadCell(Invalid):
    title = "A value is none that can be scored"


class NoRows(Invalid):
    title = "There are no rows"


class RowsBody(Struct, forbid_unknown_fields=True):
    """``data`` is a list of objects, one per row. What is left out is UNSET, which is false."""

    data: Raw | UnsetType = UNSET
    explain: bool | UnsetType = UNSET

    @property
    def explains(self) -> bool:
        return self.explain is not False


class ModelScoresBody(RowsBody):
    contamination: Annotated[float, Meta(gt=0, le=0.5)] | UnsetType | None = UNSET


class DetectBody(ModelScoresBody):
    dataset_id: Annotated[str, Meta(min_length=1, max_length=120)] | UnsetType | None = UNSET
    algorithm: Annotated[str, Meta(min_length=1, max_length=120)] | UnsetType | None = UNSET
    model: Annotated[str, Meta(min_length=1, max_length=200)] | UnsetType | None = UNSET
    params: Annotated[dict[str, Cell], Meta(max_length=100)] | UnsetType = UNSET
    seed: Annotated[int, Meta(ge=0, lt=2**32)] | UnsetType = UNSET


NUMBERS = msgspec.json.Decoder(list[dict[str, float | None]])
CELLS = msgspec.json.Decoder(list[dict[str, Cell]])
CELL = msgspec.json.Decoder(Cell)
ROW = msgspec.json.Decoder(dict[str, Raw])
BODIES = {kind: msgspec.json.Decoder(kind) for kind in (RowsBody, ModelScoresBody, DetectBody)}


def body_of(kind: type[S], body: bytes) -> S:
    """Raises MalformedJson, InvalidBody."""
    try:
        return cast(S, BODIES[kind].decode(body))
    except msgspec.ValidationError as error:
        raise _invalid(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _malformed(error) from None


def options_of(kind: type[S], options: Mapping[str, str]) -> S:
    """What a body says besides its rows, from query parameters. Raises InvalidBody."""
    try:
        return msgspec.convert(dict(options), kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidBody(f"{error}.", fix="Correct the query parameter.") from None


@dataclass(frozen=True, slots=True)
class InlineRows:
    """The rows of a body."""

    body: RowsBody
    text: bytes  # the whole body

    def values(self, columns: Sequence[str]) -> Matrix | None:
        """Raises NoRows, TooManyRows, InvalidBody."""
        found = number_rows(self._data(), columns)
        if found is not None:
            self._require_given_once(found.size)
        return found

    def mappings(self) -> list[Row]:
        """Raises NoRows, TooManyRows, TooHeavy, BadCell, InvalidBody, MalformedJson."""
        return self._numeric() or self.all()

    def _numeric(self) -> list[Row] | None:
        """The rows where all their values are numbers or null, and else None."""
        try:
            rows: list[Row] = NUMBERS.decode(self._data())
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return self._checked(rows)

    def all(self) -> list[Row]:
        """As ``mappings``, where whole numbers stay such."""
        data = self._data()
        try:
            rows: list[Row] = CELLS.decode(data)
        except msgspec.ValidationError as error:
            raise _bad_cell(data, error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise _malformed(error) from None
        return self._checked(rows)

    def _data(self) -> bytes:
        """Raises TooManyRows before anything is made of the rows, and InvalidBody where there are none."""
        text = bytes(self.body.data) if self.body.data is not UNSET else b"null"
        if text == b"null":
            raise InvalidBody(
                "It has no rows.", fix="Give them as data: a list of objects.", pointer="#/data"
            )
        if occurrences(text, "{") > MOST_ROWS:  # also those in text
            require_few(STRING.sub(b"", text).count(b"{"))
        return text

    def _checked(self, rows: list[Row]) -> list[Row]:
        if not rows:
            raise NoRows("data is an empty list.", fix="Give at least one row.", pointer="#/data")
        require_narrow(len(rows), len(set().union(*rows)))
        self._require_given_once(sum(map(len, rows)))
        return rows

    def _require_given_once(self, names: int) -> None:
        """``names``: of all rows. Raises InvalidBody where there are more of them, so that one came twice."""
        given = [getattr(self.body, name) for name in self.body.__struct_fields__]
        names += sum(value is not UNSET for value in given)
        names += sum(len(value) for value in given if type(value) is dict)
        # Each has a colon. Others are in text, such as pumps:3; with escapes, one may be there in disguise.
        texts = "".join(value for value in given if type(value) is str) if b"\\" not in self.text else ""
        if (
            occurrences(self.text, ":") != names + texts.count(":")
            and STRING.sub(b"", self.text).count(b":") != names
        ):
            raise _given_twice(self.text)


def _given_twice(text: bytes) -> InvalidBody:
    twice: list[str] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        held = dict(pairs)
        if not twice and len(held) < len(pairs):
            counts = Counter(name for name, _ in pairs)
            twice.append(next(name for name, count in counts.items() if count > 1))
        return held

    json.loads(text, object_pairs_hook=note, parse_int=float)
    name = twice[0] if twice else ""
    return InvalidBody(f"The name {name[:80]!r} is given twice in one object.", fix="Give each name once.")


def _bad_cell(data: bytes, error: msgspec.ValidationError) -> Invalid:
    found = re.search(r"\$\[(\d+)\]\[\.\.\.\]", str(error))
    if found is None:
        return _invalid(error, "#/data")
    number = int(found[1])
    cells = ROW.decode(msgspec.json.decode(data, type=list[Raw])[number])
    for name, cell in cells.items():
        try:
            CELL.decode(cell)
        except msgspec.ValidationError as refused:
            return BadCell(
                f"{name[:80]!r} of row {number}: {refused}.",
                fix="Give a number, text, true, false or null.",
                pointer=f"#/data/{number}/{pointer_step(name)}",
            )
    return _invalid(error, "#/data")


def _invalid(error: msgspec.ValidationError, start: str = "#") -> InvalidBody:
    found = PLACE.match(str(error))
    path = (found and found["path"]) or ""
    steps = [step for step in re.split(r"[.\[\]]+", path) if step]
    unknown = re.search(r"unknown field `([^`]*)`", str(error))
    if unknown:
        steps.append(unknown[1])
    pointer = "/".join([start, *map(pointer_step, steps)])
    said = found["said"] if found else str(error)
    return InvalidBody(f"{said}.", fix="See the API's reference for this route.", pointer=pointer)


def _malformed(error: Exception) -> MalformedJson:
    said = "It is nested too deeply" if isinstance(error, RecursionError) else "It cannot be read"
    if isinstance(error, msgspec.DecodeError):
        said = str(error)
    return MalformedJson(f"{said}.", fix="Send one JSON object in UTF-8.")
