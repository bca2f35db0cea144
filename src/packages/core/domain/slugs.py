"""Short names that fit in addresses."""

import re
import unicodedata

LONGEST_SLUG = 63


def slug_text(name: str) -> str:
    """``Orders, EU``: orders-eu; empty where the name has no letter or digit of ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")
