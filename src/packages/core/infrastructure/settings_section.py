"""What sections of settings share: strictness and the forms of values."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

TRUE = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _flag(value: object) -> object:
    return TRUE.get(value.lower(), value) if isinstance(value, str) else value


def _names(value: object) -> object:
    return (
        tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value
    )


Flag = Annotated[bool, BeforeValidator(_flag), Field(strict=True)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


def secret(description: str) -> Any:
    """A text that ``config show`` never prints."""
    return Field(default="", max_length=2000, description=description, json_schema_extra={"secret": True})


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_value(cls, value: object, info: ValidationInfo) -> object:
        takes_one = info.field_name is not None and cls.model_fields[info.field_name].annotation is bool
        if isinstance(value, bool) and not takes_one:
            raise ValueError("true and false are no value for it")
        return value
