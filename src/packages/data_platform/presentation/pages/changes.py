"""What is done to a dataset: named, profiled anew, added to, deleted."""

from dataclasses import dataclass, replace
from typing import Any

from fastapi import Depends, Response

from core.domain.errors import Conflict, DomainError, Invalid, Stale
from core.domain.wording import count
from core.presentation.bodies import check
from core.presentation.forms import problem, refused
from core.presentation.page_routes import Form, takes_files
from core.presentation.parts import Field, Notice, Table
from core.presentation.visit import Here, Visit
from data_platform.api import DatasetView
from data_platform.presentation.http.rows import MOST_BYTES
from data_platform.presentation.pages.new import MENDABLE
from data_platform.presentation.pages.sent_rows import ACCEPTED, problem_table, problems_of, rows_in
from data_platform.presentation.pages.shared import (
    WRITING,
    DatasetPath,
    Service,
    crumbs,
    dataset_pages,
    name_in,
    version_in,
)

router = dataset_pages()
LONGEST_DESCRIPTION = 4_000


class NotItsName(Invalid):
    title = "That is not its name"


class DescriptionTooLong(Invalid):
    title = "The description is too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """One form about a dataset."""

    title: str
    advice: str
    action: str
    fields: tuple[Field, ...]
    hidden: tuple[tuple[str, str], ...]
    button: str
    style: str
    back_href: str
    problem: Notice | None
    problems: Table | None
    takes_file: bool


@router.post("/datasets/{dataset}/profile", dependencies=WRITING)
def profile_again(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    """As changing the columns' roles to what they are does."""
    view = service.queries.get(visit.actor.tenant_id, dataset)
    service.change(
        visit.actor, dataset, version=version_in(form), name=None, description=None, columns=view.columns
    )
    return visit.go(visit.url("datasets", view.slug))


@router.get("/datasets/{dataset}/edit", dependencies=WRITING)
def edit(visit: Here, service: Service, dataset: DatasetPath) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    return _edit_page(visit, view, name=view.name, description=view.description)


@router.post("/datasets/{dataset}/edit", dependencies=WRITING)
def change(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    description = form.text("description")
    try:
        name = name_in(form)
        if len(description) > LONGEST_DESCRIPTION:
            limit = f"It may have {LONGEST_DESCRIPTION:,} characters."
            raise DescriptionTooLong(limit, fix="Shorten it.", pointer="#/description")
        service.change(
            visit.actor, dataset, version=version_in(form), name=name, description=description, columns=None
        )
    except (Invalid, Stale) as error:
        return _edit_page(visit, view, name=form.text("name"), description=description, error=error)
    return visit.go(visit.url("datasets", view.slug), "Saved.")


@router.get("/datasets/{dataset}/append", dependencies=WRITING)
def append(visit: Here, service: Service, dataset: DatasetPath) -> Response:
    return _append_page(visit, service.queries.get(visit.actor.tenant_id, dataset))


@router.post("/datasets/{dataset}/append", dependencies=[*WRITING, Depends(takes_files)])
def add_rows(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    """Rows that do not fit are left out and named."""
    view = service.queries.get(visit.actor.tenant_id, dataset)
    try:
        with rows_in(form, service.files) as raw:
            check(raw.stat().st_size, MOST_BYTES)
            _, checked, accepted = service.append(visit.actor, dataset, raw=raw, all_or_none=False)
    except MENDABLE as error:
        return _append_page(visit, view, error)
    if not checked.rejected:
        return visit.go(visit.url("datasets", view.slug), f"{count(accepted, 'row')} added.")
    notice = Notice(
        kind="warning",
        title=f"{count(accepted, 'row')} added, {checked.rejected:,} left out",
        text="Correct those that were left out and add them alone.",
    )
    page = replace(_append(visit, view), problem=notice, problems=problem_table(checked.problems))
    return _answer(visit, view, page)


@router.get("/datasets/{dataset}/delete", dependencies=WRITING)
def ask_to_delete(visit: Here, service: Service, dataset: DatasetPath) -> Response:
    return _delete_page(visit, service.queries.get(visit.actor.tenant_id, dataset))


@router.post("/datasets/{dataset}/delete", dependencies=WRITING)
def delete(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    try:
        if form.text("confirmation") != view.name.strip():
            words = f"The dataset is called {view.name}."
            raise NotItsName(words, fix="Type that.", pointer="#/confirmation")
        service.delete(visit.actor, dataset, version=version_in(form))
    except (Invalid, Conflict) as error:
        return _delete_page(visit, view, error)
    return visit.go(visit.url("datasets"), f"{view.name} is deleted.")


def _edit_page(
    visit: Visit, view: DatasetView, *, name: str, description: str, error: DomainError | None = None
) -> Response:
    fields: tuple[Field, ...] = (
        Field(name="name", label="Name", value=name, required=True, hint="Its address stays as it is."),
        Field(name="description", label="Description", kind="textarea", value=description),
    )
    page = _page(visit, view, "edit", fields, title=f"Rename {view.name}", button="Save")
    return _answer(visit, view, page, error)


def _append(visit: Visit, view: DatasetView) -> ChangePage:
    fields = (
        Field(
            name="file",
            label="File",
            kind="file",
            accept=ACCEPTED,
            hint=f"Up to {MOST_BYTES >> 20} MB with the same columns, in any form that is read.",
        ),
        Field(name="rows", label="Or paste rows", kind="textarea", hint="With their header, or as JSON."),
    )
    page = _page(visit, view, "append", fields, title=f"Add rows to {view.name}", button="Add")
    advice = "They come after the rows there are; both together are the next version."
    return replace(page, advice=advice, takes_file=True)


def _append_page(visit: Visit, view: DatasetView, error: DomainError | None = None) -> Response:
    return _answer(visit, view, replace(_append(visit, view), problems=problems_of(error)), error)


def _delete_page(visit: Visit, view: DatasetView, error: DomainError | None = None) -> Response:
    fields = (Field(name="confirmation", label=f"Type {view.name} to confirm", required=True),)
    page = _page(visit, view, "delete", fields, title=f"Delete {view.name}", button="Delete")
    advice = f"All versions go, {count(view.rows, 'row')} in the newest. Runs keep what they found. It cannot be undone."
    return _answer(visit, view, replace(page, advice=advice, style="danger"), error)


def _page(
    visit: Visit, view: DatasetView, step: str, fields: tuple[Field, ...], *, title: str, button: str
) -> ChangePage:
    return ChangePage(
        title=title,
        advice="",
        action=visit.url("datasets", view.slug, step),
        fields=fields,
        hidden=(("version", str(view.version)),),
        button=button,
        style="primary",
        back_href=visit.url("datasets", view.slug),
        problem=None,
        problems=None,
        takes_file=False,
    )


def _answer(visit: Visit, view: DatasetView, page: ChangePage, error: DomainError | None = None) -> Response:
    status: dict[str, Any] = {}
    if error:
        fields = refused(page.fields, error)
        page = replace(page, fields=fields, problem=problem(fields, error))
        status = {"status": 422}
    step = page.title.partition(" ")[0]
    return visit.page(
        "data_platform/change.html", page, title=page.title, crumbs=crumbs(visit, view, step), **status
    )
