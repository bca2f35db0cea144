"""Versions measured on labelled datasets."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from core.application.quota import QuotaExceeded
from core.domain.actor import Actor
from core.domain.errors import DomainError, Forbidden
from core.domain.page import InvalidCursor
from core.presentation.http import Line, Route, requires
from core.presentation.ids import shown
from core.presentation.paging import PageOut, Paging
from core.presentation.problems import pointing_at, responses
from data_platform.api import (
    ColumnNotInDataset,
    ConflictingRoles,
    DatasetNotFound,
    InvalidLabel,
    RolesOutdated,
)
from machine_learning.application.evaluate_model import NoLabelColumn
from machine_learning.domain.registry.ids import EvaluationId
from machine_learning.domain.registry.model import ModelNotFound
from machine_learning.domain.registry.training import EvaluationNotFound
from machine_learning.domain.registry.version import NotServable, VersionNotFound
from machine_learning.presentation.http.shared import (
    BASE,
    ModelPath,
    NumberPath,
    Registry,
    accepted,
    page_of,
    path_id,
)
from machine_learning.presentation.http.views import EvaluationOut

router = APIRouter(route_class=Route, tags=["models"])
Reader = Annotated[Actor, requires("models:read")]
LABEL_REFUSALS = (ColumnNotInDataset, ConflictingRoles, InvalidLabel, NoLabelColumn)
PLACES: Mapping[type[DomainError], str] = {
    **dict.fromkeys(LABEL_REFUSALS, "#/label"),
    RolesOutdated: "#/dataset",
}
EVALUATIONS = "/models/{model}/versions/{number}/evaluations"


class EvaluationBody(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"dataset": "labelled-pumps", "label": "broken"}]}
    )
    dataset: Line = Field(
        max_length=120, description="Id or slug of the dataset; its newest version is used."
    )
    label: Line | None = Field(
        default=None,
        max_length=500,
        description="Column with the truth; left out: the one that looks like it.",
    )


@router.post(
    EVALUATIONS,
    status_code=202,
    summary="Evaluate a version on a labelled dataset",
    responses=responses(
        Forbidden,
        QuotaExceeded,
        ModelNotFound,
        VersionNotFound,
        DatasetNotFound,
        NotServable,
        *PLACES,
    ),
)
def evaluate_version(
    model: ModelPath,
    number: NumberPath,
    body: EvaluationBody,
    actor: Annotated[Actor, requires("models:evaluate")],
    registry: Registry,
    response: Response,
) -> EvaluationOut:
    """Average precision (PR) first, area under ROC, precision, recall, each with its 95 % interval."""
    with pointing_at(PLACES):
        asked = registry.start_evaluation(actor, model, number=number, dataset=body.dataset, label=body.label)
    accepted(response, f"{BASE}/models/{model}/versions/{number}/evaluations/{shown('evl', asked.id)}")
    return EvaluationOut.of(registry.evaluations.evaluation(actor.tenant_id, asked.version_id, asked.id))


@router.get(
    EVALUATIONS,
    summary="List a version's evaluations",
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, InvalidCursor),
)
def list_evaluations(
    request: Request,
    response: Response,
    model: ModelPath,
    number: NumberPath,
    actor: Reader,
    registry: Registry,
    asked: Paging,
) -> PageOut[EvaluationOut]:
    """The newest first."""
    version = registry.models.version(actor.tenant_id, model, number)
    page = registry.evaluations.evaluations(
        actor.tenant_id, version.id, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return page_of(request, response, page, shown=EvaluationOut.of, kind=EvaluationOut)


@router.get(
    EVALUATIONS + "/{evaluation}",
    summary="Show an evaluation",
    responses=responses(Forbidden, ModelNotFound, VersionNotFound, EvaluationNotFound),
)
def show_evaluation(
    model: ModelPath, number: NumberPath, evaluation: str, actor: Reader, registry: Registry
) -> EvaluationOut:
    evaluation_id = EvaluationId(path_id("evl", evaluation, EvaluationNotFound))
    version = registry.models.version(actor.tenant_id, model, number)
    return EvaluationOut.of(registry.evaluations.evaluation(actor.tenant_id, version.id, evaluation_id))
