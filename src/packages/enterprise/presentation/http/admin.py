"""Tenants as the platform's operators see and change them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from core.domain.actor import Actor
from core.domain.errors import Forbidden, Stale
from core.domain.ids import TenantId
from core.domain.page import InvalidCursor
from core.domain.public_ids import parsed, shown
from core.presentation.http import IfMatch, Route, from_state, requires, set_etag
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from enterprise.api import Enterprise
from enterprise.application.delete_tenant import NotConfirmed
from enterprise.domain.tenant import (
    NoSuchTenant,
    NotForThePlatform,
    SlugTaken,
    TenantIsClosed,
    no_such_tenant,
)
from enterprise.presentation.http.views import JobStarted, NewTenant, TenantChange, TenantOut

router = APIRouter(prefix="/admin/tenants", route_class=Route, tags=["operator"])
Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
Reader = Annotated[Actor, requires("tenants:read")]
Writer = Annotated[Actor, requires("tenants:write")]
CHANGES = responses(Forbidden, NoSuchTenant, TenantIsClosed, NotForThePlatform)


def tenant_id(tenant: str, enterprise: Bundle, _: Reader) -> TenantId:
    """By id or slug; only for who may read tenants. Raises NoSuchTenant."""
    if (found := parsed("ten", tenant)) is not None:
        return TenantId(found)
    named = enterprise.tenants.named(tenant) if tenant.isprintable() else None
    if named is None:
        raise no_such_tenant()
    return named.id


OneTenant = Annotated[TenantId, Depends(tenant_id)]


@router.get("", summary="List tenants, the newest first", responses=responses(Forbidden, InvalidCursor))
def list_tenants(
    enterprise: Bundle, actor: Reader, asked: Paging, request: Request, response: Response
) -> PageOut[TenantOut]:
    page = enterprise.tenants.of_all(limit=asked.limit, cursor=asked.cursor, count=asked.count)
    return paged(request, response, page, TenantOut)


@router.post("", status_code=201, summary="Create a tenant", responses=responses(Forbidden, SlugTaken))
def create_tenant(body: NewTenant, enterprise: Bundle, actor: Writer, response: Response) -> TenantOut:
    id_ = enterprise.create_tenant(actor, body.slug, name=body.name or "", plan=body.plan)
    response.headers["Location"] = f"/api/v1/admin/tenants/{shown('ten', id_)}"
    return _shown(enterprise, id_, response)


@router.get("/{tenant}", summary="Show a tenant", responses=responses(Forbidden, NoSuchTenant))
def show_tenant(tenant: OneTenant, enterprise: Bundle, actor: Reader, response: Response) -> TenantOut:
    return _shown(enterprise, tenant, response)


@router.patch(
    "/{tenant}", summary="Change a tenant's name, plan or quotas", responses=CHANGES | responses(Stale)
)
def change_tenant(
    tenant: OneTenant,
    body: TenantChange,
    enterprise: Bundle,
    actor: Writer,
    response: Response,
    version: IfMatch,
) -> TenantOut:
    enterprise.change_plan(actor, tenant, version=version, name=body.name, plan=body.plan, quotas=body.quotas)
    return _shown(enterprise, tenant, response)


@router.post("/{tenant}/suspension", summary="Suspend a tenant", responses=CHANGES)
def suspend_tenant(tenant: OneTenant, enterprise: Bundle, actor: Writer, response: Response) -> TenantOut:
    """Its people and keys are refused within a second."""
    enterprise.suspend(actor, tenant)
    return _shown(enterprise, tenant, response)


@router.delete("/{tenant}/suspension", summary="Resume a tenant", responses=CHANGES)
def resume_tenant(tenant: OneTenant, enterprise: Bundle, actor: Writer, response: Response) -> TenantOut:
    enterprise.resume(actor, tenant)
    return _shown(enterprise, tenant, response)


@router.delete(
    "/{tenant}",
    status_code=202,
    summary="Delete a tenant with all that is its",
    responses=responses(Forbidden, NoSuchTenant, NotForThePlatform, NotConfirmed),
)
def delete_tenant(
    tenant: OneTenant,
    enterprise: Bundle,
    actor: Writer,
    confirm: Annotated[str, Query(max_length=63, description="The tenant's slug.")],
) -> JobStarted:
    job_id = enterprise.close(actor, tenant, confirm=confirm)
    return JobStarted(job_id=job_id)


def _shown(enterprise: Enterprise, id_: TenantId, response: Response) -> TenantOut:
    view = enterprise.tenants.get(id_)
    set_etag(response, view.version)
    return TenantOut.model_validate(view, from_attributes=True)
