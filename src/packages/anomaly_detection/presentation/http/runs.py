"""Runs: a detector or a model over a version of a dataset."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from anomaly_detection.api import DetectorConfiguration, Runs
from anomaly_detection.application.runs.ports import RunFilter
from anomaly_detection.application.runs.start_run import ByDetector, ByModel, DatasetNeeded
from anomaly_detection.domain.definitions.detector_definition import DetectorNotFound
from anomaly_detection.domain.detector import CannotBeSaved, InvalidParameter, TooFewRows, UnknownAlgorithm
from anomaly_detection.domain.runs.run import RunNotFound
from anomaly_detection.presentation.http.configuration import ConfigurationBody
from anomaly_detection.presentation.http.detect import ModelNotFound
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.http.run_service import Reader, Service, Writer, answered
from anomaly_detection.presentation.http.run_views import RunOut
from anomaly_detection.presentation.http.shared import BASE, CONFIGURATION, detector_id
from core.application.cancel_job import JobIsOver
from core.application.job_list import NoSuchJob
from core.application.jobs import JobState
from core.application.quota import QuotaExceeded, RateExceeded
from core.domain.actor import Actor
from core.domain.errors import Conflict, Forbidden, NotFound, Stale
from core.domain.page import InvalidCursor
from core.domain.public_ids import parsed
from core.presentation.http import IfMatch, Line, Route
from core.presentation.ids import shown
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import pointing_at, responses
from data_platform.api import (
    ColumnNotInDataset,
    ConflictingRoles,
    DatasetNotFound,
    RolesOutdated,
    SchemaMismatch,
)

router = APIRouter(route_class=Route, tags=["runs"])
OF_DETECTOR = {**CONFIGURATION, ColumnNotInDataset: "#/detector", ConflictingRoles: "#/detector"}
STATES = "|".join(JobState)
# PostgreSQL refuses text with NUL where SQLite finds nothing.
Reference = Annotated[str, AfterValidator(lambda text: text.replace("\x00", "\ufffd"))]


class RunBody(ConfigurationBody):
    """By a detector, by a model, or by an algorithm, which is then fitted on the rows themselves."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"detector": "large-orders", "dataset": "orders"},
                {"model": "pumps@champion", "dataset": "pump-readings", "version": 3},
                {"algorithm": "isolation_forest", "params": {"n_estimators": 200}, "dataset": "orders"},
            ]
        },
    )
    dataset: Line | None = Field(
        default=None, max_length=120, description="Id or slug; may be left out where the detector has one."
    )
    version: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=10**9,
        description="Number of a version; the newest where left out.",
    )
    detector: Line | None = Field(default=None, max_length=120, description="Id or slug.")
    model: Line | None = Field(
        default=None, max_length=120, description="pumps, pumps@challenger, pumps:3, mdl_... or mv_..."
    )

    @model_validator(mode="after")
    def _one_scorer(self) -> Self:
        named = [name for name in ("detector", "model") if getattr(self, name) is not None]
        fitting = {"algorithm", "params", "seed", "columns"} & self.model_fields_set
        if len(named) == 2:
            raise ValueError("names a detector and a model: give one of them")
        if named and fitting:
            raise ValueError(f"names a {named[0]}, which has its own {', '.join(sorted(fitting))}")
        return self

    def by(self) -> DetectorConfiguration | ByDetector | ByModel:
        if self.detector is not None:
            return ByDetector(self.detector, self.contamination)
        if self.model is not None:
            return ByModel(self.model, self.contamination)
        return self.configuration()


@router.post(
    "/runs",
    status_code=202,
    summary="Score a dataset",
    responses=responses(
        Forbidden,
        QuotaExceeded,
        RateExceeded,
        DatasetNotFound,
        DetectorNotFound,
        NotFound,
        Conflict,
        DatasetNeeded,
        UnknownAlgorithm,
        InvalidParameter,
        CannotBeSaved,
        TooFewRows,
        SchemaMismatch,
        ColumnNotInDataset,
        RolesOutdated,
        ConflictingRoles,
    ),
)
def start_run(body: RunBody, actor: Writer, service: Service, response: Response) -> RunOut:
    """The answer is the run; look at ``Location`` until its state is succeeded."""
    with pointing_at(CONFIGURATION if body.detector is None else OF_DETECTOR):
        run_id = service.start(actor, body.by(), dataset=body.dataset, number=body.version)
    response.headers["Location"] = f"{BASE}/runs/{shown('run', run_id)}"
    response.headers["Retry-After"] = "1"
    return answered(service, actor, run_id, response)


@router.get(
    "/runs",
    summary="List runs",
    responses=responses(Forbidden, InvalidCursor, DetectorNotFound, ModelNotFound),
)
def list_runs(
    request: Request,
    response: Response,
    actor: Reader,
    service: Service,
    asked: Paging,
    state: Annotated[
        str | None,
        Query(pattern=rf"^({STATES})(,({STATES})){{0,9}}$", examples=["queued,running"]),
    ] = None,
    dataset: Annotated[Reference | None, Query(max_length=120, description="Id or slug.")] = None,
    detector: Annotated[Reference | None, Query(max_length=120, description="Id or slug.")] = None,
    model: Annotated[
        Reference | None,
        Query(max_length=200, description="pumps, pumps:3, mdl_... or mv_...", examples=["pumps:3"]),
    ] = None,
    sort: Annotated[Literal["created_at", "-created_at"], Query()] = "-created_at",
) -> PageOut[RunOut]:
    wanted = RunFilter(
        states=tuple(state.split(",")) if state else (),
        dataset=dataset,
        detector=None if detector is None else detector_id(service.detectors, actor, detector),
        model=None if model is None else _model(service, actor, model),
    )
    page = service.queries.runs(
        actor.tenant_id, wanted, sort=sort, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    precision = service.precision.of_runs(actor.tenant_id, [view.id for view in page.items])
    items = page.of([RunOut.of(view, precision.get(view.id)) for view in page.items])
    return paged(request, response, items, RunOut)


@router.get("/runs/{run}", summary="Show a run", responses=responses(Forbidden, RunNotFound))
def show_run(run: RunPath, actor: Reader, service: Service, response: Response) -> RunOut:
    return answered(service, actor, run, response)


@router.delete(
    "/runs/{run}", status_code=204, summary="Delete a run", responses=responses(Forbidden, RunNotFound, Stale)
)
def delete_run(run: RunPath, actor: Writer, service: Service, version: IfMatch) -> None:
    """With its result; one that is not finished is cancelled. Labels stay: they are the rows'."""
    service.delete(actor, run, version=version)


@router.post(
    "/runs/{run}/cancellation",
    status_code=202,
    summary="Cancel a run",
    responses=responses(Forbidden, RunNotFound, NoSuchJob, JobIsOver),
)
def cancel_run(run: RunPath, actor: Writer, service: Service, response: Response) -> RunOut:
    """One that waits is cancelled at once, one that is worked on within a few seconds."""
    service.cancel(actor, service.queries.run(actor.tenant_id, run).job_id)
    return answered(service, actor, run, response)


def _model(service: Runs, actor: Actor, reference: str) -> str:
    """As runs record it, by its slug. Raises ModelNotFound where the id of a model is nobody's."""
    name, colon, number = reference.partition(":")
    if parsed("mdl", name) is None:
        return reference
    return f"{service.models.slug(actor.tenant_id, name)}{colon}{number}"
