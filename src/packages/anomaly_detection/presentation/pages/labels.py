"""The queue of rows whose label would tell most: those nearest to the threshold, of all detectors or of one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response

from anomaly_detection.api import Runs
from anomaly_detection.application.labels.ports import QueueFilter
from anomaly_detection.application.runs.ports import RunFilter
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import no_run
from anomaly_detection.presentation.http.label_filters import WITHOUT_DETECTOR
from anomaly_detection.presentation.http.shared import detector_id
from anomaly_detection.presentation.pages.labels_listing import QueueEntry, listing_of, with_runs
from anomaly_detection.presentation.pages.labels_shared import (
    Detectors,
    LabelService,
    RunService,
    label_router,
    label_tabs,
)
from anomaly_detection.presentation.pages.run_result_parts import precision_text
from anomaly_detection.presentation.pages.runs import Reference
from anomaly_detection.presentation.pages.runs_filters import detector_field
from core.application.jobs import JobState
from core.domain.page import Page
from core.domain.public_ids import parsed
from core.presentation.listing import Asked, with_twins
from core.presentation.parts import EmptyState, Field, Link, Tab, Table
from core.presentation.visit import Here, Visit

router = label_router()
NO_DETECTOR = "No detector"
AT_ONCE = 5_000  # rows of a twin: each page of the queue looks at all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelQueuePage:
    tabs: tuple[Tab, ...]
    action: str
    detector: Field
    chips: tuple[Link, ...]
    precision: str
    can_label: bool
    table: Table


@with_twins(router, "/labels")
def show_queue(
    visit: Here,
    runs: RunService,
    labels: LabelService,
    detectors: Detectors,
    asked: Asked,
    *,
    run: Annotated[str, Query(max_length=100)] = "",
    detector: Reference = "",
) -> Response:
    tenant_id = visit.actor.tenant_id
    without = detector == WITHOUT_DETECTOR
    wanted = QueueFilter(
        run_id=_run_id(run),
        detector_id=detector_id(labels.detectors, visit.actor, detector)
        if detector and not without
        else None,
        without_detector=without,
    )

    def read(cursor: str | None, limit: int = AT_ONCE) -> Page[QueueEntry]:
        page = labels.queue.rows(tenant_id, wanted, limit=limit, cursor=cursor)
        return page.of(with_runs(tenant_id, page.items, runs, detectors))

    if asked.form:
        return listing_of(visit).twin(asked.form, read, asked.cursor)
    page = read(asked.cursor, asked.limit)
    context = LabelQueuePage(
        tabs=label_tabs(visit, "Queue"),
        action=visit.url("labels"),
        detector=detector_field(visit, detectors, ((WITHOUT_DETECTOR, NO_DETECTOR),)),
        chips=_chips(visit),
        precision=_precision(visit, runs, wanted),
        can_label=visit.may("labels:write"),
        table=listing_of(visit).table(visit, page, empty=_empty(visit, runs)),
    )
    return visit.page("anomaly_detection/labels.html", context, title="Labels")


def _run_id(text: str) -> RunId | None:
    """Raises RunNotFound."""
    if not text:
        return None
    found = parsed("run", text)
    if found is None:
        raise no_run()
    return RunId(found)


def _chips(visit: Visit) -> tuple[Link, ...]:
    query = visit.request.query_params
    return tuple(
        Link(
            NO_DETECTOR
            if (name, query[name]) == ("detector", WITHOUT_DETECTOR)
            else f"{name}: {query[name]}",
            visit.here(**{name: None}),
        )
        for name in ("run", "detector")
        if query.get(name)
    )


def _precision(visit: Visit, runs: Runs, wanted: QueueFilter) -> str:
    """Of what the queue is narrowed to."""
    tenant_id = visit.actor.tenant_id
    if wanted.run_id is not None:
        return precision_text(runs.precision.of_runs(tenant_id, [wanted.run_id]).get(wanted.run_id))
    if wanted.detector_id is not None:
        ids = [wanted.detector_id]
        return precision_text(runs.precision.of_detectors(tenant_id, ids).get(wanted.detector_id))
    return ""


def _empty(visit: Visit, runs: Runs) -> EmptyState:
    finished = RunFilter(states=(JobState.SUCCEEDED,))
    tenant_id = visit.actor.tenant_id
    if not runs.queries.runs(tenant_id, finished, sort="-created_at", limit=1, cursor=None).items:
        return EmptyState(
            code="first-use",
            title="Nothing to label yet",
            text="Once a run has found something, the rows whose label would tell most stand here.",
            actions=(Link("Open runs", visit.url("runs")),),
        )
    if _chips(visit):
        return EmptyState(
            code="filtered",
            title="No row matches",
            text="No run of these is done yet, every row that it keeps has a label, or its dataset is deleted.",
            actions=(Link("Clear filters", visit.url("labels")),),
        )
    return EmptyState(
        code="healthy",
        title="Queue is empty",
        text="Every row that the newest runs on your datasets keep has a label. Look at what was said.",
        actions=(Link("History", visit.url("labels", "history")),),
    )
