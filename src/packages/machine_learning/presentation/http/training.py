"""Training runs: what leads to versions."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from anomaly_detection.api import (
    CannotBeSaved,
    DetectorConfiguration,
    InvalidParameter,
    TooFewRows,
    UnknownAlgorithm,
)
from core.application.quota import QuotaExceeded
from core.domain.actor import Actor
from core.domain.errors import DomainError, Forbidden
from core.domain.page import InvalidCursor
from core.presentation.http import Line, Name, Route, requires
from core.presentation.ids import shown
from core.presentation.paging import PageOut, Paging
from core.presentation.problems import pointing_at, responses
from data_platform.api import (
    ColumnNotInDataset,
    ConflictingRoles,
    DatasetNotFound,
    InvalidLabel,
    MissingPolicy,
    RolesOutdated,
)
from machine_learning.domain.registry.ids import TrainingRunId
from machine_learning.domain.registry.model import InvalidModelName
from machine_learning.domain.registry.training import TrainingRunNotFound
from machine_learning.presentation.http.shared import BASE, Registry, accepted, page_of, path_id
from machine_learning.presentation.http.views import TrainingRunOut

router = APIRouter(route_class=Route, tags=["training"])
Reader = Annotated[Actor, requires("models:read")]
Column = Annotated[Line, Field(max_length=500)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
Text = Annotated[Line, Field(max_length=200)]
MOST_COLUMNS = 10_000
PLACES: Mapping[type[DomainError], str] = {
    InvalidModelName: "#/name",
    UnknownAlgorithm: "#/algorithm",
    CannotBeSaved: "#/algorithm",
    InvalidParameter: "#/params/{parameter}",
    ColumnNotInDataset: "#/columns/{role}",
    ConflictingRoles: "#/columns",
    RolesOutdated: "#/dataset",
    TooFewRows: "#/dataset",
    InvalidLabel: "#/columns/label",
}


class ColumnsBody(BaseModel):
    """What columns are for; what is left out is as the dataset says, else inferred."""

    model_config = ConfigDict(extra="forbid")
    features: list[Column] | None = Field(default=None, max_length=MOST_COLUMNS)
    ignore: list[Column] | None = Field(default=None, max_length=MOST_COLUMNS)
    categorical: list[Column] | None = Field(default=None, max_length=MOST_COLUMNS)
    id: Column | None = None
    time: Column | None = None
    label: Column | None = None
    missing: MissingPolicy | None = None

    def chosen(self) -> dict[str, Any]:
        given = self.model_dump(exclude_none=True)
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class TrainBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "dataset": "pump-readings",
                    "name": "pumps",
                    "algorithm": "isolation_forest",
                    "params": {"n_estimators": 200},
                    "contamination": 0.02,
                }
            ]
        },
    )
    dataset: Line = Field(
        max_length=120, description="Id or slug of the dataset; its newest version is used."
    )
    name: Name = Field(max_length=120, description="Of the model; one of that name gets a further version.")
    algorithm: Line = Field(default="auto", max_length=120)
    params: dict[str, Whole | FiniteFloat | Text | bool | None] = Field(default_factory=dict, max_length=100)
    contamination: float | None = Field(
        default=None,
        strict=True,
        gt=0,
        le=0.5,
        description="Expected share of anomalies; left out: found from the scores.",
    )
    seed: int = Field(default=0, strict=True, ge=0, lt=2**32)
    columns: ColumnsBody = Field(default_factory=ColumnsBody)

    def configuration(self) -> DetectorConfiguration:
        return DetectorConfiguration(
            algorithm=self.algorithm,
            parameters=self.params,
            contamination=self.contamination,
            seed=self.seed,
        )


@router.post(
    "/train",
    status_code=202,
    summary="Train a model on a dataset",
    responses=responses(Forbidden, QuotaExceeded, DatasetNotFound, *PLACES),
)
def train(
    body: TrainBody,
    actor: Annotated[Actor, requires("models:train")],
    registry: Registry,
    response: Response,
) -> TrainingRunOut:
    """The answer is the training run; look at ``Location`` until its state is succeeded."""
    with pointing_at(PLACES):
        run = registry.start_training(
            actor,
            dataset=body.dataset,
            name=body.name,
            configuration=body.configuration(),
            columns=body.columns.chosen(),
        )
    accepted(response, f"{BASE}/training-runs/{shown('trn', run.id)}")
    return TrainingRunOut.of(registry.runs.run(actor.tenant_id, run.id))


@router.get("/training-runs", summary="List training runs", responses=responses(Forbidden, InvalidCursor))
def list_training_runs(
    request: Request,
    response: Response,
    actor: Reader,
    registry: Registry,
    asked: Paging,
    model: Annotated[str | None, Query(max_length=100, description="Id or slug: only of this model.")] = None,
) -> PageOut[TrainingRunOut]:
    """The newest first; imports are among them."""
    page = registry.runs.runs(
        actor.tenant_id, model=model, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return page_of(request, response, page, shown=TrainingRunOut.of, kind=TrainingRunOut)


@router.get(
    "/training-runs/{run}",
    summary="Show a training run",
    responses=responses(Forbidden, TrainingRunNotFound),
)
def show_training_run(run: str, actor: Reader, registry: Registry) -> TrainingRunOut:
    run_id = TrainingRunId(path_id("trn", run, TrainingRunNotFound))
    return TrainingRunOut.of(registry.runs.run(actor.tenant_id, run_id))
