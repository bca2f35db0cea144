"""Many rows of a run labelled at once: what was chosen is shown again, and only that is labelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Query, Response

from anomaly_detection.application.labels.label_rows import LabelOutcome, WantedLabel
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.domain.ids import LabelBatchId
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.presentation.http.run_rows import RunPath
from anomaly_detection.presentation.pages.labels_undo import undo_href
from anomaly_detection.presentation.pages.run_result_query import LONGEST_BACK
from anomaly_detection.presentation.pages.run_result_rows import VERDICTS
from anomaly_detection.presentation.pages.run_row import LONGEST_NOTE, Desk, NoteTooLong, UnknownVerdict
from anomaly_detection.presentation.pages.runs_words import dataset_of, run_href
from core.domain.errors import BadRequest
from core.domain.ids import new_id
from core.presentation.forms import problem, refused
from core.presentation.http import requires
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import Field, Link, Notice, Option
from core.presentation.visit import Here, Visit

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("runs:read"), requires("labels:write")],
)
NAMED = 12  # rows
MOST_CHOSEN = 900  # a form has at most 1,000 fields


class UnreadableChoice(BadRequest):
    title = "The rows cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelManyPage:
    """``chosen`` are rows with the versions of their labels, ``back`` the query of the list they were chosen in."""

    title: str
    words: str
    action: str
    back_href: str
    back: str
    chosen: tuple[str, ...]
    problem: Notice | None
    fields: tuple[Field, ...]
    submit: str


@router.get("/runs/{run}/label")
def ask_verdict(
    visit: Here,
    run: RunPath,
    desk: Desk,
    row: Annotated[list[Annotated[str, Query(max_length=40)]], Query()] = [],  # noqa: B006 - FastAPI copies it
    back: Annotated[str, Query(max_length=LONGEST_BACK)] = "",
) -> Response:
    view = desk.runs.queries.run(visit.actor.tenant_id, run)
    home = _home(visit, view, back)
    if not row:
        return visit.go(home, "No rows were chosen. Choose some with x or their boxes.")
    return _asked(visit, home, dataset_of(view), row, _fields())


@router.post("/runs/{run}/label")
def label_rows(visit: Here, run: RunPath, form: Form, desk: Desk) -> Response:
    view = desk.runs.queries.run(visit.actor.tenant_id, run)
    chosen, note = form.all("row"), form.text("note").replace("\r\n", "\n")
    fields = _fields(form.text("verdict"), note)
    home = _home(visit, view, form.text("back")[:LONGEST_BACK])
    try:
        if form.text("verdict") not in list(Verdict):
            raise UnknownVerdict("None was chosen.", fix="Choose what the rows are.", pointer="verdict")
        if len(note) > LONGEST_NOTE:
            raise NoteTooLong(
                f"It has {len(note):,} characters.", fix=f"Use {LONGEST_NOTE:,}.", pointer="note"
            )
    except (UnknownVerdict, NoteTooLong) as error:
        return _asked(visit, home, dataset_of(view), chosen, refused(fields, error), status=422)
    verdict = Verdict(form.text("verdict"))
    wanted = [
        WantedLabel(run_id=run, row=row, verdict=verdict, note=note, version=version)
        for row, version in _rows(chosen)
    ]
    batch_id = LabelBatchId(new_id())
    outcomes = desk.labels.label(visit.actor, wanted, batch_id=batch_id)
    undo = undo_href(visit, batch_id) if _changed(outcomes) else ""
    return visit.go(home, _told(outcomes, VERDICTS[verdict][1]), undo=undo)


def _home(visit: Visit, view: RunView, back: str) -> str:
    """The list as it was."""
    query = urlencode(parse_qsl(back))
    return run_href(visit, view) + (f"?{query}" if query else "")


def _changed(outcomes: Sequence[LabelOutcome]) -> int:
    return sum(each.label is not None and not each.was_so for each in outcomes)


def _told(outcomes: Sequence[LabelOutcome], words: str) -> str:
    refused = [each.refused for each in outcomes if each.refused is not None]
    told = [f"{_counted(_changed(outcomes))} labelled {words}"]
    if same := sum(each.was_so for each in outcomes):
        told.append(f"{same:,} skipped (already {words})")
    if refused:
        told.append(f"{len(refused):,} skipped: {refused[0].detail}")
        return ", ".join(told)
    return ", ".join(told) + "."


def _asked(
    visit: Visit,
    home: str,
    dataset: str,
    chosen: Sequence[str],
    fields: tuple[Field, ...],
    *,
    status: int = 200,
) -> Response:
    rows = _rows(chosen)
    title = f"Label {_counted(len(rows))}"
    named = ", ".join(f"{row:,}" for row, _ in rows[:NAMED])
    more = f" and {len(rows) - NAMED:,} more" if len(rows) > NAMED else ""
    page = LabelManyPage(
        title=title,
        words=f"{'Row' if len(rows) == 1 else 'Rows'} {named}{more} of {dataset}. Only these are labelled.",
        action=visit.request.url.path,
        back_href=home,
        back=home.partition("?")[2],
        chosen=tuple(chosen),
        problem=problem(fields),
        fields=fields,
        submit=title,
    )
    crumbs = (Link("Runs", visit.url("runs")), Link(dataset, home), Link("Label", ""))
    return visit.page("anomaly_detection/labels_many.html", page, title=title, crumbs=crumbs, status=status)


def _fields(verdict: str = "", note: str = "") -> tuple[Field, ...]:
    options = tuple(
        Option(each, words.capitalize(), each == verdict) for each, (_, words) in VERDICTS.items()
    )
    return (
        Field(name="verdict", label="What are they?", kind="radio", options=options, required=True),
        Field(name="note", label="Comment", kind="textarea", value=note),
    )


def _rows(chosen: Sequence[str]) -> list[tuple[int, int | None]]:
    """Rows with the versions of the labels that were seen. Raises UnreadableChoice."""
    if not 0 < len(chosen) <= MOST_CHOSEN:
        raise UnreadableChoice(f"{len(chosen):,} were chosen.", fix=f"Choose 1 to {MOST_CHOSEN:,}.")
    found: dict[int, int | None] = {}
    for each in chosen:
        row, _, version = each.partition(":")
        if not (
            each.isascii()
            and row.isdecimal()
            and len(row) < 16
            and (not version or (version.isdecimal() and len(version) < 10))
        ):
            raise UnreadableChoice(f"{each[:40]!r} is no row.", fix="Choose rows in the run's list.")
        found[int(row)] = int(version) if version else None
    return list(found.items())


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows:,} rows"
