"""Public ids in bodies and parameters."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from core.domain.public_ids import ALPHABET, LENGTH, parsed, shown

__all__ = ["parsed", "public_id", "shown"]


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
