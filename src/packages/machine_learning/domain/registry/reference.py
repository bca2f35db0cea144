"""How models and their versions are named by those who use them."""

import re
from dataclasses import dataclass
from typing import Self

from core.domain.public_ids import parsed
from machine_learning.domain.registry.ids import ModelId, ModelVersionId

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A model by its id or slug, and where it says so one of its versions by number or alias; or a version by its id."""

    model: ModelId | str
    number: int | None = None
    alias: str | None = None
    version_id: ModelVersionId | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """From ``pumps``, ``pumps@challenger``, ``pumps:3``, ``mdl_...`` or ``mv_...``.

        What is none of them is the reference to a model of no name, which there is not.
        """
        version_id = parsed("mv", text)
        if version_id is not None:
            return cls("", version_id=ModelVersionId(version_id))
        name, _, alias = text.partition("@")
        number = None
        if not alias:
            name, _, digits = text.partition(":")
            number = int(digits) if NUMBER.fullmatch(digits) else None
            if digits and number is None:
                return cls("")
        model_id = parsed("mdl", name)
        if model_id is None and not SLUG.fullmatch(name):
            return cls("")
        return cls(name if model_id is None else ModelId(model_id), number, alias or None)
