"""The .csv and .json twins of a list."""

import asyncio
import json

import pytest
from fastapi.responses import StreamingResponse

from core.domain.errors import BadRequest
from core.domain.page import Page
from core.presentation.listing import MOST, TWIN_PAGE, ListColumn, Listing
from core.presentation.parts import Text

ITEMS = MOST + TWIN_PAGE + 1
NUMBERS: Listing[int] = Listing(
    id="numbers",
    caption="Numbers",
    columns=(ListColumn(title="Number", name="number", cell=lambda n: Text(str(n)), value=lambda n: n),),
    key=str,
)


class UnreadableCursor(BadRequest):
    title = "No such cursor"


def read(cursor: str | None) -> Page[int]:
    if cursor == "nonsense":
        raise UnreadableCursor("It is none of ours.", fix="Begin anew.")
    first = int(cursor or 0)
    after = min(first + TWIN_PAGE, ITEMS)
    return Page(tuple(range(first, after)), str(after) if after < ITEMS else None)


async def whole(answer: StreamingResponse) -> str:
    return "".join([str(part) async for part in answer.body_iterator])


def test_csv_has_every_row_of_the_list() -> None:
    answer = NUMBERS.twin("csv", read)
    assert isinstance(answer, StreamingResponse)
    lines = asyncio.run(whole(answer)).split("\r\n")
    assert lines == ["number", *map(str, range(ITEMS)), ""]


def test_json_names_the_cursor_that_goes_on() -> None:
    first = json.loads(bytes(NUMBERS.twin("json", read).body))
    rest = json.loads(bytes(NUMBERS.twin("json", read, first["next_cursor"]).body))
    numbers = [each["number"] for each in (*first["items"], *rest["items"])]
    assert numbers == list(range(ITEMS))
    assert rest["next_cursor"] is None


def test_a_cursor_nobody_gave_is_told_before_the_file_begins() -> None:
    with pytest.raises(UnreadableCursor):
        NUMBERS.twin("csv", read, "nonsense")
