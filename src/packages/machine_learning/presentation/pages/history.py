"""What happened to a model: who moved its aliases and who trained it, and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Response

from core.domain.page import Page
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import Column, EmptyState, Row, State, Table, Text
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelView
from machine_learning.application.registry.ports import AliasMove, TrainingRunView
from machine_learning.presentation.pages.listed import ListPage
from machine_learning.presentation.pages.shared import (
    ModelPath,
    Names,
    People,
    Registry,
    crumbs,
    model_pages,
    percent,
)

router = model_pages()
SHOWN = 8  # events on the model's own page
REASONS = {
    "first_version": "the first version",
    "promoted": "promoted",
    "rolled_back": "rolled back",
    "removed": "taken away",
}
NOTHING = EmptyState(
    code="first-use", title="Nothing yet", text="What is done with the model is listed here."
)


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    what: str
    why: str
    who: str


def latest(visit: Visit, names: Names, moves: Sequence[AliasMove], runs: Sequence[TrainingRunView]) -> Table:
    """Moves and trainings together."""
    events = sorted([*_moved(moves, names), *_trained(runs, names)], key=lambda event: event.at, reverse=True)
    return Table(
        id="history",
        caption="The latest events",
        columns=tuple(Column(title) for title in ("When", "What", "Why", "Who")),
        rows=tuple(
            Row(f"event-{number}", (visit.moment(e.at), Text(e.what), Text(e.why), Text(e.who)))
            for number, e in enumerate(events[:SHOWN], 1)
        ),
        empty=NOTHING,
    )


@with_twins(router, "/models/{model}/alias-history")
def alias_history(
    visit: Here, model: ModelPath, registry: Registry, people: People, asked: Asked
) -> Response:
    tenant_id = visit.actor.tenant_id
    view, names = registry.models.model(tenant_id, model), Names(people, tenant_id)
    listing = _moves_listing(visit, view, names)

    def read(cursor: str | None) -> Page[AliasMove]:
        return registry.models.alias_moves(tenant_id, model, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    table = listing.table(visit, read(asked.cursor), empty=NOTHING)
    page = ListPage(
        title=f"Aliases of {view.name}", lead="Which version was what, the newest move first.", table=table
    )
    return visit.page(
        "machine_learning/list.html", page, title=page.title, crumbs=crumbs(visit, view, "Aliases")
    )


@with_twins(router, "/models/{model}/trainings")
def trainings(visit: Here, model: ModelPath, registry: Registry, people: People, asked: Asked) -> Response:
    tenant_id = visit.actor.tenant_id
    view, names = registry.models.model(tenant_id, model), Names(people, tenant_id)
    listing = _trainings_listing(visit, view, names)

    def read(cursor: str | None) -> Page[TrainingRunView]:
        return registry.runs.runs(tenant_id, model=view.slug, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    table = listing.table(visit, read(asked.cursor), empty=NOTHING)
    page = ListPage(
        title=f"Trainings of {view.name}", lead="Imports are among them, the newest first.", table=table
    )
    return visit.page(
        "machine_learning/list.html", page, title=page.title, crumbs=crumbs(visit, view, "Trainings")
    )


def _moved(moves: Sequence[AliasMove], names: Names) -> Iterator[Event]:
    for move in moves:
        to = f"version {move.after}" if move.after else "no version"
        before = f", before: version {move.before}" if move.before else ""
        who = names(move.user_id, move.key_id)
        yield Event(move.at, f"{move.alias} is {to}{before}", REASONS[move.reason], who)


def _trained(runs: Sequence[TrainingRunView], names: Names) -> Iterator[Event]:
    for run in runs:
        what = "Import of a file" if run.dataset is None else f"Training on {run.dataset}"
        result = f": version {run.number}" if run.number else f": {run.job.state}"
        yield Event(run.created_at, what + result, _how(run), names(run.user_id, run.key_id))


def _how(run: TrainingRunView) -> str:
    if not run.configuration:
        return ""
    rate = run.configuration.get("contamination")
    threshold = "threshold found from the scores" if rate is None else f"flagging {percent(rate)}"
    return f"{run.configuration['algorithm']}, {threshold}"


def _number(number: int | None) -> str:
    return "" if number is None else f"version {number}"


def _problem(error: Mapping[str, Any] | None) -> str:
    return f"{error.get('title', '')}: {error.get('detail', '')}" if error else ""


def _moves_listing(visit: Visit, view: ModelView, names: Names) -> Listing[AliasMove]:
    return Listing(
        id="moves",
        caption=f"Moves of the aliases of {view.name}",
        key=lambda move: f"{move.alias}-{move.at:%Y%m%d%H%M%S%f}",
        columns=(
            ListColumn(title="When", name="at", cell=lambda m: visit.moment(m.at), value=lambda m: m.at),
            ListColumn(title="Alias", name="alias", cell=lambda m: Text(m.alias), value=lambda m: m.alias),
            ListColumn(
                title="From version",
                name="before",
                cell=lambda m: Text(_number(m.before)),
                value=lambda m: m.before,
            ),
            ListColumn(
                title="To version",
                name="after",
                cell=lambda m: Text(_number(m.after)),
                value=lambda m: m.after,
            ),
            ListColumn(
                title="Why", name="reason", cell=lambda m: Text(REASONS[m.reason]), value=lambda m: m.reason
            ),
            ListColumn(
                title="Who",
                name="who",
                cell=lambda m: Text(names(m.user_id, m.key_id)),
                value=lambda m: names(m.user_id, m.key_id),
            ),
        ),
    )


def _trainings_listing(visit: Visit, view: ModelView, names: Names) -> Listing[TrainingRunView]:
    return Listing(
        id="trainings",
        caption=f"Trainings of {view.name}",
        key=lambda run: run.id.hex,
        columns=(
            ListColumn(
                title="When",
                name="created_at",
                cell=lambda r: visit.moment(r.created_at),
                value=lambda r: r.created_at,
            ),
            ListColumn(
                title="State",
                name="state",
                cell=lambda r: State(r.job.state, r.job.state),
                value=lambda r: r.job.state,
            ),
            ListColumn(
                title="Led to",
                name="version",
                cell=lambda r: Text(_number(r.number)),
                value=lambda r: r.number,
            ),
            ListColumn(
                title="On",
                name="dataset",
                cell=lambda r: Text(r.dataset or "an import"),
                value=lambda r: r.dataset,
            ),
            ListColumn(title="How", name="how", cell=lambda r: Text(_how(r)), value=_how),
            ListColumn(
                title="Problem",
                name="problem",
                cell=lambda r: Text(_problem(r.job.error)),
                value=lambda r: _problem(r.job.error),
            ),
            ListColumn(
                title="Who",
                name="who",
                cell=lambda r: Text(names(r.user_id, r.key_id)),
                value=lambda r: names(r.user_id, r.key_id),
            ),
        ),
    )
