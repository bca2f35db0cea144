"""Ids as the outside sees them: a prefix and 26 characters of Crockford's base 32, in the order of their making."""

import re
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26  # characters of five bits for 128 bits
VALUES = {character: value for value, character in enumerate(ALPHABET)}


def shown(prefix: str, id_: UUID) -> str:
    """``run_01J8Z...``"""
    number = id_.int
    return f"{prefix}_" + "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def parsed(prefix: str, text: str) -> UUID | None:
    """The id, or None where the text is no id of that kind. Letters may be small."""
    found = re.fullmatch(rf"{prefix}_([0-7][{ALPHABET}]{{25}})", text, re.IGNORECASE)
    if not found:
        return None
    number = 0
    for character in found[1].upper():
        number = number << 5 | VALUES[character]
    return UUID(int=number)


def public_id(prefix: str) -> Any:
    """What turns a UUID annotation into such an id in bodies and parameters: ``Annotated[UUID, public_id("run")]``."""

    def read(value: object) -> UUID:
        if isinstance(value, UUID):
            return value
        found = parsed(prefix, value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"is no id such as {prefix}_01J8ZC5QX4T3M6W9K2R7N0B1DG")
        return found

    return _Public(prefix, read)


class _Public:
    """Several annotations in one."""

    def __init__(self, prefix: str, read: Any) -> None:
        self.prefix, self.read = prefix, read

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        kind = Annotated[
            source,
            BeforeValidator(self.read),
            PlainSerializer(lambda id_: shown(self.prefix, id_), return_type=str),
            WithJsonSchema(
                {
                    "type": "string",
                    "pattern": f"^{self.prefix}_[0-7][{ALPHABET}]{{25}}$",
                    "maxLength": len(self.prefix) + 1 + LENGTH,
                }
            ),
        ]
        return handler.generate_schema(kind)
