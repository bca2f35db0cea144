"""The result of a run: what is unusual in the rows, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from anomaly_detection.api import Definitions
from anomaly_detection.application.runs.ports import RunFilter, RunView, ScoredRow
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.pages.baseline import baseline_of
from anomaly_detection.presentation.pages.run_progress import progress_page
from anomaly_detection.presentation.pages.run_result_head import ResultHead, ScoredBy, chooser_of, head_of
from anomaly_detection.presentation.pages.run_result_parts import (
    Chips,
    Effect,
    answer_of,
    chart_of,
    chips_of,
    effect_of,
    facets_of,
)
from anomaly_detection.presentation.pages.run_result_query import LONGEST_BACK, Asked, ResultQuery
from anomaly_detection.presentation.pages.run_result_rows import RowsTable, key_columns
from anomaly_detection.presentation.pages.run_row import Desk, RowDesk
from anomaly_detection.presentation.pages.run_row_parts import RowPanel
from anomaly_detection.presentation.pages.runs_words import Named, run_href, title_of
from core.api import Jobs
from core.application.jobs import JobState
from core.domain.page import Page
from core.presentation.charts.chart import Chart
from core.presentation.http import from_state, requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Button, Facet, Field, Link, Notice, Table
from core.presentation.visit import Here, Visit

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("runs:read")],
)
Detectors = Annotated[Definitions, Depends(from_state(Definitions))]
JobService = Annotated[Jobs, Depends(from_state(Jobs))]
PAGE = 50
FEW_ROWS = 20_000  # in which facets are counted while somebody waits
USUAL_RUNS = 20
BODY = "anomalies_body"
EVERYTHING = frozenset({"answer", "rows", "facets", "drawer"})
NEEDED: Mapping[str, frozenset[str]] = {
    "answer": frozenset({"answer", "rows", "facets"}),
    "facets": frozenset({"facets"}),
    "rows": frozenset({"rows", "facets"}),
    "drawer": frozenset({"drawer"}),
    BODY: frozenset({"rows"}),
}


ALONG: Mapping[str, tuple[str, ...]] = {
    "answer": ("effect", "chart", "chips", "facets", "rows", "exports", "chooser"),
    "rows": ("chips", "facets", "kept", "exports", "chooser"),
    "drawer": ("kept",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResultPage:
    """Parts that a fragment does not show are None. ``against`` says how the run stands to its detector's baseline;
    ``facets`` None: they come later, from ``facets_href``; ``kept`` is what the score's form sends along."""

    head: ResultHead
    asked: ResultQuery
    action: str
    kept: tuple[tuple[str, str], ...]
    answer: str
    against: str
    precision: str
    chart: Chart | None
    effect: Effect | None
    apply: Button | None
    undo: Button | None
    chips: Chips
    clear_href: str
    map_href: str
    facets: tuple[Facet, ...] | None
    facets_href: str
    table: Table | None
    chooser: Field | None
    bulk_action: str
    bulk_back: str
    panel: RowPanel | None


@router.get("/runs/{run}")
def show_run(
    visit: Here, run: RunPath, desk: Desk, detectors: Detectors, jobs: JobService, asked: Asked
) -> Response:
    view = desk.runs.queries.run(visit.actor.tenant_id, run)
    if view.state != JobState.SUCCEEDED:
        has_dataset = desk.has_dataset(visit, view)
        return progress_page(visit, view, jobs=jobs, definitions=detectors, has_dataset=has_dataset)
    return result_page(visit, view, desk, detectors, asked=asked)


def result_page(
    visit: Visit,
    view: RunView,
    desk: RowDesk,
    detectors: Definitions,
    *,
    asked: ResultQuery,
    notices: tuple[Notice, ...] = (),
    status: int = 200,
) -> Response:
    """Of a run that has a result."""
    target = visit.request.headers.get("HX-Target", "") if visit.is_fragment else ""
    named = detectors.queries.named(visit.actor.tenant_id, [view.detector_id] if view.detector_id else [])
    page = _page(visit, view, desk, asked, named=named, needed=NEEDED.get(target, EVERYTHING))
    title = title_of(view, named)
    along = ALONG.get(target, ())
    if target == "rows" and asked.row is None:
        along = (*along, "drawer")
    return visit.page(
        f"anomaly_detection/{'run_result_more' if target == BODY else 'run_result'}.html",
        page,
        title=title,
        crumbs=(Link("Runs", visit.url("runs")), Link(title, "")),
        along=along,
        notices=notices,
        status=status,
    )


def _page(
    visit: Visit, view: RunView, desk: RowDesk, asked: ResultQuery, *, named: Named, needed: frozenset[str]
) -> RunResultPage:
    is_whole = needed == EVERYTHING
    answers = "answer" in needed
    baseline = baseline_of(desk.runs.queries, visit.actor.tenant_id, view, named) if answers else None
    run = desk.runs.queries.finished(visit.actor.tenant_id, view.id)
    counts = desk.runs.count_scores.of(run)
    effect = effect_of(view, counts, asked)
    rows = _found(desk, run, asked) if "rows" in needed else None
    columns, every = key_columns(rows.items if rows else (), asked.cols)
    return RunResultPage(
        head=head_of(
            visit,
            view,
            asked,
            by=_scored_by(visit, view, desk, named) if is_whole else None,
            baseline=baseline,
        ),
        asked=asked,
        action=run_href(visit, view),
        kept=asked.state,
        answer=answer_of(view, counts, asked, usual=_usual(visit, desk, view) if answers else ()),
        against=baseline.words(visit) if baseline else "",
        precision=desk.precision(visit, view) if is_whole else "",
        chart=chart_of(visit, view, counts, asked) if answers else None,
        effect=effect,
        apply=_apply(visit, view, asked) if effect and effect.can_apply else None,
        undo=_undo(visit, view),
        chips=chips_of(visit, asked),
        clear_href=run_href(visit, view),
        map_href=run_href(visit, view, "map"),
        facets=_facets(visit, view, desk, asked) if "facets" in needed else None,
        facets_href=visit.here(facets="1"),
        table=_table(visit, view, desk, asked, rows=rows, columns=columns) if rows else None,
        chooser=chooser_of(every, columns) if rows else None,
        bulk_action=run_href(visit, view, "label"),
        bulk_back=_query_of(visit),
        panel=_panel(visit, view, desk, asked) if "drawer" in needed else None,
    )


def _scored_by(visit: Visit, view: RunView, desk: RowDesk, named: Named) -> ScoredBy:
    version_id = view.model_version_id
    aliases = desk.runs.models.aliases(visit.actor.tenant_id, version_id) if version_id else ()
    return ScoredBy(named=named, aliases=aliases, has_dataset=desk.has_dataset(visit, view))


def _query_of(visit: Visit) -> str:
    """Of the list, for who comes back to it; empty where it is too long to be sent along."""
    query = visit.here(row=None, facets=None).partition("?")[2]
    return query if len(query) <= LONGEST_BACK else ""


def _found(desk: RowDesk, run: Run, asked: ResultQuery) -> Page[ScoredRow]:
    return desk.runs.find_rows(run, asked.wanted, sort=asked.sort, limit=PAGE, cursor=asked.cursor)


def _table(
    visit: Visit,
    view: RunView,
    desk: RowDesk,
    asked: ResultQuery,
    *,
    rows: Page[ScoredRow],
    columns: tuple[str, ...],
) -> Table:
    numbers = [row.row for row in rows.items]
    labels = desk.labels_of(visit, view, numbers)
    return RowsTable(visit=visit, run=view, asked=asked, columns=columns).table(rows, labels)


def _facets(visit: Visit, view: RunView, desk: RowDesk, asked: ResultQuery) -> tuple[Facet, ...] | None:
    """None where counting them would keep somebody waiting."""
    at_once = asked.with_facets or visit.request.headers.get("HX-Target") in ("facets", "rows")
    if not at_once and (view.rows or 0) > FEW_ROWS:
        return None
    found = desk.explanations.facets(visit.actor.tenant_id, view.id, column=None, score_gte=asked.score_gte)
    return facets_of(visit, found, asked)


def _panel(visit: Visit, view: RunView, desk: RowDesk, asked: ResultQuery) -> RowPanel | None:
    return None if asked.row is None else desk.panel(visit, view, asked.row, compared=False)


def _usual(visit: Visit, desk: RowDesk, view: RunView) -> list[float]:
    """Shares of flagged rows in the detector's other runs."""
    if view.detector_id is None:
        return []
    wanted = RunFilter(detector=view.detector_id, states=(JobState.SUCCEEDED,))
    found = desk.runs.queries.runs(
        visit.actor.tenant_id, wanted, sort="-created_at", limit=USUAL_RUNS, cursor=None
    )
    return [
        run.anomalies / run.rows for run in found.items if run.id != view.id and run.rows and run.anomalies
    ]


def _apply(visit: Visit, view: RunView, asked: ResultQuery) -> Button | None:
    if not visit.may("thresholds:write"):
        return None
    values = (("score", f"{asked.min_score:g}"), ("version", str(view.version)))
    return Button(
        text="Make it the threshold",
        action=run_href(visit, view, "threshold"),
        values=values,
        style="primary",
    )


def _undo(visit: Visit, view: RunView) -> Button | None:
    if view.previous_alert_rate is None or not visit.may("thresholds:write"):
        return None
    values = (("undo", "yes"), ("version", str(view.version)))
    return Button(text="Undo the last move", action=run_href(visit, view, "threshold"), values=values)
