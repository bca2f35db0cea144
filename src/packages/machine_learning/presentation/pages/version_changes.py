"""Changes of one version, each confirmed on a page of its own."""

from fastapi import Response

from core.domain.errors import Conflict, DomainError
from core.presentation.http import requires
from core.presentation.page_routes import Form
from core.presentation.parts import Column, Row, Table, Text
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelRegistry, VersionView
from machine_learning.presentation.pages.confirmation import Confirmation, answered, read_version
from machine_learning.presentation.pages.shared import (
    ModelPath,
    Names,
    NumberPath,
    People,
    Registry,
    model_pages,
    percent,
)

router = model_pages()
WRITES = [requires("models:write")]
ACCEPTS = [requires("models:accept")]
VERSION = "/models/{model}/versions/{number}"


@router.get(VERSION + "/acceptance", dependencies=ACCEPTS)
def ask_to_accept(
    visit: Here, model: ModelPath, number: NumberPath, registry: Registry, people: People
) -> Response:
    return _acceptance_page(
        visit, registry, people, registry.models.version(visit.actor.tenant_id, model, number)
    )


@router.post(VERSION + "/acceptance", dependencies=ACCEPTS)
def accept(
    visit: Here, form: Form, model: ModelPath, number: NumberPath, registry: Registry, people: People
) -> Response:
    try:
        registry.accept_version(visit.actor, model, number=number)
    except Conflict as error:
        version = registry.models.version(visit.actor.tenant_id, model, number)
        return _acceptance_page(visit, registry, people, version, error)
    return visit.go(visit.url("models", model, v=number), f"Version {number} may be used now.")


@router.get(VERSION + "/archive", dependencies=WRITES)
def ask_to_archive(visit: Here, model: ModelPath, number: NumberPath, registry: Registry) -> Response:
    return _archive_page(visit, registry, registry.models.version(visit.actor.tenant_id, model, number))


@router.post(VERSION + "/archive", dependencies=WRITES)
def archive(visit: Here, form: Form, model: ModelPath, number: NumberPath, registry: Registry) -> Response:
    archived = form.text("to") == "archived"
    try:
        registry.archive_version(
            visit.actor, model, number=number, archived=archived, read=read_version(form)
        )
    except Conflict as error:
        version = registry.models.version(visit.actor.tenant_id, model, number)
        return _archive_page(visit, registry, version, error)
    words = "archived: it scores nothing" if archived else "out of the archive"
    return visit.go(visit.url("models", model, v=number), f"Version {number} is {words}.")


@router.get(VERSION + "/deletion", dependencies=WRITES)
def ask_to_delete(visit: Here, model: ModelPath, number: NumberPath, registry: Registry) -> Response:
    return _deletion_page(visit, registry, registry.models.version(visit.actor.tenant_id, model, number))


@router.post(VERSION + "/deletion", dependencies=WRITES)
def delete(visit: Here, form: Form, model: ModelPath, number: NumberPath, registry: Registry) -> Response:
    try:
        registry.delete_version(visit.actor, model, number=number, read=read_version(form))
    except Conflict as error:
        version = registry.models.version(visit.actor.tenant_id, model, number)
        return _deletion_page(visit, registry, version, error)
    return visit.go(visit.url("models", model), f"Version {number} is deleted.")


def _acceptance_page(
    visit: Visit,
    registry: ModelRegistry,
    people: People,
    version: VersionView,
    error: DomainError | None = None,
) -> Response:
    who = Names(people, visit.actor.tenant_id)(version.user_id, version.key_id)
    facts = (
        (
            "Checked",
            "the archive's form and the hash of each part; then a worker loaded it. It holds no code.",
        ),
        (
            "Not known",
            "what rows it learned from, and whether it finds what you look for: evaluate it afterwards",
        ),
        ("Came from", who),
        (
            "Says it is",
            f"{version.algorithm}, {version.summary['rows']:,} rows, {version.summary['features']} features",
        ),
        ("Says it flags", percent(version.alert_rate)),
        ("Hash of the file", version.sha256),
        ("Size", f"{version.size:,} bytes"),
    )
    page = Confirmation(
        title=f"Accept version {version.number}",
        lead="Somebody brought this file. Once accepted, it can be made champion and score rows.",
        facts=Table(
            id="checked",
            caption="What is known about the file",
            columns=(Column("What"), Column("Is")),
            rows=tuple(
                Row(f"checked-{at}", (Text(name), Text(value))) for at, (name, value) in enumerate(facts)
            ),
        ),
        read=version.version,
        button="Accept",
    )
    return answered(visit, registry.models.model(visit.actor.tenant_id, version.model), page, error)


def _archive_page(
    visit: Visit, registry: ModelRegistry, version: VersionView, error: DomainError | None = None
) -> Response:
    archived = version.state == "archived"
    page = Confirmation(
        title=f"Take version {version.number} out of the archive"
        if archived
        else f"Archive version {version.number}",
        lead="It may score rows again."
        if archived
        else "It is kept, but scores nothing until it is taken out again.",
        read=version.version,
        button="Take it out" if archived else "Archive it",
        hidden=(("to", "ready" if archived else "archived"),),
    )
    return answered(visit, registry.models.model(visit.actor.tenant_id, version.model), page, error)


def _deletion_page(
    visit: Visit, registry: ModelRegistry, version: VersionView, error: DomainError | None = None
) -> Response:
    page = Confirmation(
        title=f"Delete version {version.number}",
        lead="Its file and its evaluations go with it. This cannot be undone; a training with the same rows, settings and "
        "seed makes the same model again.",
        read=version.version,
        button="Delete it",
        is_dangerous=True,
    )
    return answered(visit, registry.models.model(visit.actor.tenant_id, version.model), page, error)
