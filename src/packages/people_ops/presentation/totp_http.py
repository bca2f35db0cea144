"""The second factor over HTTP: each person changes their own."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from core.domain.actor import Actor
from core.domain.errors import TooMany
from core.presentation.http import Route, from_state, requires
from core.presentation.problems import responses
from people_ops.application.second_factor import PeopleOnly
from people_ops.application.ways_in_bundle import WaysIn
from people_ops.domain.second_factor import NoSecondFactor, SecondFactorInUse, WrongCode, WrongPassword

router = APIRouter(prefix="/auth/totp", route_class=Route, tags=["auth"])
Bundle = Annotated[WaysIn, Depends(from_state(WaysIn))]
Caller = Annotated[Actor, requires(None)]
Password = Annotated[str, Field(max_length=1000, examples=["correct horse battery staple"])]
Code = Annotated[str, Field(min_length=6, max_length=32, examples=["492039"])]


class EnrolmentIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    password: Password


class EnrolmentOut(BaseModel):
    """Shown once; log-in asks for codes after one has confirmed it."""

    secret: str = Field(examples=["JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
    uri: str = Field(description="For a QR code.", examples=["otpauth://totp/..."])


class ConfirmationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: Code


class RecoveryOut(BaseModel):
    """Shown once; each stands for one code."""

    recovery_codes: list[str] = Field(examples=[["k3f8-w2mz-8h4r-x9cd"]])


class DisablingIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    password: Password
    code: Code


@router.post(
    "",
    status_code=201,
    summary="Enrol a second factor",
    responses=responses(PeopleOnly, WrongPassword, SecondFactorInUse, TooMany),
)
def enrol(body: EnrolmentIn, people: Bundle, actor: Caller, response: Response) -> EnrolmentOut:
    response.headers["Cache-Control"] = "no-store"
    made = people.enrol_second_factor(actor, password=body.password)
    return EnrolmentOut(secret=made.secret, uri=made.uri)


@router.post(
    "/confirmation",
    summary="Confirm it by a first code",
    responses=responses(PeopleOnly, NoSecondFactor, SecondFactorInUse, WrongCode, TooMany),
)
def confirm(body: ConfirmationIn, people: Bundle, actor: Caller, response: Response) -> RecoveryOut:
    response.headers["Cache-Control"] = "no-store"
    return RecoveryOut(recovery_codes=list(people.confirm_second_factor(actor, code=body.code)))


@router.post(
    "/disabling",
    status_code=204,
    summary="Disable it, with password and code",
    responses=responses(PeopleOnly, NoSecondFactor, WrongPassword, WrongCode, TooMany),
)
def disable(body: DisablingIn, people: Bundle, actor: Caller) -> None:
    people.disable_second_factor(actor, password=body.password, code=body.code)
