"""A row of a run: beside the others, or as a page of its own; and its label."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

from fastapi import APIRouter, Depends, Response

from anomaly_detection.api import Explanations, Labels, Runs
from anomaly_detection.application.labels.label_rows import WantedLabel
from anomaly_detection.application.labels.ports import LabelView
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.labels.label import LabelNotFound, Verdict
from anomaly_detection.presentation.http.run_rows import RowPath, RunPath
from anomaly_detection.presentation.pages.run_result_parts import precision_text
from anomaly_detection.presentation.pages.run_result_rows import VERDICTS, answers_of
from anomaly_detection.presentation.pages.run_row_parts import (
    LabelEntry,
    RowPanel,
    answer_of_row,
    compared_of,
    entries_of,
    label_form,
    said_of,
    title_of_row,
    values_table,
)
from anomaly_detection.presentation.pages.runs_words import dataset_of, run_href
from core.domain.errors import Conflict, DomainError, Invalid, Stale, VersionNeeded
from core.domain.public_ids import shown
from core.presentation.http import from_state, requires
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import Answers, Badge, Button, Link
from core.presentation.visit import Here, Visit, local
from data_platform.api import DatasetNotFound, Datasets

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("runs:read")],
)
RunService = Annotated[Runs, Depends(from_state(Runs))]
LabelService = Annotated[Labels, Depends(from_state(Labels))]
ExplanationService = Annotated[Explanations, Depends(from_state(Explanations))]
DatasetService = Annotated[Datasets, Depends(from_state(Datasets))]
SHOWN_CHANGES = 20
LONGEST_NOTE = 4_000


class UnknownVerdict(Invalid):
    title = "There is no such verdict"


class NoteTooLong(Invalid):
    title = "The comment is too long"


class LabelledMeanwhile(Stale):
    title = "The row was labelled since you read it"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRowPage:
    panel: RowPanel
    run_href: str
    precision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledPage:
    """``answers`` are the row's buttons anew, ``panel`` the row where it is open, ``from_panel`` that it was labelled there;
    ``undo`` takes the label back."""

    answers: Answers
    panel: RowPanel | None
    from_panel: bool
    words: str
    said: str
    undo: Button | None
    precision: str


@dataclass(frozen=True, slots=True)
class RowDesk:
    """What pages of rows are made from."""

    runs: Runs
    labels: Labels
    explanations: Explanations
    datasets: Datasets

    def panel(self, visit: Visit, run: RunView, row: int, *, compared: bool) -> RowPanel:
        """Raises NoSuchRow, ResultLost."""
        tenant_id, label = visit.actor.tenant_id, self.label(visit, run, row)
        found = self.explanations.explain(tenant_id, run.id, row, compared=compared)
        return RowPanel(
            row=row,
            title=title_of_row(found),
            badge=Badge(100 * found.explanation.score, found.explanation.severity.rank),
            answer=answer_of_row(found),
            values=values_table(found),
            permalink=run_href(visit, run, "rows", str(row)),
            close_href=visit.here(row=None),
            label=label_form(visit, run, row, label),
            said=said_of(visit, label) if visit.may("labels:read") else "",
            history=self._history(visit, run, row),
            compared=compared_of(visit, found, self.runs.same_entity(tenant_id, run.id, row))
            if compared
            else None,
        )

    def label(self, visit: Visit, run: RunView, row: int) -> LabelView | None:
        return self.labels_of(visit, run, [row]).get(row)

    def labels_of(self, visit: Visit, run: RunView, rows: Sequence[int]) -> Mapping[int, LabelView]:
        """None for who may not read labels."""
        if not visit.may("labels:read"):
            return {}
        return self.labels.queries.of_rows(visit.actor.tenant_id, run.dataset_version_id, rows)

    def has_dataset(self, visit: Visit, run: RunView) -> bool:
        try:
            self.datasets.queries.get(visit.actor.tenant_id, shown("ds", run.dataset_id))
        except DatasetNotFound:
            return False
        return True

    def precision(self, visit: Visit, run: RunView) -> str:
        if not visit.may("labels:read"):
            return ""
        found = self.runs.precision.of_runs(visit.actor.tenant_id, [run.id]).get(run.id)
        return precision_text(found) if found or run.anomalies else ""

    def _history(self, visit: Visit, run: RunView, row: int) -> tuple[LabelEntry, ...]:
        if not visit.may("labels:read"):
            return ()
        tenant_id = visit.actor.tenant_id
        changes = self.labels.queries.history(tenant_id, run.id, row, limit=SHOWN_CHANGES, cursor=None)
        return entries_of(visit, changes.items)


async def row_desk(
    runs: RunService, labels: LabelService, explanations: ExplanationService, datasets: DatasetService
) -> RowDesk:
    return RowDesk(runs, labels, explanations, datasets)


Desk = Annotated[RowDesk, Depends(row_desk)]


@router.get("/runs/{run}/rows/{n}")
def show_row(visit: Here, run: RunPath, n: RowPath, desk: Desk) -> Response:
    """Whole; beside the other rows, htmx fetches from here what they leave out."""
    view = desk.runs.queries.run(visit.actor.tenant_id, run)
    page = RunRowPage(
        panel=desk.panel(visit, view, n, compared=True),
        run_href=run_href(visit, view),
        precision=desk.precision(visit, view),
    )
    crumbs = (
        Link("Runs", visit.url("runs")),
        Link(dataset_of(view), run_href(visit, view)),
        Link(f"Row {n:,}", ""),
    )
    return visit.page("anomaly_detection/run_row.html", page, title=f"Row {n:,}", crumbs=crumbs)


@router.post("/runs/{run}/rows/{n}/label", dependencies=[requires("labels:read"), requires("labels:write")])
def label_row(visit: Here, run: RunPath, n: RowPath, form: Form, desk: Desk) -> Response:
    """Without a verdict the label is taken away."""
    view = desk.runs.queries.run(visit.actor.tenant_id, run)
    before, text = desk.label(visit, view, n), form.text("verdict")
    verdict = _verdict(text) if text else None
    note = form.text("note").replace("\r\n", "\n")
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong(f"It has {len(note):,} characters.", fix=f"Use {LONGEST_NOTE:,} at most.")
    version = int(v) if (v := form.text("version")).isdecimal() and len(v) < 10 else None
    refused = _obey(lambda: _label(desk, visit, run, n, verdict=verdict, note=note, version=version))
    if refused is not None and not visit.is_fragment and not _says(before, verdict, note):
        raise LabelledMeanwhile(refused.detail, fix="Go back, look at its label, then label it again.")
    words = f"Row {n:,}: {VERDICTS[verdict][1] if verdict else 'label removed'}."
    if not visit.is_fragment:
        return visit.go(local(form.text("back")) or run_href(visit, view, "rows", str(n)), words)
    label = desk.label(visit, view, n)
    precision = desk.precision(visit, view)
    told = words if refused is None else f"{refused.detail} It is shown as it is now."
    page = LabelledPage(
        answers=answers_of(visit, view, n, label),
        panel=desk.panel(visit, view, n, compared=False) if _is_open(visit, n) else None,
        from_panel=_is_from_panel(visit),
        words=told,
        said=f"{told} {precision}",
        undo=None if refused or form.has("undo") else _undo(visit, view, n, before, label),
        precision=precision,
    )
    return visit.page("anomaly_detection/run_row_labelled.html", page, title="Label")


def _says(label: LabelView | None, verdict: Verdict | None, note: str) -> bool:
    """As after a form that was sent twice."""
    return (label.verdict, label.note) == (verdict, note) if label else verdict is None


def _is_from_panel(visit: Visit) -> bool:
    return visit.request.headers.get("HX-Target") == "row_label"


def _is_open(visit: Visit, row: int) -> bool:
    beside = parse_qs(urlsplit(visit.request.headers.get("HX-Current-URL", "")).query)
    return _is_from_panel(visit) or beside.get("row") == [str(row)]


def _label(
    desk: RowDesk,
    visit: Visit,
    run: RunId,
    row: int,
    *,
    verdict: Verdict | None,
    note: str,
    version: int | None,
) -> None:
    if verdict is None:
        desk.labels.remove(visit.actor, run, row=row, version=version)
        return
    wanted = WantedLabel(run_id=run, row=row, verdict=verdict, note=note, version=version)
    [outcome] = desk.labels.label(visit.actor, [wanted])
    if outcome.refused is not None:
        raise outcome.refused


def _obey(label: Callable[[], None]) -> DomainError | None:
    """What somebody else did meanwhile is the answer, not a failure."""
    try:
        label()
    except (Conflict, VersionNeeded, LabelNotFound) as error:
        return error
    return None


def _verdict(text: str) -> Verdict:
    try:
        return Verdict(text)
    except ValueError:
        raise UnknownVerdict(
            f"It is not {text[:40]!r}.", fix=f"Choose one of {', '.join(Verdict)}."
        ) from None


def _undo(visit: Visit, run: RunView, row: int, before: LabelView | None, now: LabelView | None) -> Button:
    values = [("verdict", str(before.verdict) if before else ""), ("undo", "yes")]
    values.append(("version", str(now.version) if now else ""))
    if before and before.note:
        values.append(("note", before.note))
    action = visit.url("runs", shown("run", run.id), "rows", str(row), "label")
    return Button(text="Undo", action=action, values=tuple(values), key="u")
