"""Named detectors."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from anomaly_detection.api import Definitions
from anomaly_detection.application.definitions.change_detector import Refers
from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.domain.definitions.detector_definition import (
    DetectorNameTaken,
    DetectorNotFound,
    InvalidDetectorName,
    NotItsRun,
)
from anomaly_detection.domain.detector import InvalidParameter, UnknownAlgorithm
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import RunNotFinished, RunNotFound
from anomaly_detection.presentation.http.configuration import ConfigurationBody, ConfigurationOut
from anomaly_detection.presentation.http.shared import BASE, DetectorPath, pointing
from core.domain.actor import Actor
from core.domain.errors import Forbidden, Stale
from core.domain.page import InvalidCursor
from core.presentation.http import IfMatch, Line, Name, Route, Slug, from_state, requires, set_etag
from core.presentation.ids import public_id, shown
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses
from data_platform.api import DatasetNotFound

router = APIRouter(route_class=Route, tags=["detectors"])
Service = Annotated[Definitions, Depends(from_state(Definitions))]
Reader = Annotated[Actor, requires("detectors:read")]
Writer = Annotated[Actor, requires("detectors:write")]
Words = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]
DatasetName = Annotated[Line, Field(max_length=120, description="Id or slug: where it usually runs.")]


class NewDetector(ConfigurationBody):
    """Without a slug it is made of the name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Large orders",
                    "algorithm": "isolation_forest",
                    "params": {"n_estimators": 200},
                    "contamination": 0.01,
                }
            ]
        }
    )
    name: Name = Field(max_length=200)
    slug: Slug | None = None
    description: Words = ""
    dataset: DatasetName | None = None


class DetectorChange(ConfigurationBody):
    """What is left out stays as it is; ``dataset: null`` takes the dataset away, ``baseline_run: null`` the
    baseline."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"contamination": 0.02}]})
    name: Name = Field(default="", max_length=200)
    description: Words = ""
    dataset: DatasetName | None = None
    baseline_run: Annotated[UUID, public_id("run")] | None = Field(
        default=None, description="One of its runs that has a result: later ones are measured against it."
    )

    def refers(self) -> Refers:
        """What the body has of it."""
        found = Refers()
        if "dataset" in self.model_fields_set:
            found["dataset"] = self.dataset
        if "baseline_run" in self.model_fields_set:
            found["baseline_run"] = None if self.baseline_run is None else RunId(self.baseline_run)
        return found


class DetectorOut(BaseModel):
    id: Annotated[UUID, public_id("det")]
    slug: str
    name: str
    description: str
    configuration: ConfigurationOut
    dataset_id: Annotated[UUID, public_id("ds")] | None
    baseline_run: Annotated[UUID, public_id("run")] | None
    created_at: datetime
    user_id: Annotated[UUID, public_id("usr")] | None
    key_id: Annotated[UUID, public_id("key")] | None

    @classmethod
    def of(cls, view: DetectorView) -> Self:
        own = ("id", "slug", "name", "description", "dataset_id", "created_at")
        stored = view.configuration
        return cls(
            **{name: getattr(view, name) for name in own},
            configuration=ConfigurationOut(**stored, params=stored["parameters"]),
            baseline_run=view.baseline_run_id,
            user_id=view.created_by,
            key_id=view.created_with,
        )


@router.get("/detectors", summary="List detectors", responses=responses(Forbidden, InvalidCursor))
def list_detectors(
    request: Request,
    response: Response,
    actor: Reader,
    service: Service,
    asked: Paging,
    sort: Annotated[
        Literal["created_at", "-created_at", "name", "-name"], Query(description="A minus sorts downwards.")
    ] = "-created_at",
) -> PageOut[DetectorOut]:
    page = service.queries.page(
        actor.tenant_id, sort=sort, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    items = page.of([DetectorOut.of(view) for view in page.items])
    return paged(request, response, items, DetectorOut)


@router.post(
    "/detectors",
    status_code=201,
    summary="Create a detector",
    responses=responses(
        Forbidden, InvalidDetectorName, DetectorNameTaken, UnknownAlgorithm, InvalidParameter, DatasetNotFound
    ),
)
def create_detector(actor: Writer, service: Service, body: NewDetector, response: Response) -> DetectorOut:
    """A configuration under a name, for runs and scores."""
    with pointing():
        detector_id = service.define(
            actor,
            body.configuration(),
            name=body.name,
            slug=body.slug,
            description=body.description,
            dataset=body.dataset,
        )
    made = shown("det", detector_id)
    response.headers["Location"] = f"{BASE}/detectors/{made}"
    return show_detector(made, actor, service, response)


@router.get(
    "/detectors/{detector}", summary="Show a detector", responses=responses(Forbidden, DetectorNotFound)
)
def show_detector(detector: DetectorPath, actor: Reader, service: Service, response: Response) -> DetectorOut:
    view = service.queries.get(actor.tenant_id, detector)
    set_etag(response, view.version)
    return DetectorOut.of(view)


@router.patch(
    "/detectors/{detector}",
    summary="Change a detector",
    responses=responses(
        Forbidden,
        DetectorNotFound,
        UnknownAlgorithm,
        InvalidParameter,
        DatasetNotFound,
        RunNotFound,
        RunNotFinished,
        NotItsRun,
        Stale,
    ),
)
def change_detector(
    detector: DetectorPath,
    actor: Writer,
    service: Service,
    body: DetectorChange,
    response: Response,
    version: IfMatch,
) -> DetectorOut:
    """Runs keep the configuration they had."""
    given = body.model_fields_set
    with pointing():
        service.change(
            actor,
            detector,
            version=version,
            words={name: getattr(body, name) for name in ("name", "description") if name in given},
            configuration=body.given(),
            refers=body.refers(),
        )
    return show_detector(detector, actor, service, response)


@router.delete(
    "/detectors/{detector}",
    status_code=204,
    summary="Delete a detector",
    responses=responses(Forbidden, DetectorNotFound, Stale),
)
def delete_detector(detector: DetectorPath, actor: Writer, service: Service, version: IfMatch) -> None:
    """Its runs stay."""
    service.delete(actor, detector, version=version)
