"""All that happened to a model, as lists: moves of aliases, moves of thresholds, trainings."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response

from core.domain.page import Page
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import Number, State, Text
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelView
from machine_learning.application.registry.ports import AliasMove, ThresholdMove, TrainingRunView
from machine_learning.presentation.pages.history import NOTHING, REASONS, how
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


@with_twins(router, "/models/{model}/threshold-history")
def threshold_history(
    visit: Here, model: ModelPath, registry: Registry, people: People, asked: Asked
) -> Response:
    tenant_id = visit.actor.tenant_id
    view, names = registry.models.model(tenant_id, model), Names(people, tenant_id)
    listing = _thresholds_listing(visit, view, names)

    def read(cursor: str | None) -> Page[ThresholdMove]:
        return registry.models.threshold_moves(tenant_id, model, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    table = listing.table(visit, read(asked.cursor), empty=NOTHING)
    page = ListPage(
        title=f"Thresholds of {view.name}",
        lead="What share of rows its versions were to flag, the newest move first.",
        table=table,
    )
    return visit.page(
        "machine_learning/list.html", page, title=page.title, crumbs=crumbs(visit, view, "Thresholds")
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


def _number(number: int | None) -> str:
    return "" if number is None else f"version {number}"


def _problem(error: Mapping[str, Any] | None) -> str:
    return f"{error.get('title', '')}: {error.get('detail', '')}" if error else ""


def _when(visit: Visit) -> ListColumn[Any]:
    return ListColumn(title="When", name="at", cell=lambda m: visit.moment(m.at), value=lambda m: m.at)


def _why_and_who(names: Names) -> tuple[ListColumn[Any], ...]:
    """Of moves of aliases and of thresholds."""
    return (
        ListColumn(
            title="What", name="reason", cell=lambda m: Text(REASONS[m.reason]), value=lambda m: m.reason
        ),
        ListColumn(title="Why", name="note", cell=lambda m: Text(m.note), value=lambda m: m.note),
        ListColumn(
            title="Who",
            name="who",
            cell=lambda m: Text(names(m.user_id, m.key_id)),
            value=lambda m: names(m.user_id, m.key_id),
        ),
    )


def _moves_listing(visit: Visit, view: ModelView, names: Names) -> Listing[AliasMove]:
    return Listing(
        id="moves",
        caption=f"Moves of the aliases of {view.name}",
        key=lambda move: f"{move.alias}-{move.at:%Y%m%d%H%M%S%f}",
        columns=(
            _when(visit),
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
            *_why_and_who(names),
        ),
    )


def _thresholds_listing(visit: Visit, view: ModelView, names: Names) -> Listing[ThresholdMove]:
    return Listing(
        id="threshold-moves",
        caption=f"Moves of the thresholds of versions of {view.name}",
        key=lambda move: f"{move.number}-{move.at:%Y%m%d%H%M%S%f}",
        columns=(
            _when(visit),
            ListColumn(
                title="Version",
                name="version",
                cell=lambda m: Text(_number(m.number)),
                value=lambda m: m.number,
            ),
            ListColumn(
                title="Flagged before",
                name="before",
                cell=lambda m: Number(percent(m.before), exact=str(m.before)),
                value=lambda m: m.before,
                numeric=True,
            ),
            ListColumn(
                title="Flags now",
                name="after",
                cell=lambda m: Number(percent(m.after), exact=str(m.after)),
                value=lambda m: m.after,
                numeric=True,
            ),
            *_why_and_who(names),
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
            ListColumn(title="How", name="how", cell=lambda r: Text(how(r)), value=how),
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
