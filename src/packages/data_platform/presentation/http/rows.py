"""Rows of a version."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from pydantic import BaseModel

from core.application.quota import QuotaExceeded
from core.domain.errors import Forbidden, TooLarge
from core.domain.page import InvalidCursor
from core.presentation.bodies import Upload, check
from core.presentation.http import IdempotencyKeyRequired, Route
from core.presentation.json_text import plain
from core.presentation.paging import PageOut, Paging, said_of
from core.presentation.problems import responses
from data_platform.application.datasets.append_rows import DatasetIsBusy, RowsRejected
from data_platform.application.datasets.stored_datasets import RowsLost
from data_platform.application.refusals import InvalidTable
from data_platform.domain.datasets.dataset import DatasetNotFound, DatasetVersionNotFound, VersionNotReady
from data_platform.domain.schema import UnknownColumn
from data_platform.presentation.http.shared import DatasetPath, Number, Reader, Service, Where, Writer
from data_platform.presentation.http.uploads import BODY, MalformedForm, UnknownForm, uploaded_file
from data_platform.presentation.http.views import DatasetVersionOut, RowProblemOut
from data_platform.presentation.row_text import condition_of, row_after, row_cursor

router = APIRouter(route_class=Route, tags=["datasets"])
MOST_BYTES = 10 << 20


class RowOut(BaseModel):
    row: int
    values: dict[str, Any]


class RowsOut(PageOut[RowOut]):
    version: int


class FacetOut(BaseModel):
    value: Any
    rows: int


class FacetsOut(BaseModel):
    column: str
    version: int
    items: list[FacetOut]


class AppendedOut(BaseModel):
    accepted: int
    rejected: int
    errors: list[RowProblemOut]
    version: DatasetVersionOut


@router.post(
    "/datasets/{dataset}/rows",
    summary="Add rows",
    openapi_extra=BODY,
    responses=responses(
        Forbidden,
        QuotaExceeded,
        DatasetNotFound,
        TooLarge,
        InvalidTable,
        RowsRejected,
        DatasetIsBusy,
        IdempotencyKeyRequired,
        MalformedForm,
        UnknownForm,
    ),
)
def append_rows(
    dataset: DatasetPath,
    actor: Writer,
    upload: Upload,
    service: Service,
    request: Request,
    key: Annotated[str | None, Header(alias="Idempotency-Key", max_length=255)] = None,
    on_error: Annotated[Literal["keep_others", "reject_batch"], Query()] = "keep_others",
) -> AppendedOut:
    """At most 10 MB of JSON, NDJSON, CSV or Parquet. The rows before and these are the next version."""
    if not key:
        raise IdempotencyKeyRequired(
            "Rows sent twice would be stored twice.",
            fix="Send Idempotency-Key: a text of your own, such as a UUID.",
        )
    check(upload.size, MOST_BYTES)
    with uploaded_file(request, upload, service.files) as raw:
        version_id, checked, accepted = service.append(
            actor, dataset, raw=raw, all_or_none=on_error == "reject_batch"
        )
    return AppendedOut(
        accepted=accepted,
        rejected=checked.rejected,
        errors=[RowProblemOut.model_validate(each) for each in checked.problems],
        version=DatasetVersionOut.of(service.queries.version_of(actor.tenant_id, version_id)),
    )


@router.get(
    "/datasets/{dataset}/rows",
    summary="Look at rows",
    responses=responses(
        Forbidden,
        DatasetNotFound,
        DatasetVersionNotFound,
        VersionNotReady,
        RowsLost,
        UnknownColumn,
        InvalidCursor,
    ),
)
def preview_rows(
    dataset: DatasetPath,
    actor: Reader,
    service: Service,
    asked: Paging,
    number: Number = None,
    where: Where = None,
) -> RowsOut:
    """In their order; `row` counts from 0."""
    view = service.queries.version(actor.tenant_id, dataset, number)
    paths = service.reader.paths(actor.tenant_id, view)
    conditions = [condition_of(text) for text in where or ()]
    first = row_after(asked.cursor)
    found = service.rows.preview(paths, first=first, limit=asked.limit + 1, where=conditions)
    items = [RowOut(row=row, values=plain(values)) for row, values in found[: asked.limit]]
    last = row_cursor(items[-1].row) if len(found) > asked.limit else None
    total = service.rows.count(paths, where=conditions, count=asked.count) if asked.count else None
    return RowsOut(
        items=items, next_cursor=last, has_more=last is not None, version=view.number, **said_of(total)
    )


@router.get(
    "/datasets/{dataset}/facets",
    summary="Count a column's commonest values",
    responses=responses(
        Forbidden, DatasetNotFound, DatasetVersionNotFound, VersionNotReady, RowsLost, UnknownColumn
    ),
)
def show_facets(
    dataset: DatasetPath,
    actor: Reader,
    service: Service,
    column: Annotated[str, Query(max_length=500, examples=["country"])],
    number: Number = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
) -> FacetsOut:
    view = service.queries.version(actor.tenant_id, dataset, number)
    found = service.rows.facets(service.reader.paths(actor.tenant_id, view), column, limit)
    items = [FacetOut(value=plain(value), rows=rows) for value, rows in found]
    return FacetsOut(column=column, version=view.number, items=items)
