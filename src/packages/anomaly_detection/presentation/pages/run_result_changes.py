"""What is done with a result: its threshold is moved, its rows are taken away as a file."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from anomaly_detection.application.runs.choose_threshold import Measure, Wish
from anomaly_detection.domain.runs.cut import InvalidThreshold
from anomaly_detection.presentation.http.run_results import MEDIA
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.pages.run_result import Detectors, result_page
from anomaly_detection.presentation.pages.run_result_query import Asked
from anomaly_detection.presentation.pages.run_row import Desk
from anomaly_detection.presentation.pages.runs_words import run_href
from core.domain.errors import Conflict, Invalid
from core.domain.public_ids import shown
from core.domain.wording import count
from core.presentation.forms import told
from core.presentation.http import requires
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.visit import Here

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("runs:read")],
)


class FormNotWhole(Invalid):
    title = "The form does not say all it should"


@router.post("/runs/{run}/threshold", dependencies=[requires("thresholds:write")])
def move_threshold(
    visit: Here, run: RunPath, form: Form, desk: Desk, detectors: Detectors, asked: Asked
) -> Response:
    """To a score of now, or back to where it was."""
    tenant_id = visit.actor.tenant_id
    before = desk.runs.queries.run(tenant_id, run)
    wish = None if form.has("undo") else Wish(Measure.SCORE, _score(form))
    try:
        desk.runs.move_threshold(visit.actor, run, wish, version=_version(form))
    except (Conflict, InvalidThreshold) as error:
        view = desk.runs.queries.run(tenant_id, run)
        status = 409 if isinstance(error, Conflict) else 422
        return result_page(visit, view, desk, detectors, asked=asked, notices=(told(error),), status=status)
    view = desk.runs.queries.run(tenant_id, run)
    flagged = view.anomalies or 0
    words = f"{count(flagged, 'row')} {'is' if flagged == 1 else 'are'} flagged now, {before.anomalies or 0:,} before."
    return visit.go(run_href(visit, view), f"Threshold moved: {words}")


@router.get("/runs/{run}/export")
def export_rows(
    visit: Here,
    run: RunPath,
    desk: Desk,
    asked: Asked,
    form: Annotated[Literal["csv", "ndjson", "parquet"], Query(alias="format")] = "csv",
) -> Response:
    """All rows of the filter, with their scores at the threshold in force."""
    found = desk.runs.queries.finished(visit.actor.tenant_id, run)
    table = desk.runs.find_rows.chosen(found, asked.wanted)
    return StreamingResponse(
        desk.runs.exported(table, form),
        media_type=MEDIA[form],
        headers={
            "Content-Disposition": f'attachment; filename="{shown("run", run)}.{form}"',
            "Cache-Control": "no-store",
        },
    )


def _score(form: Posted) -> float:
    try:
        score = form.number("score")
    except ValueError:
        score = None
    if score is None or not 0 < score < 100:
        raise FormNotWhole("It names no score.", fix="Choose a score above 0 and below 100.")
    return round(score * 10) / 1000


def _version(form: Posted) -> int:
    text = form.text("version")
    if not (text.isdecimal() and len(text) < 10):
        raise FormNotWhole("It names no version of the run.", fix="Open the page again.")
    return int(text)
