"""The map of a run's rows: where the flagged ones lie among the others."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from anomaly_detection.application.explanations.map_rows import NoMap, RowMap
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.application.runs.reading import ResultLost
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.pages.run_result import Detectors
from anomaly_detection.presentation.pages.run_row import Desk
from anomaly_detection.presentation.pages.runs import named_in
from anomaly_detection.presentation.pages.runs_words import run_href, title_of
from core.domain.wording import count, listed, share
from core.presentation.charts.chart import Chart, Plot
from core.presentation.charts.scatter import Mark, ScatterChart
from core.presentation.forms import told
from core.presentation.http import requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Badge, Link, Notice
from core.presentation.visit import Here, Visit

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("runs:read")],
)
PLOT = Plot(800, 360)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMapPage:
    """``problem`` says why there is no chart."""

    title: str
    chart: Chart | None
    columns: str
    problem: Notice | None


@router.get("/runs/{run}/map")
def show_map(visit: Here, run: RunPath, desk: Desk, detectors: Detectors) -> Response:
    tenant_id = visit.actor.tenant_id
    view = desk.runs.queries.run(tenant_id, run)
    of = title_of(view, named_in(detectors, tenant_id, [view]))
    title = f"Map of {of}"
    try:
        found = desk.explanations.map(tenant_id, run)
    except (NoMap, ResultLost) as error:
        page = RunMapPage(title=title, chart=None, columns="", problem=told(error))
    else:
        page = RunMapPage(
            title=title, chart=map_chart(visit, view, found), columns=listed(found.columns), problem=None
        )
    crumbs = (Link("Runs", visit.url("runs")), Link(of, run_href(visit, view)), Link("Map", ""))
    return visit.page("anomaly_detection/run_map.html", page, title=title, crumbs=crumbs)


def map_chart(visit: Visit, run: RunView, found: RowMap) -> Chart:
    first, second = found.shares
    drawn = len(found.usual) + len(found.flagged)
    return ScatterChart(
        id="map",
        title="Where do the flagged rows lie?",
        answer=_answer(found),
        dots=found.usual,
        marks=[
            Mark(
                row.x,
                row.y,
                row.severity,
                f"Row {row.row:,}, score {Badge(100 * row.score, 0).value}",
                run_href(visit, run, "rows", str(row.row)),
            )
            for row in found.flagged
        ],
        x_label=f"axis 1: {share(first)} of the variance",
        y_label=f"axis 2: {share(second)} of the variance",
        mark_label="flagged row",
        csv_href=run_href(visit, run, "map") + "?chart=map",
        downsampled_from=found.rows if drawn < found.rows else 0,
        plot=PLOT,
    ).chart()


def _answer(found: RowMap) -> str:
    flagged, usual = len(found.flagged), len(found.usual)
    words = f"{count(flagged, 'flagged row')} among {usual:,} others"
    if found.all_flagged > flagged:
        words = f"The {flagged:,} highest scores of {found.all_flagged:,} flagged rows among {usual:,} others"
    if flagged + usual < found.rows:
        words += f", drawn from {found.rows:,}"
    return f"{words}. The two axes show {share(sum(found.shares))} of the variance of {count(len(found.columns), 'numeric column')}."
