"""Changes of a model that are confirmed on a page that says what they do: who promotes sees what changes."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query, Response

from core.domain.errors import Conflict, DomainError, Invalid, Stale
from core.presentation.http import requires
from core.presentation.page_routes import Form
from core.presentation.parts import Field
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelRegistry, ModelView
from machine_learning.domain.registry.model import CHAMPION, AliasNotFound, NoFormerChampion
from machine_learning.presentation.pages.confirmation import (
    Confirmation,
    UnusableNote,
    answered,
    difference,
    note_field,
    noted,
    read_version,
)
from machine_learning.presentation.pages.shared import ModelPath, Registry, checked_name, model_pages

router = model_pages()
WRITES = [requires("models:write")]
LONGEST_DESCRIPTION = 4000
AliasName = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Number = Annotated[int, Query(ge=1, le=10**9)]


@router.get("/models/{model}/alias", dependencies=WRITES)
def ask_to_point(visit: Here, model: ModelPath, registry: Registry, name: AliasName, v: Number) -> Response:
    return _point_page(visit, registry, registry.models.model(visit.actor.tenant_id, model), name, v)


@router.post("/models/{model}/alias", dependencies=WRITES)
def point(
    visit: Here, form: Form, model: ModelPath, registry: Registry, name: AliasName, v: Number
) -> Response:
    try:
        registry.point_alias(
            visit.actor, model, alias=name, number=v, version=read_version(form), note=noted(form)
        )
    except (Conflict, UnusableNote) as error:
        view = registry.models.model(visit.actor.tenant_id, model)
        return _point_page(visit, registry, view, name, v, error=error, note=form.text("note"))
    return visit.go(visit.url("models", model, v=v), f"Version {v} is {name} now.")


@router.get("/models/{model}/rollback", dependencies=WRITES)
def ask_to_roll_back(visit: Here, model: ModelPath, registry: Registry) -> Response:
    return _rollback_page(visit, registry, registry.models.model(visit.actor.tenant_id, model))


@router.post("/models/{model}/rollback", dependencies=WRITES)
def roll_back(visit: Here, form: Form, model: ModelPath, registry: Registry) -> Response:
    try:
        registry.roll_back(visit.actor, model, version=read_version(form), note=noted(form))
    except (Conflict, UnusableNote) as error:
        view = registry.models.model(visit.actor.tenant_id, model)
        return _rollback_page(visit, registry, view, error=error, note=form.text("note"))
    champion = registry.models.model(visit.actor.tenant_id, model).aliases[CHAMPION]
    return visit.go(visit.url("models", model, v=champion), f"Version {champion} is champion again.")


@router.get("/models/{model}/alias/removal", dependencies=WRITES)
def ask_to_remove(visit: Here, model: ModelPath, registry: Registry, name: AliasName) -> Response:
    return _removal_page(visit, registry.models.model(visit.actor.tenant_id, model), name)


@router.post("/models/{model}/alias/removal", dependencies=WRITES)
def remove(visit: Here, form: Form, model: ModelPath, registry: Registry, name: AliasName) -> Response:
    try:
        registry.remove_alias(visit.actor, model, alias=name, version=read_version(form))
    except Stale as error:
        return _removal_page(visit, registry.models.model(visit.actor.tenant_id, model), name, error)
    return visit.go(visit.url("models", model), f"No version is {name} any more.")


@router.get("/models/{model}/name", dependencies=WRITES)
def ask_for_name(visit: Here, model: ModelPath, registry: Registry) -> Response:
    view = registry.models.model(visit.actor.tenant_id, model)
    return _name_page(visit, view, view.name, view.description)


@router.post("/models/{model}/name", dependencies=WRITES)
def rename(visit: Here, form: Form, model: ModelPath, registry: Registry) -> Response:
    name, description = form.text("name"), form.text("description")
    view = registry.models.model(visit.actor.tenant_id, model)
    try:
        _check_description(description)
        registry.describe(
            visit.actor, model, version=read_version(form), name=checked_name(name), description=description
        )
    except (Invalid, Stale) as error:
        return _name_page(visit, view, name, description, error)
    return visit.go(visit.url("models", view.slug), "The model is changed.")


@router.get("/models/{model}/deletion", dependencies=WRITES)
def ask_to_delete(visit: Here, model: ModelPath, registry: Registry) -> Response:
    return _deletion_page(visit, registry.models.model(visit.actor.tenant_id, model))


@router.post("/models/{model}/deletion", dependencies=WRITES)
def delete(visit: Here, form: Form, model: ModelPath, registry: Registry) -> Response:
    view = registry.models.model(visit.actor.tenant_id, model)
    try:
        if form.text("confirm") != view.slug:
            raise NotConfirmed(
                f"It was not {view.slug}.", fix="Type the name as it stands there.", pointer="confirm"
            )
        registry.delete_model(visit.actor, model, version=read_version(form))
    except (NotConfirmed, Stale) as error:
        return _deletion_page(visit, view, error)
    return visit.go(visit.url("models"), f"{view.name} is deleted.")


class NotConfirmed(Invalid):
    title = "The name was not typed"


class TooLongText(Invalid):
    title = "The text is too long"


def _check_description(text: str) -> None:
    """Raises TooLongText."""
    if len(text) > LONGEST_DESCRIPTION:
        raise TooLongText(
            f"It has more than {LONGEST_DESCRIPTION:,} characters.", fix="Shorten it.", pointer="description"
        )


def _point_page(
    visit: Visit,
    registry: ModelRegistry,
    model: ModelView,
    alias: str,
    number: int,
    *,
    error: DomainError | None = None,
    note: str = "",
) -> Response:
    tenant_id = visit.actor.tenant_id
    after = registry.models.version(tenant_id, model.slug, number)
    held = model.aliases.get(alias)
    before = None if held is None else registry.models.version(tenant_id, model.slug, held)
    lead = f"From the next request on, {model.slug}@{alias} is version {number}."
    if alias == CHAMPION:
        lead = f"From the next request on, version {number} scores wherever {model.name} is named. You can roll back."
    page = Confirmation(
        title=f"Make version {number} {alias}",
        lead=lead,
        facts=difference(before, after),
        fields=(note_field(note),),
        read=model.version,
        button=f"Make it {alias}",
    )
    return answered(visit, model, page, error)


def _rollback_page(
    visit: Visit,
    registry: ModelRegistry,
    model: ModelView,
    *,
    error: DomainError | None = None,
    note: str = "",
) -> Response:
    """Raises NoFormerChampion."""
    if not model.former_champions:
        raise NoFormerChampion(
            f"No champion before the present one of {model.slug} is left to go back to.",
            fix="Promote a version.",
        )
    tenant_id, former = visit.actor.tenant_id, model.former_champions[-1]
    held = model.aliases.get(CHAMPION)
    page = Confirmation(
        title=f"Roll back to version {former}",
        lead=f"Version {former} becomes champion again and scores from the next request on.",
        facts=difference(
            None if held is None else registry.models.version(tenant_id, model.slug, held),
            registry.models.version(tenant_id, model.slug, former),
        ),
        fields=(note_field(note),),
        read=model.version,
        button="Roll back",
    )
    return answered(visit, model, page, error)


def _removal_page(visit: Visit, model: ModelView, alias: str, error: DomainError | None = None) -> Response:
    """Raises AliasNotFound."""
    if alias not in model.aliases:
        raise AliasNotFound(f"{model.slug} has no alias {alias}.", fix="Open the model to see its aliases.")
    number = model.aliases[alias]
    instead = (
        " Where the model is named without a version, the newest one scores." if alias == CHAMPION else ""
    )
    page = Confirmation(
        title=f"Take {alias} away from version {number}",
        lead=f"{model.slug}@{alias} names nothing any more.{instead}",
        read=model.version,
        button="Take it away",
        is_dangerous=True,
    )
    return answered(visit, model, page, error)


def _name_page(
    visit: Visit, model: ModelView, name: str, description: str, error: DomainError | None = None
) -> Response:
    fields = (
        Field(name="name", label="Name", value=name, required=True),
        Field(name="description", label="Description", kind="textarea", value=description),
    )
    lead = f"The address and API calls keep {model.slug}."
    return _with_fields(visit, model, f"Rename {model.name}", lead, "Save", fields, error=error)


def _deletion_page(visit: Visit, model: ModelView, error: DomainError | None = None) -> Response:
    lead = (
        f"All {model.latest_number:,} versions go, with their files, evaluations and history. What uses the model scores "
        "nothing any more. This cannot be undone."
    )
    fields = (Field(name="confirm", label=f"Type {model.slug} to confirm", required=True),)
    return _with_fields(
        visit, model, f"Delete {model.name}", lead, "Delete the model", fields, error=error, is_dangerous=True
    )


def _with_fields(
    visit: Visit,
    model: ModelView,
    title: str,
    lead: str,
    button: str,
    fields: Sequence[Field],
    *,
    error: DomainError | None,
    is_dangerous: bool = False,
) -> Response:
    page = Confirmation(
        title=title,
        lead=lead,
        fields=tuple(fields),
        read=model.version,
        button=button,
        is_dangerous=is_dangerous,
    )
    return answered(visit, model, page, error)
