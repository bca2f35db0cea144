"""What a run found."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from anomaly_detection.application.explain_rows import NoSuchRow
from anomaly_detection.application.runs.compare_runs import RunsNotComparable
from anomaly_detection.application.runs.ports import AnomalyFilter
from anomaly_detection.application.runs.reading import ResultLost
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.runs.run import RunNotFinished, RunNotFound
from anomaly_detection.domain.severity import FLAGGED, Severity
from anomaly_detection.presentation.http.run_rows import RowPath, RunPath
from anomaly_detection.presentation.http.run_service import Reader, Service
from anomaly_detection.presentation.http.run_views import RowOut, RunIdOut
from core.domain.errors import Forbidden
from core.domain.page import InvalidCursor
from core.domain.public_ids import shown
from core.presentation.http import Route
from core.presentation.ids import public_id
from core.presentation.paging import PageOut, Paging, paged
from core.presentation.problems import responses

router = APIRouter(route_class=Route, tags=["runs"])
REFUSALS = (Forbidden, RunNotFound, RunNotFinished, ResultLost)
SEVERITIES, VERDICTS = "|".join(Severity), "|".join(Verdict)
Score = Annotated[float | None, Query(ge=0, le=1)]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}


class DistributionOut(BaseModel):
    """``counts`` of rows per equal part of the scores from 0 to 1; flagged are those from ``threshold`` on."""

    counts: list[int]
    threshold: float = FLAGGED


class ComparisonOut(BaseModel):
    """``rank_correlation``: Spearman's, of all rows. ``both``, ``only_this`` and ``only_other``: numbers of rows that both runs
    or one alone flags, the highest scores first."""

    model_config = ConfigDict(from_attributes=True)
    rows: int
    flagged_by_both: int
    flagged_by_this: int
    flagged_by_other: int
    rank_correlation: float | None
    only_this: list[int]
    only_other: list[int]
    both: list[int]


class ComparedOut(ComparisonOut):
    run_id: RunIdOut
    with_run_id: RunIdOut


@router.get(
    "/runs/{run}/anomalies",
    summary="List a run's anomalies",
    responses=responses(Forbidden, RunNotFound, RunNotFinished, InvalidCursor),
)
def list_anomalies(
    request: Request,
    response: Response,
    run: RunPath,
    actor: Reader,
    service: Service,
    asked: Paging,
    score_gte: Score = None,
    score_lte: Score = None,
    severity: Annotated[
        str | None,
        Query(pattern=rf"^({SEVERITIES})(,({SEVERITIES})){{0,9}}$", examples=["high,critical"]),
    ] = None,
    is_anomaly: bool | None = None,
    verdict: Annotated[
        str | None, Query(pattern=rf"^({VERDICTS})(,({VERDICTS})){{0,9}}$", examples=["false_positive"])
    ] = None,
    sort: Annotated[Literal["-score", "score", "row", "-row"], Query()] = "-score",
) -> PageOut[RowOut]:
    """Of the highest-scoring rows: all that are flagged, and at least 1,000 (at most 100,000) in all.

    Without a score, a severity or is_anomaly: those that are flagged.
    """
    wanted = AnomalyFilter(
        score_gte=score_gte,
        score_lte=score_lte,
        severities=tuple(map(Severity, severity.split(","))) if severity else (),
        is_anomaly=is_anomaly,
        verdicts=tuple(verdict.split(",")) if verdict else (),
    )
    page = service.anomalies.anomalies(
        service.queries.finished(actor.tenant_id, run),
        wanted,
        sort=sort,
        limit=asked.limit,
        cursor=asked.cursor,
        count=asked.count,
    )
    return paged(request, response, page.of([RowOut.of(view) for view in page.items]), RowOut)


@router.get("/runs/{run}/rows/{n}", summary="Show a row of a run", responses=responses(*REFUSALS, NoSuchRow))
def show_row(run: RunPath, n: RowPath, actor: Reader, service: Service) -> RowOut:
    """Any row, flagged or not."""
    return RowOut.of(service.show_row(actor.tenant_id, run, n))


@router.get("/runs/{run}/score-distribution", summary="Count rows by score", responses=responses(*REFUSALS))
def show_distribution(run: RunPath, actor: Reader, service: Service) -> DistributionOut:
    return DistributionOut(counts=service.count_scores(actor.tenant_id, run))


@router.get(
    "/runs/{run}/result",
    summary="Download a run's result",
    response_class=StreamingResponse,
    responses=responses(*REFUSALS)
    | {200: {"content": {kind: {} for kind in MEDIA.values()}, "description": "All rows."}},
)
def download_result(
    run: RunPath,
    actor: Reader,
    service: Service,
    form: Annotated[Literal["csv", "ndjson", "parquet"], Query(alias="format")] = "csv",
) -> StreamingResponse:
    """The dataset's columns and the results, at the threshold in force. In CSV, text that a spreadsheet would run as a
    formula has an apostrophe before it."""
    result = service.reader.recut(service.queries.finished(actor.tenant_id, run))
    return StreamingResponse(
        service.exported(result, form),
        media_type=MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="{shown("run", run)}.{form}"'},
    )


@router.get(
    "/runs/{run}/comparison",
    summary="Compare two runs over the same rows",
    responses=responses(*REFUSALS, RunsNotComparable),
)
def compare_runs(
    run: RunPath,
    actor: Reader,
    service: Service,
    other: Annotated[
        Annotated[UUID, public_id("run")], Query(alias="with", description="Id of the other run.")
    ],
) -> ComparedOut:
    found = service.compare(actor.tenant_id, run, RunId(other))
    own = ComparisonOut.model_validate(found).model_dump()
    return ComparedOut(**own, run_id=run, with_run_id=other)
