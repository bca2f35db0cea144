"""Conditions on rows, and places among them, as addresses hold them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from core.domain.errors import BadRequest
from core.domain.page import InvalidCursor
from data_platform.application.datasets.ports import Condition

OPERATORS = ("eq", "gte", "lte", "contains", "missing", "not_number")
LONGEST_LINKED = 1_000  # characters of a condition that stands in a page's links


class MalformedCondition(BadRequest):
    title = "The condition is not well-formed"


def condition_of(text: str) -> Condition:
    """A column's name may hold colons: the operator is the first that is one. Raises MalformedCondition."""
    found = [(text.find(f":{operator}:"), operator) for operator in OPERATORS]
    places = [(place, operator) for place, operator in found if place > 0]
    if not places:
        raise MalformedCondition(
            f"{text[:80]!r} is none.", fix="Write column:operator:value, such as amount:gte:100."
        )
    place, operator = min(places)
    return Condition(text[:place], operator, text[place + len(operator) + 2 :])


def text_of(condition: Condition) -> str:
    return f"{condition.column}:{condition.operator}:{condition.value}"


def where_is(column: str, value: object) -> str | None:
    """The condition, as text, that a column has the value, None being missing; None where it is too long for an address."""
    where = f"{column}:missing:" if value is None else f"{column}:eq:{value}"
    return where if len(where) <= LONGEST_LINKED else None


def row_cursor(row: int) -> str:
    return urlsafe_b64encode(f"row:{row}".encode()).decode().rstrip("=")


def row_after(cursor: str | None) -> int:
    """Raises InvalidCursor."""
    if cursor is None:
        return 0
    try:
        name, _, digits = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except ValueError:
        name = digits = ""
    if name != "row" or not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise InvalidCursor("It is of another list.", fix="Leave it out to start from the first page.")
    return int(digits) + 1
