"""Logging in and out, one's sessions and password, and who one is."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import TooMany
from core.domain.ids import PLATFORM
from core.presentation.http import PUBLIC, Route, from_state, requires
from core.presentation.ids import parsed, public_id
from core.presentation.problems import request_id, responses
from enterprise.api import TenantSuspended
from people_ops.api import PeopleOps
from people_ops.application.log_in import LogInRefused, OtpRequired, TenantNeeded
from people_ops.application.ports import Tokens
from people_ops.application.sessions import NotAPerson, person
from people_ops.domain.member import NoSuchMember
from people_ops.domain.password import PasswordRefused
from people_ops.domain.second_factor import WrongPassword
from people_ops.domain.session import NoSuchSession, SessionId, TokenExpired, TokenNotValid, TokenRevoked

router = APIRouter(prefix="/auth", route_class=Route, tags=["auth"], dependencies=[PUBLIC])
own_router = APIRouter(route_class=Route, tags=["auth"])
Bundle = Annotated[PeopleOps, Depends(from_state(PeopleOps))]
Caller = Annotated[Actor, requires(None)]
Password = Annotated[str, Field(max_length=1000, examples=["correct horse battery staple"])]


class TokenForm(BaseModel):
    """OAuth2's password form; ``tenant`` (slug) where the user is in several."""

    username: Annotated[str, Field(max_length=320, examples=["ana@example.org"])]
    password: Password
    tenant: Annotated[str, Field(max_length=63, examples=["acme"])] = ""
    otp: Annotated[str, Field(max_length=32)] = ""
    grant_type: Annotated[str, Field(pattern="^password$", examples=["password"])] = "password"
    scope: Annotated[str, Field(max_length=200)] = ""


class RefreshIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    refresh_token: Annotated[str, Field(max_length=200, examples=["5o7cJ1QGm0Yy0cXb1kTq3x9vZ2l8R4w6"])]


class TokensOut(BaseModel):
    access_token: str
    token_type: str
    expires_in: int = Field(description="Seconds.")
    refresh_token: str


class PasswordIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    old: Password
    new: Password


class SessionOut(BaseModel):
    id: Annotated[UUID, public_id("ses")]
    created_at: datetime
    last_used_at: datetime
    address: str
    agent: str


class SessionsOut(BaseModel):
    items: list[SessionOut]


class QuotaOut(BaseModel):
    """``limit`` null: unlimited; ``reset`` null: it is held until it is given back."""

    quota: Quota
    limit: int | None
    used: int
    reset: datetime | None


class LimitsOut(BaseModel):
    requests_per_minute: int | None = Field(description="Of the whole tenant; null: unlimited.")
    key_requests_per_minute: int = Field(description="Of one API key or session.")
    quotas: list[QuotaOut]


class MeOut(BaseModel):
    tenant: Annotated[UUID, public_id("ten")]
    user: Annotated[UUID, public_id("usr")] | None
    key: Annotated[UUID, public_id("key")] | None
    email: str | None = None
    name: str | None = None
    roles: list[str] = []
    scopes: list[str] = []
    permissions: list[str]
    limits: LimitsOut


async def session_id(session: str) -> SessionId:
    """Raises NoSuchSession."""
    found = parsed("ses", session)
    if found is None:
        raise NoSuchSession("There is none with that id.", fix="List your sessions.")
    return SessionId(found)


def caller_of(request: Request) -> Actor:
    """Somebody we do not know yet."""
    address = request.client.host if request.client else ""
    return Actor(tenant_id=PLATFORM, address=address, request_id=request_id(request))


def tokens_out(tokens: Tokens, response: Response) -> TokensOut:
    response.headers["Cache-Control"] = "no-store"
    return TokensOut.model_validate(tokens, from_attributes=True)


@router.post(
    "/token",
    summary="Log in with e-mail and password",
    responses=responses(LogInRefused, OtpRequired, TenantNeeded, TenantSuspended, TooMany),
)
def token(
    form: Annotated[TokenForm, Form()], people: Bundle, request: Request, response: Response
) -> TokensOut:
    tokens = people.log_in(
        caller_of(request),
        email=form.username,
        password=form.password,
        tenant=form.tenant,
        otp=form.otp,
        agent=request.headers.get("user-agent", ""),
    )
    return tokens_out(tokens, response)


@router.post(
    "/refresh",
    summary="New tokens for a refresh token, once",
    responses=responses(TokenNotValid, TokenRevoked, TokenExpired, TenantSuspended),
)
def refresh(body: RefreshIn, people: Bundle, request: Request, response: Response) -> TokensOut:
    return tokens_out(people.refresh(caller_of(request), refresh_token=body.refresh_token), response)


@router.post("/logout", status_code=204, summary="End the session of a refresh token")
def log_out(body: RefreshIn, people: Bundle, request: Request) -> None:
    people.log_out(caller_of(request), refresh_token=body.refresh_token)


@own_router.get("/me", summary="Who is asking, and what they may do")
@own_router.get("/auth/me", summary="Who is asking, and what they may do (as /me)")
def me(people: Bundle, actor: Caller) -> MeOut:
    facts: dict[str, Any] = {}
    if actor.key_id is not None:
        facts["scopes"] = people.queries.key(actor.tenant_id, actor.key_id).scopes
    elif actor.user_id is not None:
        try:
            member = people.queries.member(actor.tenant_id, actor.user_id)
            facts = {"email": member.email, "name": member.name, "roles": member.roles}
        except NoSuchMember:  # an operator who looks into the tenant
            facts = {}
    return MeOut(
        tenant=actor.tenant_id,
        user=actor.user_id,
        key=actor.key_id,
        permissions=sorted(actor.permissions),
        limits=LimitsOut.model_validate(people.limits_of(actor.tenant_id), from_attributes=True),
        **facts,
    )


@own_router.get("/auth/sessions", summary="List one's sessions", responses=responses(NotAPerson))
def list_sessions(people: Bundle, actor: Caller) -> SessionsOut:
    found = people.queries.sessions(actor.tenant_id, person(actor))
    return SessionsOut(items=[SessionOut.model_validate(each, from_attributes=True) for each in found])


@own_router.delete(
    "/auth/sessions", status_code=204, summary="End all of one's sessions", responses=responses(NotAPerson)
)
def revoke_all(people: Bundle, actor: Caller) -> None:
    people.revoke_all_sessions(actor)


@own_router.delete(
    "/auth/sessions/{session}",
    status_code=204,
    summary="End one of one's sessions",
    responses=responses(NoSuchSession, NotAPerson),
)
def revoke(session: Annotated[SessionId, Depends(session_id)], people: Bundle, actor: Caller) -> None:
    people.revoke_session(actor, session)


@own_router.post(
    "/auth/password",
    status_code=204,
    summary="Change one's password; ends the other sessions",
    responses=responses(NotAPerson, WrongPassword, PasswordRefused, TooMany),
)
def change_password(body: PasswordIn, people: Bundle, actor: Caller, request: Request) -> None:
    person(actor)
    bearer = request.headers.get("authorization", "").partition(" ")[2].strip()
    people.change_password(actor, old=body.old, new=body.new, keep=people.session_of(bearer))
