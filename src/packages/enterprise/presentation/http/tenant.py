"""A tenant about itself."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse

from core.application.files import FileKind
from core.application.quota import QuotaExceeded
from core.domain.actor import Actor
from core.domain.errors import Forbidden, Stale
from core.domain.public_ids import parsed, shown
from core.presentation.http import IfMatch, Route, from_state, requires, set_etag
from core.presentation.problems import responses
from enterprise.api import Enterprise
from enterprise.application.export_tenant import NoSuchExport, file_name
from enterprise.domain.tenant import InvalidCutOffs, InvalidRetention, NoSuchTenant
from enterprise.presentation.http.views import JobStarted, SettingsChange, TenantOut, UsageOut, UsagesOut

router = APIRouter(prefix="/tenant", route_class=Route, tags=["tenant"])
Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
Reader = Annotated[Actor, requires("tenant:read")]
Writer = Annotated[Actor, requires("tenant:write")]


@router.get("", summary="Show the tenant", responses=responses(Forbidden, NoSuchTenant))
def show_tenant(enterprise: Bundle, actor: Reader, response: Response) -> TenantOut:
    view = enterprise.tenants.get(actor.tenant_id)
    set_etag(response, view.version)
    return TenantOut.model_validate(view, from_attributes=True)


@router.patch(
    "",
    summary="Change the tenant's name, retention or severity cut-offs",
    responses=responses(Forbidden, Stale, InvalidRetention, InvalidCutOffs),
)
def change_tenant(
    body: SettingsChange, enterprise: Bundle, actor: Writer, response: Response, version: IfMatch
) -> TenantOut:
    cuts = (cut.low, cut.high, cut.critical) if (cut := body.cut_offs) else None
    enterprise.change_settings(
        actor, version=version, name=body.name, retention_days=body.retention_days, cut_offs=cuts
    )
    return show_tenant(enterprise, actor, response)


@router.get("/usage", summary="Show quotas and what is used", responses=responses(Forbidden, NoSuchTenant))
def show_usage(enterprise: Bundle, actor: Reader) -> UsagesOut:
    found = enterprise.tenants.usage(actor.tenant_id)
    return UsagesOut(items=[UsageOut.model_validate(view, from_attributes=True) for view in found])


@router.post(
    "/exports",
    status_code=202,
    summary="Export all that belongs to the tenant",
    responses=responses(Forbidden, QuotaExceeded),
)
def start_export(enterprise: Bundle, actor: Writer, response: Response) -> JobStarted:
    """The job's result names the export."""
    job_id = enterprise.start_export(actor)
    response.headers["Location"] = f"/api/v1/jobs/{shown('job', job_id)}"
    return JobStarted(job_id=job_id)


@router.get(
    "/exports/{export}",
    summary="Download an export (zip)",
    response_class=FileResponse,
    responses=responses(Forbidden, NoSuchExport),
)
def download_export(export: str, enterprise: Bundle, actor: Writer) -> FileResponse:
    found = parsed("exp", export)
    if found is None:
        raise NoSuchExport("There is no export with that id.", fix="The result of its job names it.")
    view = enterprise.tenants.export(actor.tenant_id, found)
    path = enterprise.files.path(actor.tenant_id, FileKind.EXPORTS, file_name(view.id))
    if not path.exists():
        raise NoSuchExport("Its file has expired.", fix="Make a new export.")
    return FileResponse(path, media_type="application/zip", filename=f"{shown('exp', view.id)}.zip")
