"""The wizard's last form: a detector is made or changed, and run."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import ValidationError

from anomaly_detection.api import ByDetector, Definitions, Runs
from anomaly_detection.domain.definitions.detector_definition import DetectorNameTaken
from anomaly_detection.presentation.http.detectors import NewDetector
from anomaly_detection.presentation.pages.detectors_words import detector_href
from anomaly_detection.presentation.pages.wizard import DatasetService, Detectors, draft_of, step_page
from anomaly_detection.presentation.pages.wizard_state import Draft, Step
from core.domain.actor import Actor
from core.domain.errors import DomainError, Invalid, Stale
from core.domain.public_ids import shown
from core.presentation.http import from_state, requires
from core.presentation.page_routes import Form, PageRoute
from core.presentation.visit import Here

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("detectors:write")],
)
RunService = Annotated[Runs, Depends(from_state(Runs))]


class InvalidWords(Invalid):
    title = "The detector cannot be kept like this"


@router.post("/detectors/new")
def save(
    visit: Here, form: Form, detectors: Detectors, datasets: DatasetService, runs: RunService
) -> Response:
    """What a user can mend comes back with the form."""
    draft = draft_of(visit, form.values, detectors, datasets)
    try:
        words = checked_words(draft)
        reference = kept(visit.actor, draft, words, detectors)
    except (Invalid, Stale) as error:
        return step_page(visit, draft, detectors, datasets, at=Step.NAME, error=error)
    except DetectorNameTaken as error:
        taken = InvalidWords(error.detail, fix="Choose another name.", field="name")
        return step_page(visit, draft, detectors, datasets, at=Step.NAME, error=taken)
    view = detectors.queries.get(visit.actor.tenant_id, reference)
    said = f"{view.name} is saved."
    if form.text("then") != "run" or not visit.may("runs:write"):
        return visit.go(detector_href(visit, view), said)
    try:
        run_id = runs.start(visit.actor, ByDetector(reference), dataset=draft.dataset or None, number=None)
    except DomainError as error:
        return visit.go(detector_href(visit, view), f"{said} It did not run: {error.detail} {error.fix}")
    return visit.go(visit.url("runs", shown("run", run_id)), said)


def checked_words(draft: Draft) -> Mapping[str, str]:
    """Name and description, as the API takes them. Raises InvalidWords."""
    try:
        body = NewDetector(name=draft.name, description=draft.description)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise InvalidWords(f"{first['msg']}.", fix="Correct it.", field=str(first["loc"][0])) from error
    return {"name": body.name, "description": body.description}


def kept(actor: Actor, draft: Draft, words: Mapping[str, str], detectors: Definitions) -> str:
    """The id. Raises DomainError."""
    if draft.base is None or not draft.is_edit:
        made = detectors.define(
            actor, draft.configuration(), slug=None, dataset=draft.dataset or None, **words
        )
        return shown("det", made)
    version = draft.text("version")
    asked = draft.configuration()
    detectors.change(
        actor,
        draft.text("edit"),
        version=int(version) if version.isdigit() else draft.base.version,
        words=words,
        configuration={
            name: getattr(asked, name) for name in ("algorithm", "parameters", "contamination", "columns")
        },
        refers={"dataset": draft.dataset} if draft.dataset else {},
    )
    return shown("det", draft.base.id)
