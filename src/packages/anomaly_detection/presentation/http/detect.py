"""Scores while the caller waits."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Request, Response
from msgspec import UNSET
from starlette.concurrency import run_in_threadpool

from anomaly_detection.api import DetectorConfiguration, Scoring
from anomaly_detection.application.scoring.limits import TooHeavy, TooManyRows
from anomaly_detection.application.scoring.scored_rows import ScoredRows
from anomaly_detection.domain.definitions.detector_definition import DetectorNotFound
from anomaly_detection.domain.detector import FitFailed, InvalidParameter, TooFewRows, UnknownAlgorithm
from anomaly_detection.presentation.http.answers import DetectionOut, arrow_answer, json_answer
from anomaly_detection.presentation.http.arrow_rows import InvalidArrow
from anomaly_detection.presentation.http.asked_scores import ArrowBody, ByFit, ByModel, StoredRows
from anomaly_detection.presentation.http.fitting_slots import FittersBusy, FittingSlots, TooManyFits
from anomaly_detection.presentation.http.inline_rows import (
    BadCell,
    DetectBody,
    InlineRows,
    InvalidBody,
    MalformedJson,
    ModelScoresBody,
    NoRows,
    RowsBody,
    body_of,
    options_of,
)
from anomaly_detection.presentation.http.scored_bodies import (
    BodyTooLarge,
    NotRows,
    ScoresRoute,
    SentRows,
    sent_rows,
)
from anomaly_detection.presentation.http.scores_schema import ARROW_TOO, OPTIONS, described
from anomaly_detection.presentation.http.shared import DetectorPath
from core.application.quota import RateExceeded
from core.domain.actor import Actor
from core.domain.errors import Forbidden, NotFound
from core.presentation.http import requires
from core.presentation.problems import responses
from data_platform.api import ColumnNotInDataset, DatasetNotFound, NoUsableColumn, SchemaMismatch

router = APIRouter(route_class=ScoresRoute, tags=["detection"])
Caller = Annotated[Actor, requires("detection:run")]
AT_ONCE_BYTES = 4_096  # bodies that are read and scored on the event loop, a handful of rows
READ_AT_ONCE_BYTES = 524_288  # bodies that are read there, which finds where the rows begin and end
REFUSALS = (
    Forbidden,
    RateExceeded,
    BodyTooLarge,
    TooManyRows,
    TooHeavy,
    NotRows,
    MalformedJson,
    InvalidBody,
    NoRows,
    BadCell,
    InvalidArrow,
)
FITTING = (
    TooFewRows,
    NoUsableColumn,
    FitFailed,
    UnknownAlgorithm,
    InvalidParameter,
    TooManyFits,
    FittersBusy,
)


ModelPath = Annotated[str, Path(description="Id or slug of the model.", examples=["pumps"], max_length=200)]
B = TypeVar("B", bound=RowsBody)


class ModelNotFound(NotFound):
    title = "There is no such model"


@router.post(
    "/detect",
    summary="Score rows at once",
    response_model=DetectionOut,
    openapi_extra=described(DetectBody),
    responses=responses(*REFUSALS, *FITTING, SchemaMismatch, DatasetNotFound, ModelNotFound) | ARROW_TOO,
)
async def detect(request: Request, actor: Caller) -> Response:
    """Up to 10,000 rows, inline or of a dataset, by an algorithm that learns from these very rows (at least 10), or by a
    model. An Arrow stream is taken and given as well; its options are query parameters."""
    sent = await sent_rows(request, OPTIONS[DetectBody])
    body = await read(sent, DetectBody)
    return await answered(asked_of(body, sent), sent, actor, request)


@router.post(
    "/models/{model}/scores",
    summary="Score rows with a model",
    response_model=DetectionOut,
    openapi_extra=described(ModelScoresBody),
    responses=responses(*REFUSALS, SchemaMismatch, ModelNotFound) | ARROW_TOO,
)
async def score_with_model(request: Request, model: ModelPath, actor: Caller) -> Response:
    """Up to 10,000 rows; `pumps@challenger` and `pumps:3` name versions."""
    sent = await sent_rows(request, OPTIONS[ModelScoresBody])
    body = await read(sent, ModelScoresBody)
    asked = ByModel(
        source=source_of(body, sent),
        reference=model,
        contamination=body.contamination or None,
        explain=body.explains,
    )
    return await answered(asked, sent, actor, request)


@router.post(
    "/detectors/{detector}/scores",
    summary="Score rows with a detector",
    response_model=DetectionOut,
    openapi_extra=described(RowsBody),
    responses=responses(*REFUSALS, *FITTING, DetectorNotFound, ColumnNotInDataset) | ARROW_TOO,
)
async def score_with_detector(request: Request, detector: DetectorPath, actor: Caller) -> Response:
    """10 to 10,000 rows: the detector learns from these very rows."""
    sent = await sent_rows(request, OPTIONS[RowsBody])
    body = await read(sent, RowsBody)
    asked = ByFit(source=source_of(body, sent), detector=detector, explain=body.explains)
    return await answered(asked, sent, actor, request)


async def read(sent: SentRows, kind: type[B]) -> B:
    """Raises MalformedJson, InvalidBody."""
    if sent.is_arrow:
        return options_of(kind, sent.options)
    if len(sent.text) <= READ_AT_ONCE_BYTES:
        return body_of(kind, sent.text)
    return await run_in_threadpool(body_of, kind, sent.text)


def source_of(body: RowsBody, sent: SentRows) -> InlineRows | ArrowBody:
    return ArrowBody(sent.text) if sent.is_arrow else InlineRows(body, sent.text)


def asked_of(body: DetectBody, sent: SentRows) -> ByModel | ByFit:
    """Raises InvalidBody where it names two sources of rows, or two ways to score them."""
    source: InlineRows | ArrowBody | StoredRows = source_of(body, sent)
    if body.dataset_id:
        refuse_both(body.data is not UNSET or sent.is_arrow, "data", "dataset_id")
        source = StoredRows(body.dataset_id)
    if body.model:
        for name in ("algorithm", "params", "seed"):
            refuse_both(bool(getattr(body, name)), "model", name)
        return ByModel(
            source=source,
            reference=body.model,
            contamination=body.contamination or None,
            explain=body.explains,
        )
    configuration = DetectorConfiguration(
        algorithm=body.algorithm or "auto",
        parameters=body.params or {},
        contamination=body.contamination or None,
        seed=body.seed or 0,
    )
    return ByFit(source=source, configuration=configuration, explain=body.explains)


def refuse_both(clash: bool, first: str, second: str) -> None:
    """Raises InvalidBody."""
    if clash:
        raise InvalidBody(f"It has {first} and {second}.", fix="Give one of them.", pointer=f"#/{second}")


async def answered(asked: ByModel | ByFit, sent: SentRows, actor: Actor, request: Request) -> Response:
    """Scored on the event loop where that takes well below a millisecond, else in a thread; fits wait for a slot."""
    services: Mapping[type, Any] = (
        request.app.state.services
    )  # a dependency each would take as long as scoring
    scoring: Scoring = services[Scoring]
    if isinstance(asked, ByFit):
        slots: FittingSlots = services[FittingSlots]
        return await slots.run(actor.tenant_id, partial(_answer, asked, sent, actor, scoring))
    if len(sent.text) <= AT_ONCE_BYTES:
        found = asked.at_once(scoring, actor)
        if found is not None:
            return answer_of(found, sent, explain=asked.explain)
    return await run_in_threadpool(_answer, asked, sent, actor, scoring)


def _answer(asked: ByModel | ByFit, sent: SentRows, actor: Actor, scoring: Scoring) -> Response:
    return answer_of(asked(scoring, actor), sent, explain=asked.explain)


def answer_of(found: ScoredRows, sent: SentRows, *, explain: bool) -> Response:
    answer = arrow_answer if sent.wants_arrow else json_answer
    return answer(found, explain=explain)
