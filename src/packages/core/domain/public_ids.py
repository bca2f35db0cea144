"""Ids as the outside sees them: a prefix and 26 characters of Crockford's base 32, in the order of their making."""

import re
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26  # characters of five bits for 128 bits
VALUES = {character: value for value, character in enumerate(ALPHABET)}


def shown(prefix: str, id_: UUID) -> str:
    """``run_01J8Z...``"""
    number = id_.int
    return f"{prefix}_" + "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def parsed(prefix: str, text: str) -> UUID | None:
    """The id, or None where the text is no id of that kind. Letters may be small."""
    found = re.fullmatch(rf"{prefix}_([0-7][{ALPHABET}]{{25}})", text, re.IGNORECASE | re.ASCII)
    if not found:
        return None
    number = 0
    for character in found[1].upper():
        number = number << 5 | VALUES[character]
    return UUID(int=number)
