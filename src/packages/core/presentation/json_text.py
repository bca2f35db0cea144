"""Values as strict JSON: no NaN, no infinity, whatever types our libraries give."""

import json
import math
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any


def json_text(value: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """Strict JSON (RFC 8259). Not-a-number and infinities become null, times ISO 8601, durations seconds."""
    try:
        return json.dumps(value, indent=indent, ensure_ascii=ascii_only, allow_nan=False)
    except (TypeError, ValueError):
        return json.dumps(plain(value), indent=indent, ensure_ascii=ascii_only, allow_nan=False)


def plain(value: object) -> Any:
    """The value as None, booleans, numbers, text, lists and dicts with text keys."""
    match value:
        case None | bool():
            return value
        case Enum():
            return plain(value.value)
        case int():
            return int(value)
        case str():
            return str(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case Mapping():
            return {str(k.value if isinstance(k, Enum) else k): plain(v) for k, v in value.items()}
        case _:
            return _of_library(value)


def _of_library(value: object) -> Any:
    match value:
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Decimal():
            return plain(
                int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
            )
        case bytes() | bytearray():
            return value.hex()
        case Sequence() | Set():
            return [plain(v) for v in value]
    if hasattr(value, "tolist"):  # NumPy scalars and arrays
        return plain(value.tolist())
    return str(value)
