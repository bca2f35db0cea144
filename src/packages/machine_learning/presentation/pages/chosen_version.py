"""The version that a model's page is about: what it is, what it is worth, and how it may be measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from core.domain.errors import DomainError, Invalid
from core.domain.wording import count
from core.presentation.forms import problem, refused
from core.presentation.parts import Button, Cell, Field, Link, Notice, Option
from core.presentation.visit import Visit
from data_platform.api import Datasets
from machine_learning.api import ModelRegistry, ModelView, VersionView
from machine_learning.application.registry.ports import EvaluationView
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
from machine_learning.presentation.pages.shared import JobBundle, Names, People, Registry
from machine_learning.presentation.pages.threshold import Choice, asked_choice, undo_of
from machine_learning.presentation.pages.training import MOST_DATASETS, DatasetBundle
from machine_learning.presentation.pages.version_facts import facts_of
from machine_learning.presentation.pages.versions import actions_on

Number = Annotated[str, Query(pattern=r"^\d{0,9}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenVersion:
    """``evaluate`` is empty for who may not; ``measured`` or ``unmeasured`` is there."""

    title: str
    facts: tuple[tuple[str, Cell], ...]
    actions: tuple[Link, ...]
    undo: Button | None  # of the last move of its threshold
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


def version_asked(
    registry: ModelRegistry, visit: Visit, model: ModelView, number: int | None
) -> VersionView | None:
    """The one asked for, else the champion, else the newest. Raises VersionNotFound."""
    if number is None and not model.versions:
        return None
    wanted = number if number is not None else model.aliases.get("champion", shown_version(model).number)
    found = next((each for each in model.versions if each.number == wanted), None)
    return found or registry.models.version(visit.actor.tenant_id, model.slug, wanted)


def chosen_version(
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
    one = Measuring(registry=desk.registry, visit=visit).evaluated(version, chosen)
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
        facts=tuple(
            facts_of(visit, desk.registry, desk.datasets, Names(desk.people, visit.actor.tenant_id), version)
        ),
        actions=actions_on(visit, model, version),
        undo=undo_of(visit, version),
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


def _evaluate_fields(
    visit: Visit, datasets: Datasets, version: VersionView, sent: tuple[str, str]
) -> Iterator[Field]:
    if not visit.may("models:evaluate") or version.state != "ready":
        return
    dataset, label = sent
    yield _dataset_field(visit, datasets, dataset or version.dataset or "")
    hint = "Empty: as the dataset says, else the column that looks like labels."
    yield Field(name="label", label="Label column", value=label, hint=hint)


def _dataset_field(visit: Visit, datasets: Datasets, chosen: str) -> Field:
    """By name for who may not see which there are."""
    name, title = "dataset", "Labelled dataset"
    if not visit.may("datasets:read"):
        return Field(name=name, label=title, value=chosen, required=True)
    found = datasets.queries.page(
        visit.actor.tenant_id, search=None, sort="name", limit=MOST_DATASETS, cursor=None
    ).items
    options = tuple(
        Option(each.slug, f"{each.name} ({count(each.rows, 'row')})", each.slug == chosen)
        for each in found
        if each.ready_number
    )
    return Field(name=name, label=title, kind="select", options=options, required=True)
