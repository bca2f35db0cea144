"""A new detector in four steps, or another look at one there is. Each step is a form whose answers are the next address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from starlette.concurrency import run_in_threadpool

from anomaly_detection.api import Definitions, Scoring
from anomaly_detection.application.definitions.checked_configuration import checked_configuration
from anomaly_detection.domain.detector import InvalidParameter, UnknownAlgorithm
from anomaly_detection.domain.threshold import InvalidContamination
from anomaly_detection.presentation.http.fitting_slots import FittingSlots
from anomaly_detection.presentation.pages.runs_filters import MOST_OFFERED
from anomaly_detection.presentation.pages.wizard_fields import (
    algorithm_fields,
    column_field,
    dataset_field,
    name_fields,
    parameter_fields,
    sensitivity_fields,
)
from anomaly_detection.presentation.pages.wizard_preview import Preview, previewed
from anomaly_detection.presentation.pages.wizard_state import PARAMETER, Draft, Step
from core.domain.errors import DomainError
from core.domain.public_ids import shown
from core.presentation.forms import problem, refused
from core.presentation.http import from_state, requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import EmptyState, Field, Link, Notice, Tab
from core.presentation.visit import Here, Visit
from data_platform.api import Datasets


class WizardRoute(PageRoute):
    """Which parameters there are depends on the algorithm."""

    known_beginnings = (PARAMETER,)


router = APIRouter(
    prefix="/t/{tenant}",
    route_class=WizardRoute,
    include_in_schema=False,
    dependencies=[requires("detectors:write")],
)
Detectors = Annotated[Definitions, Depends(from_state(Definitions))]
DatasetService = Annotated[Datasets, Depends(from_state(Datasets))]
ScoringService = Annotated[Scoring, Depends(from_state(Scoring))]
Slots = Annotated[FittingSlots, Depends(from_state(FittingSlots))]
TITLES: Mapping[Step, str] = {
    Step.DATA: "Data",
    Step.METHOD: "Method",
    Step.SENSITIVITY: "Sensitivity",
    Step.NAME: "Name",
}
NEXT: Mapping[Step, str] = {
    Step.DATA: "Choose the dataset to search.",
    Step.METHOD: "Choose how to search it; the recommended method needs no settings.",
    Step.SENSITIVITY: "Choose how much to flag, and see what that would be.",
    Step.NAME: "Give the detector a name, then run it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WizardPage:
    """``carried`` are the answers of the other steps; ``of`` is the algorithm whose ``parameters`` are shown."""

    title: str
    step: str
    next_step: str
    steps: tuple[Tab, ...]
    action: str
    carried: tuple[tuple[str, str], ...]
    problem: Notice | None = None
    fields: tuple[Field, ...] = ()
    of: str = ""
    method: str = ""
    parameters: tuple[Field, ...] = ()
    columns: Field | None = None
    preview: Preview | None = None
    preview_href: str = ""
    empty: EmptyState | None = None


async def asked_draft(
    visit: Here,
    dataset: Annotated[str, Query(max_length=120)] = "",
    algorithm: Annotated[str, Query(max_length=120)] = "",
    of: Annotated[str, Query(max_length=120)] = "",
    column: Annotated[list[str] | None, Query(max_length=5000)] = None,
    cut: Annotated[str, Query(max_length=20)] = "",
    share: Annotated[str, Query(max_length=40)] = "",
    name: Annotated[str, Query(max_length=200)] = "",
    description: Annotated[str, Query(max_length=4000)] = "",
    edit: Annotated[str, Query(max_length=120)] = "",
    copy: Annotated[str, Query(max_length=120)] = "",
    version: Annotated[str, Query(max_length=9)] = "",
) -> Mapping[str, Sequence[str]]:
    """As it was sent; the parameters above say which there are."""
    query = visit.request.query_params
    # PostgreSQL refuses text with NUL where SQLite finds nothing.
    return {name: [each.replace("\x00", "\ufffd") for each in query.getlist(name)] for name in query}


Sent = Annotated[Mapping[str, Sequence[str]], Depends(asked_draft)]


@router.get("/detectors/new")
async def wizard(
    visit: Here,
    sent: Sent,
    detectors: Detectors,
    datasets: DatasetService,
    scoring: ScoringService,
    slots: Slots,
    *,
    step: Step | None = None,
    preview: Annotated[str, Query(max_length=3)] = "",
) -> Response:
    """``preview``: the answer says what the draft would flag. It waits for its turn without a thread."""
    draft = await run_in_threadpool(draft_of, visit, sent, detectors, datasets)
    at = step or (Step.METHOD if draft.dataset else Step.DATA)
    found = None
    if at is Step.SENSITIVITY and preview:
        found = await previewed(slots, scoring, visit.actor, draft)
    return await run_in_threadpool(step_page, visit, draft, detectors, datasets, at=at, preview=found)


def draft_of(
    visit: Visit, sent: Mapping[str, Sequence[str]], detectors: Definitions, datasets: Datasets
) -> Draft:
    """Raises DetectorNotFound, DatasetNotFound."""
    draft = Draft(sent=sent)
    tenant_id = visit.actor.tenant_id
    if reference := draft.text("edit") or draft.text("copy"):
        base = detectors.queries.get(tenant_id, reference)
        of_base = "" if base.dataset_id is None else shown("ds", base.dataset_id)
        draft = replace(draft, base=base, base_dataset=of_base)
    if draft.dataset.startswith("ds_"):
        slug = datasets.queries.get(tenant_id, draft.dataset).slug
        draft = replace(draft, base_dataset=slug, sent={**sent, "dataset": [slug]})
    if not draft.dataset:
        return draft
    columns = described_columns(visit, draft, datasets)
    return replace(draft, usual=frozenset(each["column"] for each in columns if each["role"] == "feature"))


def step_page(
    visit: Visit,
    draft: Draft,
    detectors: Definitions,
    datasets: Datasets,
    *,
    at: Step,
    preview: Preview | None = None,
    error: DomainError | None = None,
) -> Response:
    """A step that stands on a wrong answer is not shown: the one with that answer is."""
    described = described_columns(visit, draft, datasets) if draft.dataset else []
    if error is None:
        at, error = first_wrong(draft, detectors, at)
    if not draft.dataset:
        at = Step.DATA
    fields, parameters = _fields(visit, draft, detectors, datasets, at)
    if error is not None:
        fields, parameters = (_pointed(each, error) for each in (fields, parameters))
    entry = f"Edit {draft.base.name}" if draft.base and draft.is_edit else "New detector"
    page = WizardPage(
        title=entry,
        step=at,
        next_step=NEXT[at],
        steps=tuple(Tab(TITLES[each], _step_href(visit, draft, each), each is at) for each in Step),
        action=visit.url("detectors", "new"),
        carried=tuple(draft.carried(at)),
        problem=problem([*fields, *parameters], error) if error else None,
        fields=fields,
        of=draft.algorithm,
        method=_method(draft, detectors),
        parameters=parameters,
        columns=column_field(draft, described) if at is Step.METHOD else None,
        preview=preview,
        preview_href=visit.here(step=Step.SENSITIVITY, preview="yes"),
        empty=None if (fields and fields[0].options) or at is not Step.DATA else _no_dataset(visit),
    )
    crumbs = (Link("Detectors", visit.url("detectors")), Link(entry, ""))
    return visit.page(
        "anomaly_detection/wizard.html", page, title=entry, crumbs=crumbs, status=422 if error else 200
    )


def first_wrong(draft: Draft, detectors: Definitions, at: Step) -> tuple[Step, DomainError | None]:
    """The step to show instead of ``at``, and why."""
    if at in (Step.DATA, Step.METHOD):
        return at, None
    try:
        checked_configuration(
            detectors.catalogue, replace(draft, sent={**draft.sent, "cut": [""]}).configuration()
        )
    except DomainError as error:
        return Step.METHOD, error
    if at is Step.NAME:
        try:
            draft.configuration()
        except InvalidContamination as error:
            return Step.SENSITIVITY, error
    return at, None


def described_columns(visit: Visit, draft: Draft, datasets: Datasets) -> list[dict[str, Any]]:
    """Of the newest version's profile; none where it is not profiled yet. Raises DatasetNotFound."""
    version = datasets.queries.version(visit.actor.tenant_id, draft.dataset, None)
    return list((version.profile or {}).get("columns", ()))


def _fields(
    visit: Visit, draft: Draft, detectors: Definitions, datasets: Datasets, at: Step
) -> tuple[tuple[Field, ...], tuple[Field, ...]]:
    catalogue = detectors.catalogue
    if at is Step.DATA:
        page = datasets.queries.page(
            visit.actor.tenant_id, search=None, sort="name", limit=MOST_OFFERED, cursor=None
        )
        offered = [(each.slug, each.name, each.rows) for each in page.items if each.ready_number]
        return (dataset_field(draft, offered),), ()
    if at is Step.METHOD:
        try:
            parameters = parameter_fields(draft, catalogue.algorithm(draft.algorithm))
        except UnknownAlgorithm:
            parameters = ()
        return algorithm_fields(draft, catalogue.algorithms(), catalogue.further_names()), parameters
    if at is Step.SENSITIVITY:
        return tuple(sensitivity_fields(draft)), ()
    return tuple(name_fields(draft, suggested_name(draft, detectors))), ()


def suggested_name(draft: Draft, detectors: Definitions) -> str:
    return f"{_method(draft, detectors)} on {draft.dataset}"


def _method(draft: Draft, detectors: Definitions) -> str:
    try:
        return detectors.catalogue.algorithm(draft.algorithm).title
    except UnknownAlgorithm:
        return draft.algorithm


def _pointed(fields: tuple[Field, ...], error: DomainError) -> tuple[Field, ...]:
    if isinstance(error, InvalidParameter):
        return refused(fields, error, at=f"{PARAMETER}{error.facts.get('parameter', '')}")
    if isinstance(error, InvalidContamination):
        return refused(fields, error, at="share")
    return refused(fields, error)


def _step_href(visit: Visit, draft: Draft, step: Step) -> str:
    if visit.request.method != "GET":
        sent = {name: values for name, values in draft.sent.items() if name not in ("csrf", "then", "step")}
        return visit.url("detectors", "new", **{"step": step, **sent})
    return visit.here(step=step, preview=None)


def _no_dataset(visit: Visit) -> EmptyState:
    return EmptyState(
        code="first-use",
        title="No dataset to search yet",
        text="A detector learns from the rows of a dataset. Add one, then come back.",
        actions=(Link("Add a dataset", visit.url("datasets", "new")),),
    )
