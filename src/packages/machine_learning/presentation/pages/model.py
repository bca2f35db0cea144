"""A model: its versions, what the chosen one is worth, and what happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Query, Response

from core.application.quota import QuotaExceeded
from core.domain.errors import DomainError, Invalid, TooMany
from core.domain.page import Page
from core.presentation.forms import problem, refused
from core.presentation.http import requires
from core.presentation.page_routes import Form
from core.presentation.parts import (
    Cell,
    EmptyState,
    Field,
    JobProgress,
    Link,
    Notice,
    Option,
    State,
    Table,
)
from core.presentation.visit import Here, Visit
from data_platform.api import DatasetNotFound, Datasets
from machine_learning.api import ModelRegistry, ModelView, VersionView
from machine_learning.application.registry.ports import EvaluationView
from machine_learning.domain.registry.version import NotServable
from machine_learning.presentation.pages import history
from machine_learning.presentation.pages.evaluated import Evaluated
from machine_learning.presentation.pages.evaluation import (
    EvaluationPart,
    Measuring,
    UnmeasuredPart,
    chosen_evaluation,
    evaluation_part,
    other_versions,
    unmeasured_part,
)
from machine_learning.presentation.pages.model_list import shown_version
from machine_learning.presentation.pages.shared import (
    JobBundle,
    ModelPath,
    Names,
    NumberPath,
    People,
    Registry,
    crumbs,
    model_pages,
)
from machine_learning.presentation.pages.threshold import Choice, asked_choice
from machine_learning.presentation.pages.training import MOST_DATASETS, DatasetBundle
from machine_learning.presentation.pages.version_facts import facts_of
from machine_learning.presentation.pages.versions import actions_on, listing_of
from machine_learning.presentation.pages.work import failures, under_way

router = model_pages()
Number = Annotated[str, Query(pattern=r"^\d{0,9}$")]
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
    chosen: "ChosenVersion | None"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenVersion:
    """``evaluate`` is empty for who may not; ``measured`` or ``unmeasured`` is there."""

    title: str
    facts: tuple[tuple[str, Cell], ...]
    actions: tuple[Link, ...]
    measured: EvaluationPart | None
    unmeasured: UnmeasuredPart | None
    evaluate: tuple[Field, ...]
    evaluate_action: str
    problem: Notice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """By the address: the version, the one beside it, the evaluation."""

    v: int | None
    vs: int | None
    source: str
    choice: Choice


async def asked_version(
    choice: Annotated[Choice, Depends(asked_choice)],
    v: Number = "",
    vs: Number = "",
    source: Annotated[str, Query(max_length=40)] = "",
) -> Asked:
    return Asked(v=int(v) if v else None, vs=int(vs) if vs else None, source=source, choice=choice)


@dataclass(frozen=True, slots=True)
class ModelDesk:
    """What the page reads with."""

    registry: Registry
    people: People
    jobs: JobBundle
    datasets: DatasetBundle


Desk = Annotated[ModelDesk, Depends()]


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
    version = _version(registry, visit, model, asked.v)
    evaluations = Measuring(registry=registry, visit=visit).of(version) if version else ()
    chosen = None
    if version is not None:
        chosen = _chosen(visit, desk, model, version, evaluations, asked=asked, refusal=refusal, sent=sent)
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
    chosen: "ChosenVersion | None",
) -> "ModelPage":
    registry, tenant_id, here = desk.registry, visit.actor.tenant_id, ("models", model.slug)
    runs = registry.runs.runs(tenant_id, model=model.slug, limit=history.SHOWN, cursor=None).items
    moves = registry.models.alias_moves(tenant_id, model.slug, limit=history.SHOWN, cursor=None).items
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
        history=history.latest(visit, Names(desk.people, tenant_id), moves, runs),
        history_links=(
            Link("All alias moves", visit.url(*here, "alias-history")),
            Link("All trainings", visit.url(*here, "trainings")),
        ),
    )


def _version(
    registry: ModelRegistry, visit: Visit, model: ModelView, number: int | None
) -> VersionView | None:
    """The one asked for, else the champion, else the newest. Raises VersionNotFound."""
    if number is None and not model.versions:
        return None
    wanted = number if number is not None else model.aliases.get("champion", shown_version(model).number)
    found = next((each for each in model.versions if each.number == wanted), None)
    return found or registry.models.version(visit.actor.tenant_id, model.slug, wanted)


def _chosen(
    visit: Visit,
    desk: ModelDesk,
    model: ModelView,
    version: VersionView,
    evaluations: tuple[EvaluationView, ...],
    *,
    asked: Asked,
    refusal: DomainError | None,
    sent: tuple[str, str],
) -> ChosenVersion:
    chosen = chosen_evaluation(evaluations, asked.source)
    one = Evaluated.of(version, chosen) if chosen else None
    measured = None
    if chosen and one:
        beside = _beside(visit, desk.registry, model, chosen, asked, version)
        measured = evaluation_part(
            visit,
            version,
            evaluations,
            chosen=chosen,
            one=one,
            beside=beside,
            choice=asked.choice,
            others=other_versions(model, version, asked.vs),
        )
    fields = tuple(_evaluate_fields(visit, desk.datasets, version, sent))
    if refusal:
        fields = refused(fields, refusal, at="label" if isinstance(refusal, Invalid) else "dataset")
    used = ", ".join(version.aliases)
    return ChosenVersion(
        title=f"Version {version.number}" + (f", {used}" if used else ""),
        facts=tuple(facts_of(visit, desk.registry, Names(desk.people, visit.actor.tenant_id), version)),
        actions=actions_on(visit, model, version),
        measured=measured,
        unmeasured=None if measured else unmeasured_part(visit, version),
        evaluate=fields,
        evaluate_action=visit.url("models", model.slug, "versions", str(version.number), "evaluations"),
        problem=problem(fields, refusal),
    )


def _beside(
    visit: Visit,
    registry: ModelRegistry,
    model: ModelView,
    measured: EvaluationView,
    asked: Asked,
    version: VersionView,
) -> Evaluated | None:
    """The other version where it has been measured. Raises VersionNotFound."""
    if asked.vs is None or asked.vs == version.number:
        return None
    other = registry.models.version(visit.actor.tenant_id, model.slug, asked.vs)
    return Measuring(registry=registry, visit=visit).like(other, measured)


def _actions(visit: Visit, model: ModelView, version: VersionView | None) -> tuple[Link, ...]:
    here, links = ("models", model.slug), []
    if visit.may("models:train"):
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


def _evaluate_fields(
    visit: Visit, datasets: Datasets, version: VersionView, sent: tuple[str, str]
) -> Iterator[Field]:
    if not visit.may("models:evaluate") or version.state != "ready":
        return
    dataset, label = sent
    found = datasets.queries.page(
        visit.actor.tenant_id, search=None, sort="name", limit=MOST_DATASETS, cursor=None
    ).items
    options = tuple(
        Option(each.slug, f"{each.name} ({each.rows:,} rows)", each.slug == (dataset or version.dataset))
        for each in found
        if each.ready_number
    )
    yield Field(name="dataset", label="Labelled dataset", kind="select", options=options, required=True)
    hint = "Empty: as the dataset says, else the column that looks like labels."
    yield Field(name="label", label="Label column", value=label, hint=hint)
