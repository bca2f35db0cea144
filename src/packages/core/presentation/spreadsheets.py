"""CSV that a spreadsheet only shows: text it would run as a formula has an apostrophe before it."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(map(harmless, row) for row in rows)
    return out.getvalue()


def harmless(value: object) -> object:
    """Numbers stay numbers, also those written as text."""
    if not isinstance(value, str) or not value.startswith(FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value
