"""Versions of datasets: uploads, what is in them, downloads."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from core.application.quota import QuotaExceeded
from core.domain.errors import Forbidden, TooLarge
from core.domain.page import InvalidCursor
from core.presentation.bodies import Upload, UploadTooLarge
from core.presentation.http import Name, Route, Slug
from core.presentation.ids import shown
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from data_platform.api import Datasets, DatasetVersionId
from data_platform.application.datasets.ports import VersionView
from data_platform.application.datasets.stored_datasets import RowsLost
from data_platform.application.refusals import InvalidTable
from data_platform.domain.datasets.dataset import (
    DatasetNameTaken,
    DatasetNotFound,
    DatasetVersionNotFound,
    VersionNotReady,
    VersionState,
)
from data_platform.domain.datasets.stored_checks import scopes, stored_findings
from data_platform.domain.findings import Check, CheckScope, is_off
from data_platform.domain.schema import ColumnNotInDataset, UnknownColumn
from data_platform.presentation.http.shared import (
    DatasetPath,
    Number,
    NumberPath,
    Reader,
    Service,
    Where,
    Writer,
    accepted,
    location,
)
from data_platform.presentation.http.uploads import BODY, MalformedForm, UnknownForm, uploaded_file
from data_platform.presentation.http.views import ColumnName, DatasetVersionOut
from data_platform.presentation.row_text import condition_of

router = APIRouter(route_class=Route, tags=["datasets"])
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
CheckPath = Annotated[Check, Path(description="Name of the check.", examples=["constant"])]
REFUSALS = (Forbidden, QuotaExceeded, UploadTooLarge, TooLarge, InvalidTable, MalformedForm, UnknownForm)


class ProfileOut(BaseModel):
    """`profile` is null while its job has not ended."""

    version: int
    state: Literal["ready", "pending"]
    profile: dict[str, Any] | None


class QualityOut(BaseModel):
    """`findings` are of all checks; a failed one of weight `warning` deserves a look, and says `since` which version. One
    that is not `on` was switched off, and does not lower `quality`, 0 to 100."""

    version: int
    state: Literal["ready", "pending"]
    quality: int | None
    findings: list[dict[str, Any]]


class CheckSwitch(BaseModel):
    """Without a column, the check is switched in all of them."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"on": False, "column": "currency"}]}
    )
    on: bool
    column: ColumnName | None = None


@router.post(
    "/datasets/uploads",
    status_code=201,
    summary="Create a dataset of a file",
    openapi_extra=BODY,
    responses=responses(*REFUSALS, DatasetNameTaken)
    | {202: {"description": "A large file, which a job reads.", "model": DatasetVersionOut}},
)
def create_from_file(
    actor: Writer,
    upload: Upload,
    service: Service,
    request: Request,
    response: Response,
    name: Annotated[Name, Query(max_length=120, description="Of the dataset.", examples=["Orders"])],
    slug: Annotated[Slug | None, Query(description="Made of the name where left out.")] = None,
) -> DatasetVersionOut:
    """The dataset and its first version in one go. Where the file is refused there is no dataset either."""
    with uploaded_file(request, upload, service.files) as raw:
        made = service.create(actor, name=name, slug=slug, description="", columns={})
        try:
            version_id, _ = service.upload(actor, shown("ds", made), raw=raw)
        except BaseException:
            service.delete(actor, shown("ds", made), version=None)
            raise
    return _uploaded(service, actor.tenant_id, version_id, response, is_new=True)


@router.post(
    "/datasets/{dataset}/versions",
    status_code=201,
    summary="Upload a file as the next version",
    openapi_extra=BODY,
    responses=responses(*REFUSALS, DatasetNotFound)
    | {
        200: {
            "description": "The same bytes were uploaded before: their version.",
            "model": DatasetVersionOut,
        },
        202: {"description": "A large file, which a job reads.", "model": DatasetVersionOut},
    },
)
def upload_version(
    dataset: DatasetPath,
    actor: Writer,
    upload: Upload,
    service: Service,
    request: Request,
    response: Response,
) -> DatasetVersionOut:
    """CSV, NDJSON, JSON, Parquet or Arrow, compressed by gzip or not; as the body, or as the field `file` of a form."""
    with uploaded_file(request, upload, service.files) as raw:
        version_id, is_new = service.upload(actor, dataset, raw=raw)
    return _uploaded(service, actor.tenant_id, version_id, response, is_new=is_new)


@router.get(
    "/datasets/{dataset}/versions",
    summary="List versions",
    responses=responses(Forbidden, DatasetNotFound, InvalidCursor),
)
def list_versions(
    request: Request, response: Response, dataset: DatasetPath, actor: Reader, service: Service, asked: Paging
) -> PageOut[DatasetVersionOut]:
    """The newest first."""
    page = service.queries.versions(
        actor.tenant_id, dataset, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    items = page.of([DatasetVersionOut.of(view) for view in page.items])
    return paged(request, response, items, DatasetVersionOut)


@router.get(
    "/datasets/{dataset}/versions/{number}",
    summary="Show a version",
    responses=responses(Forbidden, DatasetNotFound, DatasetVersionNotFound),
)
def show_version(
    dataset: DatasetPath, number: NumberPath, actor: Reader, service: Service
) -> DatasetVersionOut:
    return DatasetVersionOut.of(service.queries.version(actor.tenant_id, dataset, number))


@router.get(
    "/datasets/{dataset}/profile",
    summary="Show a version's profile",
    responses=responses(Forbidden, DatasetNotFound, DatasetVersionNotFound),
)
def show_profile(dataset: DatasetPath, actor: Reader, service: Service, number: Number = None) -> ProfileOut:
    view = service.queries.version(actor.tenant_id, dataset, number)
    profile = None if view.profile is None else dict(view.profile)
    return ProfileOut(version=view.number, state=_state(view), profile=profile)


@router.get(
    "/datasets/{dataset}/quality",
    summary="Show what is wrong, or worth knowing, about a version's values",
    responses=responses(Forbidden, DatasetNotFound, DatasetVersionNotFound),
)
def show_quality(dataset: DatasetPath, actor: Reader, service: Service, number: Number = None) -> QualityOut:
    view = service.queries.version(actor.tenant_id, dataset, number)
    return _quality(view)


@router.put(
    "/datasets/{dataset}/checks/{check}",
    status_code=204,
    summary="Switch a check off for a dataset, or on again",
    responses=responses(Forbidden, DatasetNotFound, ColumnNotInDataset),
)
def switch_check(
    dataset: DatasetPath, check: CheckPath, actor: Writer, service: Service, body: CheckSwitch
) -> None:
    """Its findings stay listed; they do not lower the quality of any version."""
    service.switch_check(actor, dataset, CheckScope(check, body.column), on=body.on)


@router.get(
    "/datasets/{dataset}/file",
    summary="Download a version, or those of its rows that conditions are true of",
    response_class=StreamingResponse,
    responses=responses(
        Forbidden, DatasetNotFound, DatasetVersionNotFound, VersionNotReady, RowsLost, UnknownColumn
    )
    | {200: {"content": {kind: {} for kind in MEDIA.values()}, "description": "All rows."}},
)
def download_version(
    dataset: DatasetPath,
    actor: Reader,
    service: Service,
    number: Number = None,
    form: Annotated[Literal["csv", "ndjson", "parquet"], Query(alias="format")] = "csv",
    where: Where = None,
) -> StreamingResponse:
    """In CSV, text that a spreadsheet would run as a formula has an apostrophe before it."""
    view = service.queries.version(actor.tenant_id, dataset, number)
    opened = service.reader.opened(actor.tenant_id, view)
    name = f"{view.dataset}-{view.number}.{form}"
    return StreamingResponse(
        service.rows.exported(opened.table, form, [condition_of(text) for text in where or ()]),
        media_type=MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _quality(view: VersionView) -> QualityOut:
    off = scopes(view.checks_off)
    profile = view.profile or {"findings": []}
    findings = [
        dict(stored) | {"on": not is_off(finding, off)}
        for stored, finding in zip(profile["findings"], stored_findings(profile), strict=True)
    ]
    return QualityOut(version=view.number, state=_state(view), quality=view.quality, findings=findings)


def _state(view: VersionView) -> Literal["ready", "pending"]:
    return "pending" if view.profile is None else "ready"


def _uploaded(
    service: Datasets, tenant_id: Any, version_id: DatasetVersionId, response: Response, *, is_new: bool
) -> DatasetVersionOut:
    view = service.queries.version_of(tenant_id, version_id)
    path = f"/datasets/{view.dataset}/versions/{view.number}"
    if view.state is VersionState.INGESTING:
        accepted(response, path)
    else:
        location(response, path)
        response.status_code = 201 if is_new else 200
    return DatasetVersionOut.of(view)
