"""Rows of a version."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from core.application.quota import QuotaExceeded
from core.domain.errors import BadRequest, Forbidden, TooLarge
from core.domain.page import InvalidCursor
from core.presentation.bodies import Upload, check
from core.presentation.http import IdempotencyKeyRequired, Route
from core.presentation.json_text import plain
from core.presentation.problems import problem, request_id, responses
from data_platform.application.datasets.append_rows import DatasetIsBusy, RowsRejected
from data_platform.application.datasets.ports import Condition
from data_platform.application.datasets.stored_datasets import RowsLost
from data_platform.application.refusals import InvalidTable
from data_platform.domain.datasets.dataset import DatasetNotFound, DatasetVersionNotFound, VersionNotReady
from data_platform.domain.schema import UnknownColumn
from data_platform.presentation.http.shared import DatasetPath, Number, Reader, Service, Writer
from data_platform.presentation.http.uploads import BODY, MalformedForm, UnknownForm, uploaded_file
from data_platform.presentation.http.views import DatasetVersionOut

router = APIRouter(route_class=Route, tags=["datasets"])
MOST_BYTES = 10 << 20
OPERATORS = ("eq", "gte", "lte", "contains")


class MalformedCondition(BadRequest):
    title = "The condition is not well-formed"


class RowOut(BaseModel):
    row: int
    values: dict[str, Any]


class RowsOut(BaseModel):
    items: list[RowOut]
    next_cursor: str | None
    has_more: bool
    version: int


class FacetOut(BaseModel):
    value: Any
    rows: int


class FacetsOut(BaseModel):
    column: str
    version: int
    items: list[FacetOut]


class RowErrorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    row: int
    column: str
    detail: str


class AppendedOut(BaseModel):
    accepted: int
    rejected: int
    errors: list[RowErrorOut]
    version: DatasetVersionOut


@router.post(
    "/datasets/{dataset}/rows",
    summary="Add rows",
    openapi_extra=BODY,
    response_model=AppendedOut,
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
) -> Any:
    """At most 10 MB of JSON, NDJSON, CSV or Parquet. The rows before and these are the next version."""
    if not key:
        raise IdempotencyKeyRequired(
            "Rows sent twice would be stored twice.",
            fix="Send Idempotency-Key: a text of your own, such as a UUID.",
        )
    check(upload.size, MOST_BYTES)
    with uploaded_file(request, upload, service.files) as raw:
        try:
            version_id, checked, accepted = service.append(
                actor, dataset, raw=raw, all_or_none=on_error == "reject_batch"
            )
        except RowsRejected as error:
            return _rejected(request, error)
    return AppendedOut(
        accepted=accepted,
        rejected=checked.rejected,
        errors=[RowErrorOut.model_validate(each) for each in checked.errors],
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
    number: Number = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    where: Annotated[
        list[str] | None,
        Query(
            max_length=20,
            description="`column:operator:value`, operator eq, gte, lte or contains.",
            examples=[["amount:gte:100"]],
        ),
    ] = None,
) -> RowsOut:
    """In their order; `row` counts from 0."""
    view = service.queries.version(actor.tenant_id, dataset, number)
    paths = service.reader.paths(actor.tenant_id, view)
    conditions = [_condition(text) for text in where or ()]
    first = _row_after(cursor)
    found = service.rows.preview(paths, first=first, limit=limit + 1, where=conditions)
    items = [RowOut(row=row, values=plain(values)) for row, values in found[:limit]]
    last = _cursor(items[-1].row) if len(found) > limit else None
    return RowsOut(items=items, next_cursor=last, has_more=last is not None, version=view.number)


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


def _condition(text: str) -> Condition:
    """A column's name may hold colons: the operator is the first that is one."""
    for operator in OPERATORS:
        column, found, value = text.partition(f":{operator}:")
        if found and column:
            return Condition(column, operator, value)
    raise MalformedCondition(
        f"{text[:80]!r} is none.", fix="Write column:operator:value, such as amount:gte:100."
    )


def _cursor(row: int) -> str:
    return urlsafe_b64encode(f"row:{row}".encode()).decode().rstrip("=")


def _row_after(cursor: str | None) -> int:
    """Raises InvalidCursor."""
    if cursor is None:
        return 0
    try:
        name, _, digits = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(":")
    except ValueError:
        name = digits = ""
    if name != "row" or not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise InvalidCursor("It is of another list.", fix="Leave it out to start from the first page.")
    return int(digits) + 1


def _rejected(request: Request, error: RowsRejected) -> JSONResponse:
    errors = [{"row": e.row, "column": e.column, "detail": e.detail} for e in error.errors]
    return problem(
        request.url.path,
        status=422,
        code="rows_rejected",
        title=error.title,
        detail=error.detail,
        facts=dict(error.facts) | {"fix": error.fix, "accepted": 0, "errors": errors},
        request_id=request_id(request),
    )
