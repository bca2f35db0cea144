"""Models and their aliases."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.domain.actor import Actor
from core.domain.errors import Forbidden, Stale
from core.domain.page import InvalidCursor
from core.presentation.http import IfMatch, Name, Route, requires, set_etag
from core.presentation.paging import PageOut, Paging
from core.presentation.problems import responses
from machine_learning.domain.registry.model import (
    AliasNotFound,
    ModelNotFound,
    NoFormerChampion,
    TooManyAliases,
)
from machine_learning.domain.registry.version import NotServable, VersionNotFound
from machine_learning.presentation.http.shared import ModelPath, Note, Registry, page_of
from machine_learning.presentation.http.views import AliasMoveOut, ModelOut

router = APIRouter(route_class=Route, tags=["models"])
AliasPath = Annotated[
    str,
    Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="Name of the alias.", examples=["champion"]),
]
Sort = Literal["slug", "-slug", "created_at", "-created_at"]
Reader = Annotated[Actor, requires("models:read")]
Writer = Annotated[Actor, requires("models:write")]


class ModelChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Pumps, hall 7"}]})
    name: Name | None = Field(default=None, max_length=120)
    description: str | None = Field(default=None, max_length=4000, pattern=r"^[^\x00]*$")


class AliasBody(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"version": 3}]})
    version: int = Field(ge=1, le=10**9, description="Number of the version it is to name.")
    note: Note = ""


class RollbackBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "Too many false alarms since Monday."}]}
    )
    note: Note = ""


@router.get("/models", summary="List models", responses=responses(Forbidden, InvalidCursor))
def list_models(
    request: Request,
    response: Response,
    actor: Reader,
    registry: Registry,
    asked: Paging,
    sort: Annotated[Sort, Query(description="A minus sorts downwards.")] = "-created_at",
) -> PageOut[ModelOut]:
    """Each with its newest versions and its aliases, the newest model first."""
    page = registry.models.models(
        actor.tenant_id, sort=sort, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return page_of(request, response, page, shown=ModelOut.of, kind=ModelOut)


@router.get("/models/{model}", summary="Show a model", responses=responses(Forbidden, ModelNotFound))
def show_model(model: ModelPath, actor: Reader, registry: Registry, response: Response) -> ModelOut:
    view = registry.models.model(actor.tenant_id, model)
    set_etag(response, view.version)
    return ModelOut.of(view)


@router.patch(
    "/models/{model}",
    summary="Change a model's name or description",
    responses=responses(Forbidden, ModelNotFound, Stale),
)
def change_model(
    model: ModelPath,
    body: ModelChange,
    actor: Writer,
    registry: Registry,
    response: Response,
    version: IfMatch,
) -> ModelOut:
    registry.describe(actor, model, version=version, name=body.name, description=body.description)
    return show_model(model, actor, registry, response)


@router.delete(
    "/models/{model}",
    status_code=204,
    summary="Delete a model with all its versions",
    responses=responses(Forbidden, ModelNotFound, Stale),
)
def delete_model(model: ModelPath, actor: Writer, registry: Registry, version: IfMatch) -> None:
    registry.delete_model(actor, model, version=version)


@router.put(
    "/models/{model}/aliases/{alias}",
    summary="Let an alias name a version: champion to promote it",
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, NotServable, TooManyAliases, Stale),
)
def point_alias(
    model: ModelPath,
    alias: AliasPath,
    body: AliasBody,
    actor: Writer,
    registry: Registry,
    response: Response,
    version: IfMatch,
) -> ModelOut:
    registry.point_alias(actor, model, alias=alias, number=body.version, version=version, note=body.note)
    return show_model(model, actor, registry, response)


@router.delete(
    "/models/{model}/aliases/{alias}",
    status_code=204,
    summary="Take an alias away",
    responses=responses(Forbidden, ModelNotFound, AliasNotFound, Stale),
)
def remove_alias(
    model: ModelPath, alias: AliasPath, actor: Writer, registry: Registry, version: IfMatch
) -> None:
    registry.remove_alias(actor, model, alias=alias, version=version)


@router.post(
    "/models/{model}/rollback",
    summary="Make the champion before the present one champion again",
    responses=responses(Forbidden, ModelNotFound, NoFormerChampion, NotServable, Stale),
)
def roll_back(
    model: ModelPath,
    actor: Writer,
    registry: Registry,
    response: Response,
    version: IfMatch,
    body: RollbackBody | None = None,
) -> ModelOut:
    registry.roll_back(actor, model, version=version, note=body.note if body else "")
    return show_model(model, actor, registry, response)


@router.get(
    "/models/{model}/alias-history",
    summary="List the moves of a model's aliases",
    responses=responses(Forbidden, ModelNotFound, InvalidCursor),
)
def list_alias_moves(
    request: Request, response: Response, model: ModelPath, actor: Reader, registry: Registry, asked: Paging
) -> PageOut[AliasMoveOut]:
    """The newest first."""
    page = registry.models.alias_moves(
        actor.tenant_id, model, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return page_of(request, response, page, shown=AliasMoveOut.of, kind=AliasMoveOut)
