"""Where a run's rows are cut into flagged and not."""

from typing import Annotated, Self

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from anomaly_detection.application.runs.choose_threshold import Measure, Wish
from anomaly_detection.application.runs.reading import ResultLost
from anomaly_detection.domain.runs.cut import InvalidThreshold
from anomaly_detection.domain.runs.run import NoFormerThreshold, RunNotFinished, RunNotFound
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.http.run_service import Reader, Service, answered
from anomaly_detection.presentation.http.run_views import RowOut, RunOut
from core.domain.actor import Actor
from core.domain.errors import Forbidden, Stale, VersionNeeded
from core.presentation.http import MustMatch, Route, requires
from core.presentation.problems import responses
from core.presentation.thresholds import AlertRate, LowestScore

router = APIRouter(route_class=Route, tags=["runs"])
Mover = Annotated[Actor, requires("thresholds:write")]
REFUSALS = (Forbidden, RunNotFound, RunNotFinished, ResultLost)


class ThresholdBody(BaseModel):
    """One of the three."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"alert_rate": 0.01}, {"score": 0.9}]}
    )
    alert_rate: AlertRate = None
    score: LowestScore = None
    contamination: float | None = Field(
        default=None, strict=True, gt=0, le=0.5, description="Flag at most this share of the run's rows."
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, each) is not None for each in Measure) != 1:
            raise ValueError("needs one of alert_rate, score and contamination")
        return self

    def wish(self) -> Wish:
        [(measure, value)] = [(m, v) for m in Measure if (v := getattr(self, m)) is not None]
        return Wish(measure, value)


class PreviewOut(BaseModel):
    """``examples``: the highest-scoring of the rows that would be gained or lost, with the scores they would have."""

    alert_rate: float
    flagged: int
    gained: int
    lost: int
    by_severity: dict[str, int]
    examples: list[RowOut]


@router.post(
    "/runs/{run}/threshold-previews",
    summary="See what another threshold would do",
    responses=responses(*REFUSALS, InvalidThreshold),
)
def preview_threshold(run: RunPath, body: ThresholdBody, actor: Reader, service: Service) -> PreviewOut:
    found = service.preview_threshold(actor.tenant_id, run, body.wish())
    return PreviewOut(
        alert_rate=found.alert_rate,
        flagged=found.flagged,
        gained=found.gained,
        lost=found.lost,
        by_severity={severity.value: n for severity, n in found.by_severity.items()},
        examples=[RowOut.of(row) for row in found.examples],
    )


@router.put(
    "/runs/{run}/threshold",
    summary="Move the threshold",
    responses=responses(*REFUSALS, InvalidThreshold, Stale, VersionNeeded),
)
def move_threshold(
    run: RunPath, body: ThresholdBody, actor: Mover, service: Service, version: MustMatch, response: Response
) -> RunOut:
    """No row is scored again. The rate that was in force is kept, for DELETE to go back to. Where more than 5,000 rows
    become flagged for the first time, a job adds those with the lower scores to the list of anomalies."""
    service.move_threshold(actor, run, body.wish(), version=version)
    return answered(service, actor, run, response)


@router.delete(
    "/runs/{run}/threshold",
    summary="Undo the last move of the threshold",
    responses=responses(*REFUSALS, NoFormerThreshold, Stale, VersionNeeded),
)
def undo_threshold(
    run: RunPath, actor: Mover, service: Service, version: MustMatch, response: Response
) -> RunOut:
    """Once more: the move is made again."""
    service.move_threshold(actor, run, None, version=version)
    return answered(service, actor, run, response)
