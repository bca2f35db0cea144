"""Training a model: data and algorithm first, then what the algorithm takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Response

from anomaly_detection.api import (
    CannotBeSaved,
    DetectorConfiguration,
    TooFewRows,
    UnknownAlgorithm,
    check_rows,
)
from core.domain.errors import DomainError, Forbidden, Invalid, NotFound, TooMany
from core.domain.wording import count
from core.presentation.forms import problem, refused
from core.presentation.http import from_state, requires
from core.presentation.page_routes import Form, Posted
from core.presentation.parts import EmptyState, Field, Link, Notice, Option
from core.presentation.visit import Here, Visit
from data_platform.api import ConflictingRoles, DatasetNotFound, Datasets, InvalidLabel, RolesOutdated
from machine_learning.api import ModelRegistry, VersionView
from machine_learning.application.registry.queries import ModelQueries
from machine_learning.domain.registry.model import InvalidModelName
from machine_learning.domain.registry.reference import ModelReference
from machine_learning.presentation.pages.shared import Registry, checked_name, crumbs, model_pages
from machine_learning.presentation.pages.training_fields import (
    PARAMETER,
    Asked,
    algorithm_field,
    limits,
    parameter_field,
    parameters_of,
    training_fields,
)

router = model_pages()
DatasetBundle = Annotated[Datasets, Depends(from_state(Datasets))]
Short = Annotated[str, Query(max_length=120)]
TRAINS = [requires("models:train"), requires("datasets:read")]
MOST_DATASETS = 500
PLACES: Mapping[type[DomainError], str] = {
    InvalidModelName: "name",
    ConflictingRoles: "label",
    RolesOutdated: "label",
    InvalidLabel: "label",
    CannotBeSaved: "algorithm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePage:
    """The first step. ``nothing``: there are no rows to train on."""

    fields: tuple[Field, ...]
    before: tuple[tuple[str, str], ...]  # what the form hands on
    nothing: EmptyState | None
    problem: Notice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPage:
    problem: Notice | None
    dataset: str
    algorithm: str
    words: str  # what the algorithm is
    change_href: str
    action: str
    fields: tuple[Field, ...]
    parameters: tuple[Field, ...]


@router.get("/models/new", dependencies=TRAINS)
def new_model(
    visit: Here,
    registry: Registry,
    datasets: DatasetBundle,
    dataset: Short = "",
    algorithm: Short = "",
    name: Short = "",
    of: Annotated[str, Query(max_length=120, description="A version to train anew, as pumps:3.")] = "",
    contamination: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    version = _version(registry.models, visit, of)
    if version is not None:
        dataset, algorithm = dataset or version.dataset or "", algorithm or version.algorithm
        name = name or version.model
    before = (("name", name), ("of", of), ("contamination", contamination))
    if not (dataset and algorithm):
        return _choose(visit, registry, datasets, dataset=dataset, algorithm=algorithm, before=before)
    try:
        entry = registry.catalogue.algorithm(algorithm)
        columns = _columns(visit, datasets, dataset)
    except (UnknownAlgorithm, NotFound, TooFewRows) as error:
        return _choose(
            visit, registry, datasets, dataset=dataset, algorithm=algorithm, before=before, error=error
        )
    asked = Asked(
        dataset=dataset,
        columns=columns,
        algorithm=entry,
        name=name or dataset,
        contamination=contamination,
        parameters=parameters_of(version, entry),
    )
    return _page(visit, asked)


@router.post("/models/new", dependencies=TRAINS)
def train(visit: Here, form: Form, registry: Registry, datasets: DatasetBundle) -> Response:
    entry = registry.catalogue.algorithm(form.text("algorithm"))
    names = {parameter.name for parameter in entry.parameters}
    asked = Asked(
        dataset=form.text("dataset"),
        columns=_columns(visit, datasets, form.text("dataset")),
        algorithm=entry,
        name=form.text("name"),
        contamination=form.text("contamination"),
        label=form.text("label"),
        seed=form.text("seed") or "0",
        parameters={name: form.text(PARAMETER + name) for name in names if form.has(PARAMETER + name)},
    )
    try:
        run = registry.start_training(
            visit.actor,
            dataset=asked.dataset,
            name=checked_name(asked.name),
            configuration=_configuration(asked, form),
            columns={"label": asked.label} if asked.label else {},
        )
    except (Invalid, Forbidden, TooMany) as error:
        return _page(visit, asked, error)
    model = registry.runs.run(visit.actor.tenant_id, run.id).model
    return visit.go(visit.url("models", model), f"Training on {asked.dataset} has begun.")


class UnreadableNumber(Invalid):
    title = "That is not a number"


def _configuration(asked: Asked, form: Posted) -> DetectorConfiguration:
    """Raises UnreadableNumber."""
    seed = asked.seed
    if not (seed.isascii() and seed.isdigit() and int(seed[:20]) < 2**32):
        raise UnreadableNumber("It must be whole and below 2^32.", fix="Leave it at 0.", pointer="seed")
    try:
        share = form.number("contamination")
    except ValueError:
        raise UnreadableNumber(
            "It is not a number.", fix="Write a percentage, such as 0.5.", pointer="contamination"
        ) from None
    if share is not None and not 0 < share <= 50:
        raise UnreadableNumber(
            "It must be above 0 and at most 50 %.",
            fix="Leave it empty to have it found.",
            pointer="contamination",
        )
    return DetectorConfiguration(
        algorithm=asked.algorithm.name,
        parameters=dict(asked.parameters),
        contamination=None if share is None else share / 100,
        seed=int(seed),
    )


def _choose(
    visit: Visit,
    registry: ModelRegistry,
    datasets: Datasets,
    *,
    dataset: str,
    algorithm: str,
    before: tuple[tuple[str, str], ...],
    error: DomainError | None = None,
) -> Response:
    tenant_id = visit.actor.tenant_id
    found = datasets.queries.page(tenant_id, search=None, sort="name", limit=MOST_DATASETS, cursor=None).items
    ready = [each for each in found if each.ready_number]
    fields = refused(
        (
            Field(
                name="dataset",
                label="Dataset",
                kind="select",
                required=True,
                options=tuple(
                    Option(each.slug, f"{each.name} ({count(each.rows, 'row')})", each.slug == dataset)
                    for each in ready
                ),
            ),
            algorithm_field(registry, algorithm or "auto"),
        ),
        error or DatasetNotFound(""),
        at="" if error is None else "algorithm" if isinstance(error, UnknownAlgorithm) else "dataset",
    )
    nothing = EmptyState(
        code="first-use",
        title="No rows to learn from yet",
        text="A model learns from a dataset. Add one first.",
        actions=(Link("Add a dataset", visit.url("datasets", "new")),),
    )
    page = ChoosePage(
        fields=fields,
        before=tuple((name, value) for name, value in before if value),
        nothing=None if ready else nothing,
        problem=problem(fields, error),
    )
    title = "Train a model"
    status = 422 if error else 200
    return visit.page(
        "machine_learning/choose.html", page, title=title, crumbs=crumbs(visit, None, title), status=status
    )


def _page(visit: Visit, asked: Asked, error: DomainError | None = None) -> Response:
    entry = asked.algorithm
    at = "" if error is None else next((at for kind, at in PLACES.items() if isinstance(error, kind)), "")
    fields = training_fields(asked)
    parameters = tuple(parameter_field(each, asked.parameters.get(each.name)) for each in entry.parameters)
    if error is not None:
        named = str(error.facts.get("parameter", ""))
        fields, parameters = refused(fields, error, at=at), refused(parameters, error, at=PARAMETER + named)
    page = TrainPage(
        problem=problem((*fields, *parameters), error),
        dataset=asked.dataset,
        algorithm=entry.name,
        words=f"{entry.title}: {entry.summary} {limits(entry)}",
        change_href=visit.url("models", "new", name=asked.name),
        action=visit.url("models", "new"),
        fields=fields,
        parameters=parameters,
    )
    status = 422 if error else 200
    title = f"Train on {asked.dataset}"
    return visit.page(
        "machine_learning/train.html", page, title=title, crumbs=crumbs(visit, None, title), status=status
    )


def _columns(visit: Visit, datasets: Datasets, dataset: str) -> list[str]:
    """Raises DatasetNotFound, DatasetVersionNotFound, TooFewRows."""
    version = datasets.queries.version(visit.actor.tenant_id, dataset, None)
    check_rows(dataset, version.rows)
    return [str(column["name"]) for column in version.columns]


def _version(models: ModelQueries, visit: Visit, reference: str) -> VersionView | None:
    """The version to train anew. Raises ModelNotFound, VersionNotFound."""
    if not reference:
        return None
    slug, number = reference.partition(":")[0], ModelReference.of(reference).number
    return models.version(visit.actor.tenant_id, slug, number or 0)
