"""A page that asks before it changes something."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fastapi import Response

from core.domain.errors import Conflict, DomainError, Invalid
from core.domain.names import can_be_shown
from core.presentation.forms import problem, refused
from core.presentation.page_routes import Posted
from core.presentation.parts import Column, Field, Notice, Row, Table, Text
from core.presentation.visit import Visit
from machine_learning.api import ModelView, VersionView
from machine_learning.domain.registry.model import LONGEST_NOTE
from machine_learning.presentation.pages.shared import crumbs, interval, percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Posts to its own address. ``read``: the change of the row that the visitor saw."""

    title: str
    lead: str
    button: str
    read: int
    facts: Table | None = None
    fields: tuple[Field, ...] = ()
    hidden: tuple[tuple[str, str], ...] = ()
    is_dangerous: bool = False
    problem: Notice | None = None
    cancel_href: str = ""


def answered(visit: Visit, model: ModelView, page: Confirmation, error: DomainError | None) -> Response:
    """``error``: why it was not done; the page shows how things are now."""
    fields = refused(page.fields, error) if error else page.fields
    notice = problem(fields, error)
    if isinstance(error, Conflict):
        entered = any(field.value for field in fields)
        below = "what you entered: send it again to replace what is there" if entered else "how it is now"
        text = f"{error.detail} Below is {below}."
        notice = Notice(kind="error", title=error.title, text=text)
    page = replace(page, fields=fields, problem=notice, cancel_href=visit.url("models", model.slug))
    status = 409 if isinstance(error, Conflict) else 422 if error else 200
    return visit.page(
        "machine_learning/confirm.html",
        page,
        title=page.title,
        crumbs=crumbs(visit, model, page.title),
        status=status,
    )


class UnusableNote(Invalid):
    title = "The note cannot be kept"


def note_field(note: str = "") -> Field:
    return Field(name="note", label="Why", hint="For the history. It may stay empty.", value=note)


def noted(form: Posted) -> str:
    """Raises UnusableNote."""
    note = form.text("note")
    if len(note) > LONGEST_NOTE or not can_be_shown(note):
        raise UnusableNote(
            f"It is one line of at most {LONGEST_NOTE} characters, each of which can be seen.",
            fix="Change it.",
            pointer="note",
        )
    return note


def read_version(form: Posted) -> int | None:
    text = form.text("read")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def difference(before: VersionView | None, after: VersionView) -> Table:
    """What two versions have unlike; where there is none before, what the version is."""
    told, now = dict(_facts(after)), dict(_facts(before)) if before else {}
    names = [name for name in told if told[name] != now.get(name)]
    return Table(
        id="difference",
        caption="What changes",
        columns=(Column("What"), Column("Now"), Column("Then")),
        rows=tuple(
            Row(f"difference-{at}", (Text(name), Text(now.get(name, "")), Text(told[name])))
            for at, name in enumerate(names)
        ),
    )


def _facts(version: VersionView) -> Iterator[tuple[str, str]]:
    summary, metrics = version.summary, version.metrics
    yield "Version", f"version {version.number}"
    yield "Algorithm", version.algorithm
    yield "Learned from", f"{version.dataset or 'an imported file'}, {summary['rows']:,} rows"
    yield "Flags", percent(version.alert_rate)
    for name, value in summary.get("parameters", {}).items():
        yield f"Parameter {name}", str(value)
    if metrics is None:
        yield "Measured on", "no labels"
        return
    yield (
        "Measured on",
        f"{metrics['dataset']} version {metrics['number']}, {metrics['anomalies']:,} anomalies",
    )
    for title, name in (("PR AUC", "average_precision"), ("Precision", "precision"), ("Recall", "recall")):
        yield title, interval(metrics.get(name))
