"""The queue of rows whose label would tell most: those nearest to the threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response

from anomaly_detection.api import Labels, Runs
from anomaly_detection.application.labels.ports import LabelView, QueuedRow
from anomaly_detection.application.runs.ports import RunFilter, RunView
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import no_run
from anomaly_detection.presentation.pages.labels_shared import (
    Detectors,
    LabelService,
    RunService,
    label_router,
    label_tabs,
)
from anomaly_detection.presentation.pages.run_result_parts import cut_offs_of, precision_text
from anomaly_detection.presentation.pages.run_result_rows import KEY_COLUMNS, answers_of, value_cell
from anomaly_detection.presentation.pages.runs_words import run_href, title_of
from core.application.jobs import JobState
from core.domain.page import Page
from core.domain.public_ids import parsed, shown
from core.presentation.parts import (
    Badge,
    Column,
    EmptyState,
    Field,
    Link,
    Option,
    Pager,
    Row,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit

router = label_router()
RECENT = 30  # runs to choose from
TRIED = 5  # of them, for one with rows to label
PAGE = 50
LONGEST_REASON = 400
NONE_FINISHED = "Nothing to label yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelQueuePage:
    tabs: tuple[Tab, ...]
    action: str
    run: Field | None
    run_link: Link | None
    precision: str
    can_label: bool
    table: Table


@router.get("/labels")
def show_queue(
    visit: Here,
    runs: RunService,
    labels: LabelService,
    detectors: Detectors,
    *,
    run: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    tenant_id = visit.actor.tenant_id
    finished = RunFilter(states=(JobState.SUCCEEDED,))
    recent = runs.queries.runs(tenant_id, finished, sort="-created_at", limit=RECENT, cursor=None).items
    chosen, page = _chosen(visit, runs, labels, recent, asked=run, cursor=cursor)
    named = detectors.queries.named(tenant_id, {each.detector_id for each in recent if each.detector_id})
    options = tuple(
        Option(shown("run", each.id), title_of(each, named), chosen is not None and each.id == chosen.id)
        for each in _with(recent, chosen)
    )
    context = LabelQueuePage(
        tabs=label_tabs(visit, "Queue"),
        action=visit.url("labels"),
        run=Field(name="run", label="Run", kind="select", options=options) if options else None,
        run_link=Link("Open the run", run_href(visit, chosen)) if chosen else None,
        precision=precision_text(runs.precision.of_runs(tenant_id, [chosen.id]).get(chosen.id))
        if chosen
        else "",
        can_label=visit.may("labels:write"),
        table=_table(visit, chosen, page),
    )
    return visit.page("anomaly_detection/labels.html", context, title="Labels", crumbs=(Link("Labels", ""),))


def _chosen(
    visit: Visit, runs: Runs, labels: Labels, recent: Sequence[RunView], *, asked: str, cursor: str | None
) -> tuple[RunView | None, Page[QueuedRow]]:
    """The run that was asked for, else the newest one with rows to label. Raises RunNotFound, InvalidCursor."""
    tenant_id = visit.actor.tenant_id
    empty: Page[QueuedRow] = Page((), None)
    if asked:
        run_id = parsed("run", asked)
        if run_id is None:
            raise no_run()
        view = runs.queries.run(tenant_id, RunId(run_id))
        return view, labels.queries.queue(tenant_id, view.id, limit=PAGE, cursor=cursor)
    for view in recent[:TRIED]:
        page = labels.queries.queue(tenant_id, view.id, limit=PAGE, cursor=cursor)
        if page.items:
            return view, page
    return (recent[0] if recent else None), empty


def _with(recent: Sequence[RunView], chosen: RunView | None) -> Sequence[RunView]:
    is_there = chosen is None or any(each.id == chosen.id for each in recent)
    return recent if is_there or chosen is None else [chosen, *recent]


def _table(visit: Visit, run: RunView | None, page: Page[QueuedRow]) -> Table:
    columns = tuple(page.items[0].cells)[: KEY_COLUMNS + 1] if page.items else ()
    next_href = ""
    if run and page.next_cursor:
        next_href = visit.here(run=shown("run", run.id), cursor=page.next_cursor)
    return Table(
        id="queue",
        caption="Rows without a label, the nearest to the threshold first",
        columns=(
            Column("Score", True),
            Column("Row"),
            *(Column(name) for name in columns),
            Column("Why"),
            Column("Label"),
        ),
        rows=tuple(_row(visit, run, each, columns) for each in page.items) if run else (),
        pager=Pager(
            shown="1 row" if len(page.items) == 1 else f"{len(page.items):,} rows",
            next_href=next_href,
            first_href=visit.here() if "cursor" in visit.request.query_params else "",
        )
        if page.items
        else None,
        empty=_empty(visit, run),
    )


def _row(visit: Visit, run: RunView, queued: QueuedRow, columns: Sequence[str]) -> Row:
    href = run_href(visit, run, "rows", str(queued.row))
    none: LabelView | None = None
    label = answers_of(visit, run, queued.row, none) if visit.may("labels:write") else Text("")
    return Row(
        f"row-{queued.row}",
        (
            Badge(100 * queued.score, cut_offs_of(run).of(queued.score).rank),
            Link(f"{queued.row:,}", href),
            *(value_cell(queued.cells.get(name)) for name in columns),
            Text(queued.reason[:LONGEST_REASON]),
            label,
        ),
        href=href,
    )


def _empty(visit: Visit, run: RunView | None) -> EmptyState:
    if run is None:
        return EmptyState(
            code="first-use",
            title=NONE_FINISHED,
            text="Once a run has found something, the rows whose label would tell most stand here.",
            actions=(Link("Open runs", visit.url("runs")),),
        )
    return EmptyState(
        code="healthy",
        title="Queue is empty",
        text="Every row that this run keeps has a label. Choose another run, or look at what was said.",
        actions=(Link("History", visit.url("labels", "history")),),
    )
