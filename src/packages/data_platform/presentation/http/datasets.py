"""Datasets themselves."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.domain.errors import Forbidden, Stale
from core.domain.page import InvalidCursor
from core.presentation.http import IfMatch, Name, Route, Slug, set_etag
from core.presentation.ids import shown
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import pointing_at, responses
from data_platform.domain.datasets.dataset import DatasetNameTaken, DatasetNotFound, InvalidDatasetName
from data_platform.domain.schema import ColumnNotInDataset, ConflictingRoles
from data_platform.presentation.http.shared import DatasetPath, Reader, Service, Writer, location
from data_platform.presentation.http.views import ColumnRoles, DatasetOut

router = APIRouter(route_class=Route, tags=["datasets"])
DatasetSort = Literal["-created_at", "name", "-name", "rows", "-rows"]
Words = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]


class NewDataset(BaseModel):
    """Without a slug it is made of the name."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Orders", "columns": {"id": "order_id"}}]},
    )
    name: Name = Field(max_length=120)
    slug: Slug | None = None
    description: Words = ""
    columns: ColumnRoles = ColumnRoles()


class DatasetChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Orders, EU"}]})
    name: Name | None = Field(default=None, max_length=120)
    description: Words | None = None
    columns: ColumnRoles | None = None


@router.get("/datasets", summary="List datasets", responses=responses(Forbidden, InvalidCursor))
def list_datasets(
    request: Request,
    response: Response,
    actor: Reader,
    service: Service,
    asked: Paging,
    q: Annotated[
        str | None, Query(max_length=120, pattern=r"^[^\x00]*$", description="Part of name or slug.")
    ] = None,
    sort: Annotated[DatasetSort, Query()] = "-created_at",
) -> PageOut[DatasetOut]:
    page = service.queries.page(
        actor.tenant_id, search=q, sort=sort, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return paged(request, response, page, DatasetOut)


@router.post(
    "/datasets",
    status_code=201,
    summary="Create a dataset",
    responses=responses(Forbidden, InvalidDatasetName, DatasetNameTaken),
)
def create_dataset(actor: Writer, service: Service, body: NewDataset, response: Response) -> DatasetOut:
    """Rows come as versions: POST a file to `/datasets/{dataset}/versions`."""
    columns = body.columns.model_dump(mode="json")
    dataset_id = service.create(
        actor, name=body.name, slug=body.slug, description=body.description, columns=columns
    )
    made = shown("ds", dataset_id)
    location(response, f"/datasets/{made}")
    return show_dataset(made, actor, service, response)


@router.get("/datasets/{dataset}", summary="Show a dataset", responses=responses(Forbidden, DatasetNotFound))
def show_dataset(dataset: DatasetPath, actor: Reader, service: Service, response: Response) -> DatasetOut:
    view = service.queries.get(actor.tenant_id, dataset)
    set_etag(response, view.version)
    return DatasetOut.model_validate(view, from_attributes=True)


@router.patch(
    "/datasets/{dataset}",
    summary="Change a dataset's name, description or columns",
    responses=responses(Forbidden, DatasetNotFound, ColumnNotInDataset, ConflictingRoles, Stale),
)
def change_dataset(
    dataset: DatasetPath,
    actor: Writer,
    service: Service,
    body: DatasetChange,
    response: Response,
    version: IfMatch,
) -> DatasetOut:
    columns = None if body.columns is None else body.columns.model_dump(mode="json")
    with pointing_at({ColumnNotInDataset: "#/columns/{role}", ConflictingRoles: "#/columns"}):
        service.change(
            actor, dataset, version=version, name=body.name, description=body.description, columns=columns
        )
    return show_dataset(dataset, actor, service, response)


@router.delete(
    "/datasets/{dataset}",
    status_code=204,
    summary="Delete a dataset with all its versions",
    responses=responses(Forbidden, DatasetNotFound, Stale),
)
def delete_dataset(dataset: DatasetPath, actor: Writer, service: Service, version: IfMatch) -> None:
    """Runs keep what they found in it."""
    service.delete(actor, dataset, version=version)
