"""Versions of models."""

from base64 import b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict

from core.domain.actor import Actor
from core.domain.errors import Forbidden, Stale
from core.domain.ids import TenantId
from core.domain.page import InvalidCursor
from core.presentation.http import IfMatch, Route, requires, set_etag
from core.presentation.paging import PageOut, Paging
from core.presentation.problems import responses
from machine_learning.api import ModelRegistry, VersionView
from machine_learning.application.registry.compare_versions import NothingToCompare, compared
from machine_learning.application.registry.stored_models import ModelFileLost
from machine_learning.domain.registry.model import ModelNotFound, VersionInUse
from machine_learning.domain.registry.version import NotQuarantined, NotServable, VersionNotFound
from machine_learning.presentation.http.shared import ModelPath, NumberPath, Registry, page_of
from machine_learning.presentation.http.views import ModelVersionOut, VersionDetailOut

router = APIRouter(route_class=Route, tags=["models"])
Reader = Annotated[Actor, requires("models:read")]
Writer = Annotated[Actor, requires("models:write")]
VERSION = "/models/{model}/versions/{number}"


class VersionChange(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"archived": True}]})
    archived: bool


class ComparedFactOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    group: str
    name: str
    values: list[Any]
    differs: bool


class ComparisonOut(BaseModel):
    """One value per version in each row; rows that differ come first."""

    model: str
    versions: list[int]
    rows: list[ComparedFactOut]


@router.get(
    "/models/{model}/versions",
    summary="List a model's versions",
    responses=responses(Forbidden, ModelNotFound, InvalidCursor),
)
def list_versions(
    request: Request, response: Response, model: ModelPath, actor: Reader, registry: Registry, asked: Paging
) -> PageOut[ModelVersionOut]:
    """The newest first."""
    page = registry.models.versions(
        actor.tenant_id, model, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return page_of(request, response, page, shown=ModelVersionOut.of, kind=ModelVersionOut)


@router.get(VERSION, summary="Show a version", responses=responses(Forbidden, ModelNotFound, VersionNotFound))
def show_version(
    model: ModelPath, number: NumberPath, actor: Reader, registry: Registry, response: Response
) -> VersionDetailOut:
    view = registry.models.version(actor.tenant_id, model, number)
    set_etag(response, view.version)
    return VersionDetailOut.of(view)


@router.patch(
    VERSION,
    summary="Archive a version, or take it out of the archive",
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, VersionInUse, NotServable, Stale),
)
def change_version(
    model: ModelPath,
    number: NumberPath,
    body: VersionChange,
    actor: Writer,
    registry: Registry,
    response: Response,
    version: IfMatch,
) -> VersionDetailOut:
    """An archived version is kept, but scores nothing."""
    registry.archive_version(actor, model, number=number, archived=body.archived, read=version)
    return show_version(model, number, actor, registry, response)


@router.delete(
    VERSION,
    status_code=204,
    summary="Delete a version",
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, VersionInUse, Stale),
)
def delete_version(
    model: ModelPath, number: NumberPath, actor: Writer, registry: Registry, version: IfMatch
) -> None:
    """Refused while an alias names it."""
    registry.delete_version(actor, model, number=number, read=version)


@router.post(
    VERSION + "/acceptance",
    summary="Let an imported version out of quarantine",
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, NotQuarantined),
)
def accept_version(
    model: ModelPath,
    number: NumberPath,
    actor: Annotated[Actor, requires("models:accept")],
    registry: Registry,
    response: Response,
) -> VersionDetailOut:
    registry.accept_version(actor, model, number=number)
    return show_version(model, number, actor, registry, response)


@router.get(
    VERSION + "/file",
    summary="Download the model file",
    response_class=FileResponse,
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, ModelFileLost)
    | {200: {"content": {"application/octet-stream": {}}, "description": "The file `import` takes."}},
)
def download_version(model: ModelPath, number: NumberPath, actor: Reader, registry: Registry) -> Response:
    """With the threshold it was trained with, wherever the version's lies now."""
    return file_of(registry, actor.tenant_id, registry.models.version(actor.tenant_id, model, number))


@router.get(
    "/models/{model}/comparison",
    summary="Compare versions side by side",
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, NothingToCompare),
)
def compare_versions(
    model: ModelPath,
    actor: Reader,
    registry: Registry,
    v: Annotated[str, Query(pattern=r"^\d{1,9}(,\d{1,9}){0,20}$", description="Numbers.", examples=["3,4"])],
) -> ComparisonOut:
    numbers = list(dict.fromkeys(int(number) for number in v.split(",")))
    found = [registry.models.version(actor.tenant_id, model, number) for number in numbers]
    rows = [ComparedFactOut.model_validate(fact) for fact in compared(found)]
    return ComparisonOut(model=found[0].model, versions=numbers, rows=rows)


def file_of(registry: ModelRegistry, tenant_id: TenantId, view: VersionView) -> Response:
    """Raises ModelFileLost."""
    path = registry.stored.path(tenant_id, view.file)
    if not path.is_file():
        raise ModelFileLost("The version's file is gone.", fix="Restore it from a backup, or train anew.")
    return FileResponse(
        path,
        media_type="application/octet-stream",
        filename=f"{view.model}-{view.number}.model",
        headers={"ETag": f'"{view.sha256}"', "Repr-Digest": _digest(view.sha256)},
    )


def _digest(sha256: str) -> str:
    """RFC 9530."""
    return f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:"
