"""The tenant's models."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query, Response

from core.domain.page import Counting, Page
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import EmptyState, Field, Link, Number, Table, Text
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelView, VersionView
from machine_learning.domain.registry.model import CHAMPION
from machine_learning.presentation.pages.shared import Registry, may_train, measure, model_pages

router = model_pages()
CHALLENGER = "challenger"
Sort = Literal["slug", "-slug", "created_at", "-created_at"]
Search = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsPage:
    search: Field
    sort: str
    table: Table
    actions: tuple[Link, ...]


@with_twins(router, "/models")
def models(
    visit: Here, registry: Registry, asked: Asked, q: Search = "", sort: Sort = "-created_at"
) -> Response:
    tenant_id = visit.actor.tenant_id

    def read(cursor: str | None) -> Page[ModelView]:
        return registry.models.models(
            tenant_id, sort=sort, limit=asked.limit, cursor=cursor, search=q, count=Counting.ESTIMATE
        )

    listing = listing_of(visit)
    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    page = ModelsPage(
        search=Field(name="q", label="Search models", kind="search", value=q),
        sort=sort,
        table=listing.table(visit, read(asked.cursor), empty=_empty(visit, q), sort=sort),
        actions=_actions(visit),
    )
    return visit.page("machine_learning/models.html", page, title="Models")


def listing_of(visit: Visit) -> Listing[ModelView]:
    def href(model: ModelView) -> str:
        return visit.url("models", model.slug)

    return Listing(
        id="models",
        caption="Models",
        key=lambda model: model.slug,
        href=href,
        columns=(
            ListColumn(
                title="Name",
                name="slug",
                cell=lambda m: Link(m.name, href(m)),
                value=lambda m: m.slug,
                sort="slug",
            ),
            *(_alias_column(alias) for alias in (CHAMPION, CHALLENGER)),
            ListColumn(
                title="Algorithm",
                name="algorithm",
                cell=lambda m: Text(shown_version(m).algorithm if m.versions else "not trained yet"),
                value=lambda m: shown_version(m).algorithm if m.versions else None,
            ),
            ListColumn(
                title="Trained on",
                name="dataset",
                cell=lambda m: Text(_dataset(m)),
                value=lambda m: _dataset(m) or None,
            ),
            ListColumn(
                title="Versions",
                name="versions",
                cell=lambda m: Number(f"{m.latest_number:,}"),
                value=lambda m: m.latest_number,
                numeric=True,
            ),
            ListColumn(
                title="PR AUC", name="average_precision", cell=_metric, value=_precision, numeric=True
            ),
            ListColumn(
                title="Since",
                name="created_at",
                cell=lambda m: visit.moment(m.created_at),
                value=lambda m: m.created_at,
                sort="created_at",
            ),
        ),
    )


def shown_version(model: ModelView) -> VersionView:
    """The champion, where it is among the newest; else the newest. Raises IndexError for a model without versions."""
    champion = model.aliases.get(CHAMPION)
    return next((each for each in model.versions if each.number == champion), model.versions[0])


def _alias_column(alias: str) -> ListColumn[ModelView]:
    def number(model: ModelView) -> int | None:
        return model.aliases.get(alias)

    return ListColumn(
        title=alias.capitalize(),
        name=alias,
        cell=lambda m: Text("" if number(m) is None else f"version {number(m)}"),
        value=number,
    )


def _dataset(model: ModelView) -> str:
    return (shown_version(model).dataset or "imported") if model.versions else ""


def _precision(model: ModelView) -> float | None:
    return measure(shown_version(model).metrics, "average_precision") if model.versions else None


def _metric(model: ModelView) -> Number:
    found = _precision(model)
    return Number("no labels") if found is None else Number(f"{found:.3g}", exact=str(found))


def _actions(visit: Visit) -> tuple[Link, ...]:
    actions = []
    if may_train(visit):
        actions.append(Link("Train a model", visit.url("models", "new")))
    if visit.may("models:write"):
        actions.append(Link("Import a model file", visit.url("models", "import")))
    return tuple(actions)


def _empty(visit: Visit, search: str) -> EmptyState:
    if search:
        return EmptyState(
            code="filtered",
            title="No model matches",
            text=f"No name has “{search}” in it.",
            actions=(Link("Clear the search", visit.here(q=None)),),
        )
    actions = (Link("Train a first version", visit.url("models", "new")),) if may_train(visit) else ()
    return EmptyState(
        code="first-use",
        title="No model yet",
        text="A model is trained once and scores new rows from then on. It appears here with its versions and figures.",
        actions=actions,
    )
