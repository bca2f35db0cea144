"""Cells of a table as JSON values that every database stores."""

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any


def json_cell(value: object, *, longest: int) -> Any:
    """Times as ISO 8601, durations as seconds, bytes as hexadecimal; text without NUL, cut off after ``longest``."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case str():
            return shortened(value, longest)
        case Decimal():
            return float(value) if value.is_finite() else None
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes():
            return shortened(value[: longest + 1].hex(), longest)
        case Mapping():
            return {shortened(str(k), longest): json_cell(v, longest=longest) for k, v in value.items()}
        case Sequence():
            return [json_cell(each, longest=longest) for each in value[:longest]]
    return shortened(str(value), longest)


def shortened(text: str, longest: int) -> str:
    """PostgreSQL stores no NUL."""
    text = text.replace("\x00", "")
    return text if len(text) <= longest else text[: longest - 1] + "…"
