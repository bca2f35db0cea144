"""Invitations and password resets over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.application.quota import QuotaExceeded
from core.domain.actor import Actor
from core.domain.errors import Invalid, TooMany
from core.domain.page import InvalidCursor
from core.presentation.http import PUBLIC, Line, Route, Seen, from_state, requires
from core.presentation.ids import parsed, public_id
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from people_ops.application.accept_invitation import NamePasswordNeeded, UserDisabled
from people_ops.application.invite_member import (
    AlreadyInvited,
    AlreadyMember,
    MoreThanYouMay,
    TooManyInvitations,
)
from people_ops.application.ways_in_bundle import WaysIn
from people_ops.domain.email import NotAnEmail
from people_ops.domain.invitation import InvitationId, InvitationIsClosed, NoSuchInvitation
from people_ops.domain.links import LinkNotValid

router = APIRouter(prefix="/members/invitations", route_class=Route, tags=["members"])
auth_router = APIRouter(prefix="/auth", route_class=Route, tags=["auth"], dependencies=[PUBLIC])
Bundle = Annotated[WaysIn, Depends(from_state(WaysIn))]
Reader = Annotated[Actor, requires("members:read")]
Writer = Annotated[Actor, requires("members:write")]
Password = Annotated[str, Field(max_length=1000, examples=["correct horse battery staple"])]
Token = Annotated[str, Field(min_length=20, max_length=100, examples=["5o7cJ1QGm0Yy0cXb1kTq3x9vZ2l8R4w6"])]
Email = Annotated[str, Field(max_length=320, examples=["ana@example.org"])]


class RefusedPassword(Invalid):
    title = "The password is not accepted"


class InvitationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: Email
    roles: list[Line] = Field(min_length=1, max_length=20, examples=[["analyst"]])


class InvitationMade(BaseModel):
    """The link goes to the mailbox alone."""

    id: Annotated[UUID, public_id("inv")]


class InvitationOut(BaseModel):
    id: Annotated[UUID, public_id("inv")]
    email: str
    roles: list[str]
    state: str = Field(description="open, accepted, revoked or expired")
    invited_by: Annotated[UUID, public_id("usr")] | None
    created_at: datetime
    expires_at: datetime


class AcceptanceIn(BaseModel):
    """Name and password are needed from people who are new here."""

    model_config = ConfigDict(extra="forbid")
    token: Token
    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["Ana"]), Seen] = ""
    password: Password = ""


class JoinedOut(BaseModel):
    tenant_id: Annotated[UUID, public_id("ten")]
    user_id: Annotated[UUID, public_id("usr")]


class ResetIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    email: Email


class CompletionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    token: Token
    password: Password


async def invitation_id(invitation: str) -> InvitationId:
    """Raises NoSuchInvitation."""
    found = parsed("inv", invitation)
    if found is None:
        raise NoSuchInvitation("There is none with that id.", fix="List the invitations.")
    return InvitationId(found)


OneInvitation = Annotated[InvitationId, Depends(invitation_id)]


def peer(request: Request) -> str:
    return request.client.host if request.client else ""


@router.post(
    "",
    status_code=201,
    summary="Invite somebody by e-mail",
    responses=responses(NotAnEmail, MoreThanYouMay, AlreadyMember, AlreadyInvited, TooManyInvitations),
)
def invite(body: InvitationIn, people: Bundle, actor: Writer) -> InvitationMade:
    return InvitationMade(id=people.invite(actor, email=body.email, roles=body.roles).id)


@router.get("", summary="List invitations", responses=responses(InvalidCursor))
def invitations(
    request: Request, response: Response, people: Bundle, paging: Paging, actor: Reader
) -> PageOut[InvitationOut]:
    page = people.invitations.page(
        actor.tenant_id, limit=paging.limit, cursor=paging.cursor, count=paging.count
    )
    return paged(request, response, page, InvitationOut)


@router.post(
    "/{invitation}/resend",
    status_code=202,
    summary="Send an invitation again, with a new link",
    responses=responses(NoSuchInvitation, InvitationIsClosed, MoreThanYouMay),
)
def resend(invitation: OneInvitation, people: Bundle, actor: Writer) -> InvitationMade:
    return InvitationMade(id=people.resend_invitation(actor, invitation).id)


@router.delete(
    "/{invitation}",
    status_code=204,
    summary="Withdraw an invitation",
    responses=responses(NoSuchInvitation, InvitationIsClosed),
)
def revoke(invitation: OneInvitation, people: Bundle, actor: Writer) -> None:
    people.revoke_invitation(actor, invitation)


@auth_router.post(
    "/invitations/acceptance",
    summary="Join a tenant by the link of an invitation",
    responses=responses(
        LinkNotValid, NamePasswordNeeded, RefusedPassword, UserDisabled, QuotaExceeded, TooMany
    ),
)
def accept(body: AcceptanceIn, people: Bundle, request: Request) -> JoinedOut:
    joined = people.accept_invitation(
        peer(request), token=body.token, name=body.name.strip(), password=body.password
    )
    return JoinedOut(tenant_id=joined.tenant_id, user_id=joined.user_id)


@auth_router.post(
    "/password-resets",
    status_code=202,
    summary="Ask for a link to set a new password",
    description="The answer is the same whether or not somebody has that address.",
    responses=responses(NotAnEmail, TooMany),
)
def ask_for_reset(body: ResetIn, people: Bundle, request: Request) -> None:
    people.ask_for_reset(peer(request), email=body.email)


@auth_router.post(
    "/password-resets/completion",
    status_code=204,
    summary="Set a new password by the link; ends all sessions",
    responses=responses(LinkNotValid, RefusedPassword, TooMany),
)
def complete_reset(body: CompletionIn, people: Bundle, request: Request) -> None:
    people.complete_reset(peer(request), token=body.token, password=body.password)
