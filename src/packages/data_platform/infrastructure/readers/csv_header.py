"""The header of a CSV file: whether there is one, what stands above it, and the names in it."""

import re
from collections import Counter
from collections.abc import Sequence

from data_platform.application.refusals import InvalidTable

NUMBER_OR_DATE = re.compile(r"^[+-]?[\d.,:/ eE+-]*\d[\d.,:/ eE+-]*$|^[+-]?(nan|inf|infinity)$", re.IGNORECASE)
YEAR = re.compile(r"^(19|20)[0-9]{2}$")
MOST_TITLES = 10


def titles_above(records: Sequence[list[str]]) -> int:
    """How many of the first records are titles: each a text alone, above a header and rows of several fields."""
    filled = [sum(bool(cell.strip()) for cell in record) for record in records[: MOST_TITLES + 1]]
    titles = next((place for place, n in enumerate(filled) if n > 1), 0)
    table = [list(record) for record in records[titles:]]
    if not titles or len(table) < 2 or {len(record) for record in table} != {len(table[0])}:
        return 0
    above, width = records[:titles], len(table[0])
    is_alone = all(
        len(record) in (1, width) and (n == 0 or record[0].strip())
        for record, n in zip(above, filled, strict=False)
    )
    # "a" above "x,y" may be the name of one column whose texts have commas in them.
    is_title = width > 2 or " " in above[0][0].strip() or above[0][0].startswith("#")
    return titles if is_alone and is_title and has_header(table) else 0


def has_header(records: list[list[str]]) -> bool:
    """Whether the first record names the columns, told by where it differs in kind from those below."""
    first, body = records[0], records[1:]
    valued = [bool(NUMBER_OR_DATE.match(cell.strip())) for cell in first]
    if not any(valued):
        return any(cell.strip() for cell in first)
    if [cell.strip() for cell in first] == [str(i) for i in range(len(first))] and len(first) > 1 and body:
        return True
    if any(not v and _all_match(NUMBER_OR_DATE, body, column) for column, v in enumerate(valued)):
        return True
    years = [column for column, v in enumerate(valued) if v]
    return len(years) < len(first) and all(
        YEAR.match(first[column].strip()) and not _all_match(YEAR, body, column) for column in years
    )


def _all_match(pattern: re.Pattern[str], body: list[list[str]], column: int) -> bool:
    cells = [record[column].strip() for record in body if column < len(record)]
    return any(cells) and all(pattern.match(cell) for cell in cells if cell)


def names_in(first: list[str], body: list[list[str]], *, header: bool) -> tuple[tuple[str, ...], bool]:
    if not header:
        return tuple(f"x{i}" for i in range(len(first))), False
    names = [cell.strip() for cell in first]
    one_more = bool(body) and all(len(record) == len(names) + 1 for record in body)
    spare = one_more and not any(record[-1].strip() for record in body)
    if one_more and not spare:
        names = ["", *names]  # R's write.table: no name above the row names
    taken = set(names)
    for i, column in enumerate(names):
        if not column:
            names[i] = _free(f"column_{i + 1}", taken)
    return tuple(names), spare


def _free(wanted: str, taken: set[str]) -> str:
    free = wanted
    while free in taken:
        free += "_"
    taken.add(free)
    return free


def refuse_duplicates(names: tuple[str, ...], name: str) -> None:
    twice = [column for column, n in Counter(names).items() if n > 1]
    if twice:
        shown = ", ".join(map(repr, twice[:5])) + (", ..." if len(twice) > 5 else "")
        raise InvalidTable(
            f"{name} has more than one column named {shown}.",
            fix="Rename them so that every name is there once.",
        )
