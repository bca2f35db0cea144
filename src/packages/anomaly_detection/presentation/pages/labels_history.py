"""What was said of rows, by whom and when."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator

from anomaly_detection.api import Labels, Runs
from anomaly_detection.application.labels.ports import LabelFilter, LabelView
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.runs.run import RunNotFound
from anomaly_detection.presentation.pages.labels_shared import (
    LabelService,
    RunService,
    label_router,
    label_tabs,
)
from anomaly_detection.presentation.pages.labels_undo import undo_notices
from anomaly_detection.presentation.pages.run_result_rows import VERDICTS
from anomaly_detection.presentation.pages.runs_words import dataset_of, run_href
from core.domain.ids import TenantId, UserId
from core.domain.page import Counting
from core.domain.public_ids import parsed, shown
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import Cell, EmptyState, Field, Link, Option, State, Tab, Table, Text
from core.presentation.visit import Here, Visit

router = label_router()
VerdictQuery = Annotated[Literal["", "true", "false_positive", "expected", "bad_data", "unsure"], Query()]
# PostgreSQL refuses text with NUL where SQLite finds nothing.
Reference = Annotated[
    str, Query(max_length=200), AfterValidator(lambda text: text.replace("\x00", "\ufffd").strip())
]
Day = Annotated[date | Literal[""], Query()]
NAMES = ("verdict", "dataset", "from", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelHistoryPage:
    tabs: tuple[Tab, ...]
    action: str
    fields: tuple[Field, ...]
    chips: tuple[Link, ...]
    table: Table


@with_twins(router, "/labels/history")
def list_labels(
    visit: Here,
    runs: RunService,
    labels: LabelService,
    asked: Asked,
    *,
    verdict: VerdictQuery = "",
    dataset: Reference = "",
    since: Annotated[Day, Query(alias="from")] = "",
    until: Annotated[Day, Query(alias="to")] = "",
) -> Response:
    tenant_id = visit.actor.tenant_id
    wanted = LabelFilter(
        verdicts={Verdict(verdict)} if verdict else None,
        dataset=(parsed("ds", dataset) or dataset) or None,
        since=_start(since),
        until=_start(until, days=1),
    )
    read = partial(labels.queries.labels, tenant_id, wanted)
    listing = _listing(visit, runs)
    if asked.form:
        return listing.twin(asked.form, lambda cursor: read(limit=500, cursor=cursor), asked.cursor)
    page = read(limit=asked.limit, cursor=asked.cursor, count=Counting.ESTIMATE)
    chips = _chips(visit)
    total = _total(labels, tenant_id) if chips and not page.items else 0
    context = LabelHistoryPage(
        tabs=label_tabs(visit, "History"),
        action=visit.url("labels", "history"),
        fields=_fields(visit, verdict),
        chips=chips,
        table=listing.table(visit, page, empty=_empty(visit, is_filtered=bool(chips), total=total)),
    )
    crumbs = (Link("Labels", visit.url("labels")), Link("History", ""))
    return visit.page(
        "anomaly_detection/labels_history.html",
        context,
        title="Label history",
        crumbs=crumbs,
        notices=() if visit.is_fragment else undo_notices(visit, labels),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Names and runs that labels mention, each looked up once."""

    visit: Visit
    runs: Runs
    _names: dict[UserId, str] = field(default_factory=dict)
    _runs: dict[UUID, RunView | None] = field(default_factory=dict)

    def by(self, label: LabelView) -> str:
        if label.user_id is None:
            return "an API key" if label.key_id else "the console"
        if label.user_id not in self._names:
            self._names[label.user_id] = self.visit.name(label.user_id)
        return self._names[label.user_id]

    def run(self, label: LabelView) -> RunView | None:
        """Where it was given, while that exists."""
        if label.run_id is None:
            return None
        if label.run_id not in self._runs:
            self._runs[label.run_id] = self._found(label)
        return self._runs[label.run_id]

    def _found(self, label: LabelView) -> RunView | None:
        try:
            return self.runs.queries.run(self.visit.actor.tenant_id, label.run_id) if label.run_id else None
        except RunNotFound:
            return None


def _listing(visit: Visit, runs: Runs) -> Listing[LabelView]:
    known = Known(visit, runs)
    return Listing(
        id="labels",
        caption="Labels, the newest first",
        columns=(
            ListColumn(
                title="Labelled",
                name="labelled_at",
                cell=lambda v: visit.moment(v.labelled_at),
                value=lambda v: v.labelled_at,
            ),
            ListColumn(title="Verdict", name="verdict", cell=_verdict_cell, value=lambda v: v.verdict.value),
            ListColumn(
                title="Dataset",
                name="dataset",
                cell=lambda v: Text(_dataset(known, v)),
                value=lambda v: _dataset(known, v),
            ),
            ListColumn(
                title="Row", name="row", cell=lambda v: _row_cell(visit, known, v), value=lambda v: v.row
            ),
            ListColumn(title="By", name="by", cell=lambda v: Text(known.by(v)), value=known.by),
            ListColumn(title="Comment", name="note", cell=lambda v: Text(v.note), value=lambda v: v.note),
            ListColumn(title="Run", name="run", cell=lambda v: _run_cell(visit, known, v), value=_run_id),
        ),
        key=lambda v: f"label-{v.dataset_version_id.hex[-8:]}-{v.row}",
    )


def _dataset(known: Known, label: LabelView) -> str:
    run = known.run(label)
    return dataset_of(run) if run else ""


def _run_id(label: LabelView) -> str:
    return shown("run", label.run_id) if label.run_id else ""


def _verdict_cell(label: LabelView) -> Cell:
    return State(VERDICTS[label.verdict][1], label.verdict.value)


def _row_cell(visit: Visit, known: Known, label: LabelView) -> Cell:
    run = known.run(label)
    return (
        Link(f"{label.row:,}", run_href(visit, run, "rows", str(label.row)))
        if run
        else Text(f"{label.row:,}")
    )


def _run_cell(visit: Visit, known: Known, label: LabelView) -> Cell:
    run = known.run(label)
    return Link("Open the run", run_href(visit, run)) if run else Text("deleted")


def _fields(visit: Visit, verdict: str) -> tuple[Field, ...]:
    query = visit.request.query_params
    options = [Option("", "All", verdict == "")]
    options += [Option(each, words, each == verdict) for each, (_, words) in VERDICTS.items()]
    return (
        Field(name="verdict", label="Verdict", kind="select", options=tuple(options)),
        Field(name="dataset", label="Dataset", value=query.get("dataset", "")),
        Field(name="from", label="From", kind="date", value=query.get("from", "")),
        Field(name="to", label="To", kind="date", value=query.get("to", "")),
    )


def _chips(visit: Visit) -> tuple[Link, ...]:
    query = visit.request.query_params
    return tuple(
        Link(f"{name}: {query[name]}", visit.here(**{name: None})) for name in NAMES if query.get(name)
    )


def _empty(visit: Visit, *, is_filtered: bool, total: int) -> EmptyState:
    if is_filtered:
        clear = Link("Clear filters", visit.url("labels", "history"))
        return EmptyState(
            code="filtered", title="No label matches", text=f"0 of {total:,} match.", actions=(clear,)
        )
    return EmptyState(
        code="first-use",
        title="No labels yet",
        text="Verdicts on rows appear here, with who gave them and when.",
        actions=(Link("Label the first rows", visit.url("labels")),),
    )


def _total(labels: Labels, tenant_id: TenantId) -> int:
    page = labels.queries.labels(tenant_id, LabelFilter(), limit=1, cursor=None, count=Counting.ESTIMATE)
    return page.total or 0


def _start(day: date | str, *, days: int = 0) -> datetime | None:
    """Midnight in UTC, so many days later."""
    if not isinstance(day, date):
        return None
    try:
        return datetime.combine(day + timedelta(days=days), time(), UTC)
    except OverflowError:
        return None
