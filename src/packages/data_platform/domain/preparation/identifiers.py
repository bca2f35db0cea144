"""Columns that name rows, or point at other things, instead of measuring something."""

import re
from typing import Any

import numpy as np
import polars as pl

NAMED_ID = re.compile(
    r"(^|[\s_.\-])(id|ids|uuid|guid|key|pk|index|idx|rowid|rownum|row_?number)$", re.IGNORECASE
)
CAMEL_ID = re.compile(r"[a-z](Id|ID|Uuid|UUID|Key)$")
UUID = r"^(?i)\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$"
CODE = r"^\S*\d\S*$"  # one word with a digit in it
FEWEST_COUNTED = 5  # rows: 1, 2, 3, 4 may be measured
FEWEST_RISING = 50  # rows: 2^-50 is the chance that a measurement rises throughout by accident


def named_like_identifier(name: str) -> bool:
    """``customer_id``, ``rowId``, ``uuid``; but neither ``paid`` nor ``humid``."""
    return bool(
        NAMED_ID.search(name.strip()) or CAMEL_ID.search(name.strip()) or name.startswith("Unnamed: ")
    )


def identifying_integers(series: pl.Series) -> str | None:
    """Why a column of whole numbers names its rows, or None where it may be a measurement."""
    present = series.drop_nulls()
    n = len(present)
    if n < FEWEST_COUNTED:
        return None
    ends: Any = (present.min(), present.max())
    low, high = ends
    in_order = present.is_sorted() or present.is_sorted(descending=True)
    named, spanned = named_like_identifier(series.name), high - low == n - 1
    if not (named or in_order or spanned) or present.n_unique() < n:
        return None
    if named:
        return "unique per row and named like an identifier"
    if in_order and spanned:
        return f"numbers the rows, {present[0]} to {present[-1]}"
    if n < FEWEST_RISING:
        return None
    if in_order:
        return "rises or falls with every row, as a row number or a counter does"
    return f"each whole number from {low} to {high} once: numbers the rows"


def identifying_text(name: str, present: pl.Series) -> str | None:
    """Why a column of text without missing values, each different, is an identifier, or None where it is prose."""
    if present.str.contains(UUID).all():
        return "UUIDs"
    if named_like_identifier(name):
        return "unique per row and named like an identifier"
    if len(present) >= FEWEST_COUNTED and present.str.contains(CODE).all():
        return "codes, unique per row"
    return None


def is_whole(values: pl.Series) -> bool:
    """Whether floats are all whole, as identifiers are after missing ones made them floats."""
    present = values.drop_nulls().to_numpy()
    present = present[np.isfinite(present)]
    return bool(len(present)) and bool((present == np.trunc(present)).all())
