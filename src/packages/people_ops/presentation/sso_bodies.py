"""Single sign-on as the API and the pages take it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core.presentation.http import Line

Domain = Annotated[
    str, Field(max_length=253, pattern=r"^[a-zA-Z0-9.-]+\.[a-zA-Z0-9-]+$", examples=["example.org"])
]


class SsoIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    issuer: Annotated[str, Field(max_length=500, examples=["https://login.example.org"])]
    client_id: Annotated[Line, Field(max_length=300, examples=["anomaly-detection"])]
    client_secret: SecretStr = Field(
        default=SecretStr(""), max_length=1000, description="Left out: the one before stays."
    )
    domains: list[Domain] = Field(min_length=1, max_length=50, description="Of e-mails that are let in.")
    default_roles: list[Line] = Field(default=[], max_length=20, examples=[["viewer"]])
    auto_provision: bool = Field(default=False, description="Let in people who are new here, too.")
