"""A model: its versions, what the chosen one is worth, and what happened to it."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Response

from core.application.quota import QuotaExceeded
from core.domain.errors import DomainError, Invalid, TooMany
from core.domain.page import Page
from core.presentation.http import requires
from core.presentation.page_routes import Form
from core.presentation.parts import EmptyState, JobProgress, Link, Notice, State, Table
from core.presentation.visit import Here, Visit
from data_platform.api import DatasetNotFound
from machine_learning.api import ModelView, VersionView
from machine_learning.application.registry.ports import EvaluationView
from machine_learning.domain.registry.version import NotServable
from machine_learning.presentation.pages import history
from machine_learning.presentation.pages.chosen_version import (
    Asked,
    ChosenVersion,
    Desk,
    ModelDesk,
    asked_version,
    chosen_version,
    version_asked,
)
from machine_learning.presentation.pages.evaluation import Measuring
from machine_learning.presentation.pages.shared import (
    ModelPath,
    Names,
    NumberPath,
    crumbs,
    may_train,
    model_pages,
)
from machine_learning.presentation.pages.threshold import Choice, asked_choice
from machine_learning.presentation.pages.versions import listing_of
from machine_learning.presentation.pages.work import failures, under_way

router = model_pages()
PART = "thr"  # what the form of the threshold swaps
NO_ROWS = Table(id="none", caption="", columns=(), rows=())
NO_VERSION = EmptyState(
    code="learning",
    title="No version yet",
    text="The first training that succeeds, or the first file that is usable, becomes version 1.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPage:
    """With ``name`` and ``chosen`` alone it is enough for the part that a threshold swaps."""

    name: str
    chosen: ChosenVersion | None
    description: str = ""
    aliases: tuple[State, ...] = ()
    actions: tuple[Link, ...] = ()
    jobs: tuple[JobProgress, ...] = ()
    failures: tuple[Notice, ...] = ()
    versions: Table = NO_ROWS
    all_href: str = ""
    compare_href: str = ""
    history: Table = NO_ROWS
    history_links: tuple[Link, ...] = ()


@router.get("/models/{model}")
def show_model(
    visit: Here, model: ModelPath, desk: Desk, asked: Annotated[Asked, Depends(asked_version)]
) -> Response:
    return page_of(visit, model, desk, asked)


@router.post("/models/{model}/versions/{number}/evaluations", dependencies=[requires("models:evaluate")])
def evaluate(
    visit: Here,
    form: Form,
    model: ModelPath,
    number: NumberPath,
    desk: Desk,
    choice: Annotated[Choice, Depends(asked_choice)],
) -> Response:
    dataset, label = form.text("dataset"), form.text("label")
    try:
        desk.registry.start_evaluation(
            visit.actor, model, number=number, dataset=dataset[:120], label=label[:500] or None
        )
    except (Invalid, DatasetNotFound, NotServable, QuotaExceeded, TooMany) as error:
        asked = Asked(v=number, vs=None, source="", choice=choice)
        return page_of(visit, model, desk, asked, refusal=error, sent=(dataset, label))
    return visit.go(visit.url("models", model, v=number), f"Version {number} is being evaluated.")


def page_of(
    visit: Visit,
    reference: str,
    desk: ModelDesk,
    asked: Asked,
    *,
    refusal: DomainError | None = None,
    sent: tuple[str, str] = ("", ""),
) -> Response:
    """``refusal``: why the form for an evaluation, which held ``sent``, was not obeyed."""
    registry, tenant_id = desk.registry, visit.actor.tenant_id
    model = registry.models.model(tenant_id, reference)
    version = version_asked(registry, visit, model, asked.v)
    evaluations = Measuring(registry=registry, visit=visit).of(version) if version else ()
    chosen = None
    if version is not None:
        chosen = chosen_version(
            visit, desk, model, version, evaluations, asked=asked, refusal=refusal, sent=sent
        )
    if visit.is_fragment and visit.request.headers.get("HX-Target") == PART:
        page = ModelPage(name=model.name, chosen=chosen)
    else:
        page = _whole(visit, desk, model, version, evaluations, chosen)
    return visit.page(
        "machine_learning/model.html",
        page,
        title=model.name,
        crumbs=crumbs(visit, model),
        along=("curves", "scores"),
        refresh_seconds=5 if page.jobs else 0,
        status=422 if refusal else 200,
    )


def _whole(
    visit: Visit,
    desk: ModelDesk,
    model: ModelView,
    version: VersionView | None,
    evaluations: tuple[EvaluationView, ...],
    chosen: ChosenVersion | None,
) -> ModelPage:
    registry, tenant_id, here = desk.registry, visit.actor.tenant_id, ("models", model.slug)
    runs = registry.runs.runs(tenant_id, model=model.slug, limit=history.SHOWN, cursor=None).items
    return ModelPage(
        name=model.name,
        description=model.description,
        aliases=tuple(State(f"{alias}: version {n}", "active") for alias, n in sorted(model.aliases.items())),
        actions=_actions(visit, model, version),
        jobs=tuple(under_way(visit, desk.jobs, runs, evaluations)),
        failures=tuple(failures(runs, evaluations)),
        versions=_versions(visit, model, version),
        all_href=visit.url(*here, "versions"),
        compare_href=visit.url(*here, "compare") if len(model.versions) > 1 else "",
        chosen=chosen,
        history=history.latest(visit, registry, Names(desk.people, tenant_id), model.slug),
        history_links=(
            Link("All alias moves", visit.url(*here, "alias-history")),
            Link("All threshold moves", visit.url(*here, "threshold-history")),
            Link("All trainings", visit.url(*here, "trainings")),
        ),
    )


def _actions(visit: Visit, model: ModelView, version: VersionView | None) -> tuple[Link, ...]:
    here, links = ("models", model.slug), []
    if may_train(visit):
        of = f"{model.slug}:{version.number}" if version and version.dataset else ""
        text = "Retrain" if version else "Train a first version"
        links.append(Link(text, visit.url("models", "new", of=of, name=model.name)))
    if visit.may("models:write"):
        if model.former_champions:
            links.append(Link("Roll back", visit.url(*here, "rollback")))
        links.append(Link("Rename", visit.url(*here, "name")))
        links.append(Link("Delete", visit.url(*here, "deletion")))
    return tuple(links)


def _versions(visit: Visit, model: ModelView, chosen: VersionView | None) -> Table:
    listing, several = listing_of(visit, model), len(model.versions) > 1
    listing = replace(listing, columns=[each for each in listing.columns if each.name != "dataset"])
    table = listing.table(visit, Page(model.versions, None), empty=NO_VERSION, checked=several)
    mark = f"v{chosen.number}" if chosen else ""
    rows = tuple(replace(row, selected=row.id == mark) for row in table.rows)
    base = visit.url("models", model.slug, "versions")
    twins = tuple(Link(form.upper(), f"{base}.{form}") for form in ("csv", "json")) if rows else ()
    return replace(table, rows=rows, pager=None, twins=twins)
