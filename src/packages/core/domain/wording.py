"""Numbers and names inside sentences."""

from collections.abc import Sequence

MOST_LISTED = 8


def count(number: int, noun: str) -> str:
    """``1 row``, ``12,000 rows``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str], *, most: int = MOST_LISTED) -> str:
    """``a, b, c`` or ``a, b, c and 12 more``."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])} and {len(names) - most + 1:,} more"


def between(low: str, high: str) -> str:
    """``3 to 15``, and ``15`` where both say the same."""
    return low if low == high else f"{low} to {high}"


def rounded(value: float) -> str:
    """Two significant digits, of large numbers all: ``0.012``, ``3.4``, ``1,234``."""
    return f"{value:,.0f}" if abs(value) >= 99.5 else f"{value:.2g}"


def share(part: float) -> str:
    """A share in [0, 1] as a percentage: ``3.3 %``, ``0.02 %``."""
    percentage = 100 * part
    return f"{percentage:.3g} %" if percentage >= 1 else f"{percentage:.2g} %"
