"""Single measurements, and the models of their sources."""

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from anomaly_detection.api import Points
from anomaly_detection.application.points.choose_model import no_model_of
from anomaly_detection.application.points.ports import PointFilter, SourceModel
from anomaly_detection.domain.points.point import (
    DEFAULT_SOURCE,
    NoModelForSource,
    Point,
    PointDiffers,
    SourceHasNoModel,
)
from anomaly_detection.presentation.http.answers import SEVERITIES
from anomaly_detection.presentation.http.configuration import Column, Value
from anomaly_detection.presentation.http.detect import ModelNotFound
from anomaly_detection.presentation.http.shared import DEFAULT
from core.application.quota import RateExceeded
from core.domain.actor import Actor
from core.domain.errors import Forbidden
from core.domain.page import InvalidCursor
from core.presentation.http import Line, Route, from_state, requires
from core.presentation.ids import public_id
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from data_platform.api import SchemaMismatch

router = APIRouter(route_class=Route, tags=["detection"])
Service = Annotated[Points, Depends(from_state(Points))]


def in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of the calendar in UTC") from None


Instant = Annotated[AwareDatetime, AfterValidator(in_utc)]
SourceId = Annotated[Line, Field(max_length=200, description="Your own name for where points come from.")]
SourcePath = Annotated[
    Line, Path(max_length=200, description="As points name it; default: the tenant's.", examples=["pump-7"])
]


class PointBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "sourceId": "pump-7",
                    "values": {"pressure": 3.1, "flow": 12.5},
                    "timestamp": "2026-11-21T09:30:00Z",
                }
            ]
        },
    )
    sourceId: SourceId  # noqa: N815  # the founding document's spelling
    values: dict[Column, Value] = Field(min_length=1, max_length=5000)
    timestamp: Instant


class ScoredPointOut(BaseModel):
    """``anomalyScore`` is in [0, 1]; 0.8 and above is an anomaly."""

    dataPointId: Annotated[UUID, public_id("pt")]  # noqa: N815  # as above
    anomalyScore: float  # noqa: N815  # as above
    isAnomaly: bool  # noqa: N815  # as above
    severity: str


class PointOut(BaseModel):
    id: Annotated[UUID, public_id("pt")]
    source_id: str
    timestamp: datetime
    values: dict[str, int | float | str | bool | None]
    score: float
    raw_score: float
    is_anomaly: bool
    severity: str
    model_version_id: Annotated[UUID, public_id("mv")]

    @classmethod
    def of(cls, point: Point) -> Self:
        own = ("id", "source_id", "score", "raw_score", "is_anomaly", "model_version_id")
        return cls(
            **{name: getattr(point, name) for name in own},
            timestamp=point.at,
            values=dict(point.cells),
            severity=SEVERITIES[point.severity],
        )


class SourceModelBody(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"model": "pumps"}]})
    model: Line = Field(max_length=200, description="Id, slug, slug@alias or slug:version.")


class SourceModelOut(BaseModel):
    source_id: str
    model: str
    set_at: datetime

    @classmethod
    def of(cls, found: SourceModel) -> Self:
        return cls(source_id=found.source_id or DEFAULT, model=found.model_reference, set_at=found.set_at)


@router.post(
    "/data",
    status_code=201,
    summary="Score and keep a data point",
    responses=responses(Forbidden, NoModelForSource, PointDiffers, SchemaMismatch, RateExceeded)
    | {200: {"model": ScoredPointOut, "description": "The same point was stored before."}},
)
def score_point(
    actor: Annotated[Actor, requires("detection:run")], service: Service, body: PointBody, response: Response
) -> ScoredPointOut:
    """With the model of its source, else the tenant's default. There is one point per source and time."""
    point, is_new = service.score(actor, body.values, source_id=body.sourceId, at=body.timestamp)
    if not is_new:
        response.status_code = 200
    return ScoredPointOut(
        dataPointId=point.id,
        anomalyScore=point.score,
        isAnomaly=point.is_anomaly,
        severity=SEVERITIES[point.severity],
    )


@router.get("/points", summary="List data points", responses=responses(Forbidden, InvalidCursor))
def list_points(
    request: Request,
    response: Response,
    actor: Annotated[Actor, requires("runs:read")],
    service: Service,
    asked: Paging,
    source_id: Annotated[Line | None, Query(max_length=200)] = None,
    start: Annotated[Instant | None, Query(alias="from", description="Not before this time.")] = None,
    end: Annotated[Instant | None, Query(alias="to", description="Before this time.")] = None,
    is_anomaly: Annotated[bool | None, Query(description="Flagged ones, or the others.")] = None,
) -> PageOut[PointOut]:
    """The latest first."""
    wanted = PointFilter(source_id=source_id, start=start, end=end, is_anomaly=is_anomaly)
    page = service.queries.page(
        actor.tenant_id, wanted, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    items = page.of([PointOut.of(view) for view in page.items])
    return paged(request, response, items, PointOut)


@router.get(
    "/point-sources/{source_id}/model",
    summary="Show which model scores a source's points",
    responses=responses(Forbidden, SourceHasNoModel),
)
def show_source_model(
    source_id: SourcePath, actor: Annotated[Actor, requires("sources:read")], service: Service
) -> SourceModelOut:
    found = service.queries.model_of(actor.tenant_id, stored_id(source_id))
    if found is None:
        raise no_model_of(stored_id(source_id))
    return SourceModelOut.of(found)


@router.put(
    "/sources/{source_id}/model",
    summary="Choose the model that scores a source's points: founding spelling",
    responses=responses(Forbidden, ModelNotFound),
)
@router.put(
    "/point-sources/{source_id}/model",
    summary="Choose the model that scores a source's points",
    responses=responses(Forbidden, ModelNotFound),
)
def set_source_model(
    source_id: SourcePath,
    actor: Annotated[Actor, requires("sources:write")],
    service: Service,
    body: SourceModelBody,
) -> SourceModelOut:
    """`pumps` goes on to mean its champion, `pumps:3` that version. The source `default` stands for all without one."""
    return SourceModelOut.of(service.set_model(actor, stored_id(source_id), model=body.model))


@router.delete(
    "/point-sources/{source_id}/model",
    status_code=204,
    summary="Let the default model score a source's points",
    responses=responses(Forbidden, SourceHasNoModel),
)
def remove_source_model(
    source_id: SourcePath, actor: Annotated[Actor, requires("sources:write")], service: Service
) -> None:
    service.remove_model(actor, stored_id(source_id))


def stored_id(source_id: str) -> str:
    return DEFAULT_SOURCE if source_id == DEFAULT else source_id
