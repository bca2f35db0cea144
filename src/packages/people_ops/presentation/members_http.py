"""Members and roles of a tenant over HTTP, and an operator's look into one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.domain.actor import Actor
from core.domain.ids import TenantId, UserId
from core.domain.page import InvalidCursor
from core.presentation.http import IfMatch, Line, Route, from_state, requires, set_etag
from core.presentation.ids import parsed, public_id, shown
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from enterprise.api import NoSuchTenant, TenantSuspended
from people_ops.api import PeopleOps
from people_ops.application.invite_member import MoreThanYouMay
from people_ops.application.sessions import NotAPerson
from people_ops.domain.member import LastAdmin, NoSuchMember, no_such_member
from people_ops.domain.role import (
    NoSuchPermission,
    NoSuchRole,
    RoleId,
    RoleInUse,
    RoleNameTaken,
    RoleNotFound,
)
from people_ops.domain.session import IMPERSONATION, LONGEST_REASON

router = APIRouter(prefix="/members", route_class=Route, tags=["members"])
roles_router = APIRouter(prefix="/roles", route_class=Route, tags=["roles"])
admin_router = APIRouter(prefix="/admin/tenants", route_class=Route, tags=["operator"])
Bundle = Annotated[PeopleOps, Depends(from_state(PeopleOps))]
Reader = Annotated[Actor, requires("members:read")]
Writer = Annotated[Actor, requires("members:write")]
RoleWriter = Annotated[Actor, requires("roles:write")]
Operator = Annotated[Actor, requires("impersonation:start")]
Permissions = Annotated[
    list[Line], Field(min_length=1, max_length=100, examples=[["datasets:read", "runs:read"]])
]


class MemberOut(BaseModel):
    id: Annotated[UUID, public_id("usr")]
    email: str
    name: str
    roles: list[str]
    disabled_at: datetime | None
    created_at: datetime
    last_login_at: datetime | None
    second_factor: bool


class MemberIn(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")
    roles: list[Line] | None = Field(default=None, max_length=20, examples=[["analyst"]])
    disabled: bool | None = None


class RoleIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$", examples=["auditor"])]
    permissions: Permissions


class RoleChange(BaseModel):
    model_config = ConfigDict(extra="forbid")
    permissions: Permissions


class RoleMade(BaseModel):
    id: Annotated[UUID, public_id("role")]


class RoleOut(BaseModel):
    id: Annotated[UUID, public_id("role")] | None = Field(description="null: it comes with the product.")
    name: str
    permissions: list[str]
    version: int


class RolesOut(BaseModel):
    items: list[RoleOut]


class ErasureOut(BaseModel):
    job_id: Annotated[UUID, public_id("job")]


class ImpersonationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: Annotated[
        str,
        Field(
            max_length=LONGEST_REASON,
            pattern=r"^[^\x00-\x1f\x7f]*$",
            description="Stands in both audit logs: no names of people.",
            examples=["Ticket 4711: a run fails"],
        ),
    ] = ""


class ImpersonationOut(BaseModel):
    access_token: str
    token_type: str = "bearer"  # noqa: S105 - OAuth2's name
    expires_in: int


async def user_id(member: str) -> UserId:
    """Raises NoSuchMember."""
    found = parsed("usr", member)
    if found is None:
        raise no_such_member()
    return UserId(found)


async def role_id(role: str) -> RoleId:
    """Raises RoleNotFound."""
    found = parsed("role", role)
    if found is None:
        raise RoleNotFound("There is none with that id.", fix="List the roles.")
    return RoleId(found)


async def tenant_id(tenant: str) -> TenantId:
    """Raises NoSuchTenant."""
    found = parsed("ten", tenant)
    if found is None:
        raise NoSuchTenant("There is none with that id.", fix="List the tenants.")
    return TenantId(found)


OneMember = Annotated[UserId, Depends(user_id)]
OneRole = Annotated[RoleId, Depends(role_id)]


@router.get("", summary="List members", responses=responses(InvalidCursor))
def members(
    request: Request, response: Response, people: Bundle, paging: Paging, actor: Reader
) -> PageOut[MemberOut]:
    page = people.queries.members(
        actor.tenant_id, limit=paging.limit, cursor=paging.cursor, count=paging.count
    )
    return paged(request, response, page, MemberOut)


@router.get("/{member}", summary="Show a member", responses=responses(NoSuchMember))
def show(member: OneMember, people: Bundle, actor: Reader, response: Response) -> MemberOut:
    found = people.queries.member(actor.tenant_id, member)
    set_etag(response, found.version)
    return MemberOut.model_validate(found, from_attributes=True)


@router.patch(
    "/{member}",
    summary="Change a member's roles, disable or enable them",
    responses=responses(NoSuchMember, NoSuchRole, MoreThanYouMay, LastAdmin),
)
def change(
    member: OneMember, body: MemberIn, people: Bundle, actor: Writer, version: IfMatch, response: Response
) -> MemberOut:
    people.change_member(actor, member, roles=body.roles, disabled=body.disabled, version=version)
    return show(member, people, actor, response)


@router.delete(
    "/{member}",
    status_code=204,
    summary="Remove a member",
    responses=responses(NoSuchMember, MoreThanYouMay, LastAdmin),
)
def remove(member: OneMember, people: Bundle, actor: Writer) -> None:
    people.remove_member(actor, member)


@router.post(
    "/{member}/erasure",
    status_code=202,
    summary="Remove a member and what is personal of them",
    responses=responses(NoSuchMember, MoreThanYouMay, LastAdmin),
)
def erase(member: OneMember, people: Bundle, actor: Writer, response: Response) -> ErasureOut:
    """They are out at once; the job removes what is personal, here and, where no tenant has them, everywhere."""
    job_id = people.erase_member(actor, member)
    response.headers["Location"] = f"/api/v1/jobs/{shown('job', job_id)}"
    return ErasureOut(job_id=job_id)


@roles_router.get("", summary="List roles and what they permit")
def roles(people: Bundle, actor: Reader) -> RolesOut:
    found = people.queries.roles(actor.tenant_id)
    return RolesOut(items=[RoleOut.model_validate(each, from_attributes=True) for each in found])


@roles_router.post(
    "",
    status_code=201,
    summary="Make a role",
    responses=responses(RoleNameTaken, NoSuchPermission, MoreThanYouMay),
)
def create_role(body: RoleIn, people: Bundle, actor: RoleWriter) -> RoleMade:
    return RoleMade(id=people.create_role(actor, name=body.name, permissions=body.permissions))


@roles_router.patch(
    "/{role}",
    status_code=204,
    summary="Change what a role permits",
    responses=responses(RoleNotFound, NoSuchPermission, MoreThanYouMay),
)
def change_role(role: OneRole, body: RoleChange, people: Bundle, actor: RoleWriter, version: IfMatch) -> None:
    people.change_role(actor, role, permissions=body.permissions, version=version)


@roles_router.delete(
    "/{role}", status_code=204, summary="Remove a role", responses=responses(RoleNotFound, RoleInUse)
)
def remove_role(role: OneRole, people: Bundle, actor: RoleWriter) -> None:
    people.remove_role(actor, role)


@admin_router.post(
    "/{tenant}/impersonations",
    status_code=201,
    summary="A short look into a tenant: it reads, and both chains say so",
    responses=responses(NoSuchTenant, NotAPerson, TenantSuspended),
)
def impersonate(
    tenant: Annotated[TenantId, Depends(tenant_id)],
    people: Bundle,
    actor: Operator,
    response: Response,
    body: ImpersonationIn | None = None,
) -> ImpersonationOut:
    response.headers["Cache-Control"] = "no-store"
    access_token = people.impersonate(actor, tenant, reason=body.reason.strip() if body else "")
    return ImpersonationOut(access_token=access_token, expires_in=int(IMPERSONATION.total_seconds()))
