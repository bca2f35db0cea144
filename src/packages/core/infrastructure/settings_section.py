"""What sections of settings share: strictness and the forms of values."""

from ipaddress import ip_network
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

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


def _networks(names: tuple[str, ...], *, strict: bool = False) -> tuple[str, ...]:
    for name in names:
        try:
            ip_network(name, strict=strict)
        except ValueError:
            raise ValueError(
                f"{name!r} is no network; write some such as 10.0.0.0/8 or fd00::/8, with commas between"
            ) from None
    return names


def _proxies(names: tuple[str, ...]) -> tuple[str, ...]:
    """``*`` is any. A network with bits behind its prefix would be trusted by nobody."""
    return names if names == ("*",) else _networks(names, strict=True)


Flag = Annotated[bool, BeforeValidator(_flag), Field(strict=True)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
Networks = Annotated[Names, AfterValidator(_networks)]
Proxies = Annotated[Names, AfterValidator(_proxies)]


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
