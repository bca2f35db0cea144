"""Where a version of a model cuts rows into flagged and not."""

from typing import Annotated, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, model_validator

from anomaly_detection.api import InvalidThreshold, NoFormerThreshold, rate_at_score
from core.domain.actor import Actor
from core.domain.errors import Forbidden, Stale, VersionNeeded
from core.domain.page import InvalidCursor
from core.presentation.http import MustMatch, Route, requires
from core.presentation.paging import PageOut, Paging
from core.presentation.problems import responses
from core.presentation.thresholds import AlertRate, LowestScore
from machine_learning.domain.registry.model import ModelNotFound
from machine_learning.domain.registry.version import NotServable, VersionNotFound
from machine_learning.presentation.http.shared import ModelPath, Note, NumberPath, Registry, page_of
from machine_learning.presentation.http.versions import VERSION, show_version
from machine_learning.presentation.http.views import ThresholdMoveOut, VersionDetailOut

router = APIRouter(route_class=Route, tags=["models"])
Reader = Annotated[Actor, requires("models:read")]
Writer = Annotated[Actor, requires("models:write")]
REFUSALS = (Forbidden, ModelNotFound, VersionNotFound, NotServable, Stale, VersionNeeded)


class VersionThresholdBody(BaseModel):
    """One of the two, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"alert_rate": 0.01, "note": "Twice as many alerts are wanted."}, {"score": 0.9}]
        },
    )
    alert_rate: AlertRate = None
    score: LowestScore = None
    note: Note = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.alert_rate is None) == (self.score is None):
            raise ValueError("needs one of alert_rate and score")
        return self

    def rate(self, present: float) -> float:
        """Raises InvalidThreshold."""
        return rate_at_score(present, self.score) if self.alert_rate is None else self.alert_rate  # type: ignore[arg-type]  # one of the two is there


@router.put(
    VERSION + "/threshold",
    summary="Move a version's threshold",
    responses=responses(*REFUSALS, InvalidThreshold),
)
def move_version_threshold(
    model: ModelPath,
    number: NumberPath,
    body: VersionThresholdBody,
    actor: Writer,
    registry: Registry,
    version: MustMatch,
    response: Response,
) -> VersionDetailOut:
    """Whatever is scored with the version from now on, at most a second later, is cut there; runs that are done keep their
    threshold, and the model file the one it was trained with. The rate that was in force is kept, for DELETE to go back
    to. Metrics follow, from what the last evaluation kept: exact for up to 4,096 rows, of more up to 0.5 % of the flagged
    ones may be missing from them."""
    rate = body.rate(registry.models.version(actor.tenant_id, model, number).alert_rate)
    registry.move_threshold(actor, model, number=number, alert_rate=rate, read=version, note=body.note)
    return show_version(model, number, actor, registry, response)


@router.delete(
    VERSION + "/threshold",
    summary="Undo the last move of a version's threshold",
    responses=responses(*REFUSALS, NoFormerThreshold),
)
def undo_version_threshold(
    model: ModelPath,
    number: NumberPath,
    actor: Writer,
    registry: Registry,
    version: MustMatch,
    response: Response,
) -> VersionDetailOut:
    """Once more: the move is made again."""
    registry.move_threshold(actor, model, number=number, alert_rate=None, read=version)
    return show_version(model, number, actor, registry, response)


@router.get(
    "/models/{model}/threshold-history",
    summary="List the moves of the thresholds of a model's versions",
    responses=responses(Forbidden, ModelNotFound, InvalidCursor),
)
def list_threshold_moves(
    request: Request, response: Response, model: ModelPath, actor: Reader, registry: Registry, asked: Paging
) -> PageOut[ThresholdMoveOut]:
    """The newest first."""
    page = registry.models.threshold_moves(
        actor.tenant_id, model, limit=asked.limit, cursor=asked.cursor, count=asked.count
    )
    return page_of(request, response, page, shown=ThresholdMoveOut.of, kind=ThresholdMoveOut)
