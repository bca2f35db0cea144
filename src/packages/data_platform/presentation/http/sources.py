"""Databases that rows are fetched from."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core.domain.actor import Actor
from core.domain.errors import Forbidden, Invalid, Stale, Unavailable
from core.domain.page import InvalidCursor
from core.presentation.http import IfMatch, Name, Route, requires, set_etag
from core.presentation.ids import public_id, shown
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from data_platform.domain.datasets.dataset import DatasetNotFound
from data_platform.domain.datasets.source import SourceKind, SourceNameTaken, SourceNotFound
from data_platform.presentation.http.shared import DatasetPath, Service, Writer, accepted, location

router = APIRouter(route_class=Route, tags=["sources"])
SourcePath = Annotated[str, Path(description="Id or slug of the source.", examples=["shop"], max_length=100)]
Reader = Annotated[Actor, requires("sources:read")]
Admin = Annotated[Actor, requires("sources:write")]
Query = Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")]


class RefusedSource(Invalid):
    title = "The source's URL, query or host is refused"


class NewSource(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "Shop",
                    "url": "postgresql://reader:secret@db.example:5432/shop",
                    "query": "SELECT * FROM orders",
                }
            ]
        },
    )
    name: Name = Field(max_length=120)
    url: SecretStr = Field(max_length=2000, description="postgresql://... or mysql://...; never shown again.")
    query: Query = Field(default="", description="Fetched where a fetch names none.")


class SourceChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"query": "SELECT 1 AS one"}]})
    name: Name | None = Field(default=None, max_length=120)
    url: SecretStr | None = Field(default=None, max_length=2000)
    query: Query | None = None


class SourceOut(BaseModel):
    id: Annotated[UUID, public_id("src")]
    slug: str
    name: str
    kind: SourceKind
    place: str
    query: str
    created_at: datetime


class TrialOut(BaseModel):
    reachable: bool


class NewFetch(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"source": "shop"}]})
    source: str = Field(max_length=100, description="Id or slug of the source.")
    query: Query | None = Field(default=None, description="The source's own where left out.")


class FetchOut(BaseModel):
    job_id: Annotated[UUID, public_id("job")]


@router.get("/sources", summary="List sources", responses=responses(Forbidden, InvalidCursor))
def list_sources(
    request: Request, response: Response, actor: Reader, service: Service, asked: Paging
) -> PageOut[SourceOut]:
    """The newest first, without their URLs."""
    page = service.queries.sources(actor.tenant_id, limit=asked.limit, cursor=asked.cursor, count=asked.count)
    return paged(request, response, page, SourceOut)


@router.post(
    "/sources",
    status_code=201,
    summary="Add a source",
    responses=responses(Forbidden, SourceNameTaken, RefusedSource),
)
def create_source(actor: Admin, service: Service, body: NewSource, response: Response) -> SourceOut:
    """Where its host is, is looked at when it is connected to."""
    made = service.create_source(actor, name=body.name, url=body.url.get_secret_value(), query=body.query)
    location(response, f"/sources/{shown('src', made)}")
    return show_source(shown("src", made), actor, service, response)


@router.get("/sources/{source}", summary="Show a source", responses=responses(Forbidden, SourceNotFound))
def show_source(source: SourcePath, actor: Reader, service: Service, response: Response) -> SourceOut:
    view = service.queries.source(actor.tenant_id, source)
    set_etag(response, view.version)
    return SourceOut.model_validate(view, from_attributes=True)


@router.patch(
    "/sources/{source}",
    summary="Change a source",
    responses=responses(Forbidden, SourceNotFound, RefusedSource, Stale),
)
def change_source(
    source: SourcePath,
    actor: Admin,
    service: Service,
    body: SourceChange,
    response: Response,
    version: IfMatch,
) -> SourceOut:
    url = None if body.url is None else body.url.get_secret_value()
    service.change_source(actor, source, version=version, name=body.name, url=url, query=body.query)
    return show_source(source, actor, service, response)


@router.delete(
    "/sources/{source}",
    status_code=204,
    summary="Delete a source",
    responses=responses(Forbidden, SourceNotFound, Stale),
)
def delete_source(source: SourcePath, actor: Admin, service: Service, version: IfMatch) -> None:
    """What was fetched from it stays."""
    service.delete_source(actor, source, version=version)


@router.post(
    "/sources/{source}/test",
    summary="Try to reach a source",
    responses=responses(Forbidden, SourceNotFound, RefusedSource, Unavailable),
)
def try_source(source: SourcePath, actor: Admin, service: Service) -> TrialOut:
    service.try_source(actor, source)
    return TrialOut(reachable=True)


@router.post(
    "/datasets/{dataset}/fetches",
    status_code=202,
    summary="Fetch rows from a source as the next version",
    tags=["datasets"],
    responses=responses(Forbidden, DatasetNotFound, SourceNotFound, RefusedSource),
)
def start_fetch(
    dataset: DatasetPath, actor: Writer, service: Service, body: NewFetch, response: Response
) -> FetchOut:
    """A job runs the query, in a transaction that can only read."""
    job_id = service.start_fetch(actor, dataset, source=body.source, query=body.query)
    accepted(response, f"/jobs/{shown('job', job_id)}")
    return FetchOut(job_id=job_id)
