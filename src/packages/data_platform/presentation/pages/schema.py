"""What a dataset's columns are for: a preview of its rows, and a role for each column."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Response

from core.domain.errors import DomainError, Invalid, Stale
from core.presentation.forms import told
from core.presentation.page_routes import Form
from core.presentation.parts import Link, Notice, Table
from core.presentation.visit import Here, Visit
from data_platform.api import Datasets, DatasetView, Role
from data_platform.application.datasets.column_roles import (
    choices_of_roles,
    decisions_for,
    first_rows,
    with_fitting_choices,
)
from data_platform.presentation.pages.columns import SHOWN
from data_platform.presentation.pages.schema_tables import (
    ROLES,
    SHOWN_COLUMNS,
    SHOWN_ROWS,
    as_stored,
    chosen_roles,
    column_table,
    row_table,
)
from data_platform.presentation.pages.shared import (
    WRITING,
    DatasetPath,
    Service,
    crumbs,
    dataset_pages,
    short,
    version_in,
)

router = dataset_pages()
From = Annotated[int, Query(alias="from", ge=0, le=10_000)]
OUTDATED = Notice(
    kind="warning",
    title="The roles given earlier do not fit these columns",
    text="What you see is inferred anew. Confirm it, or change it first.",
)
TO_CONFIRM = (
    "Check what was read, change what is wrong, then confirm. Only features are looked at for anomalies."
)
TO_READ = "What each column is for. Only features are looked at for anomalies."


class UnknownRole(Invalid):
    title = "There is no such role or column"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaPage:
    """Of a dataset, or of what is to become one. ``hidden`` goes back with the roles."""

    title: str
    advice: str
    action: str
    problem: Notice | None
    columns: Table
    rows: Table
    notes: tuple[str, ...]
    hidden: tuple[tuple[str, str], ...]
    may_write: bool
    button: str
    back: Link | None
    again: str = ""  # a second button, back to the form before


@router.get("/datasets/{dataset}/schema")
def schema(visit: Here, service: Service, dataset: DatasetPath, first: From = 0) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    return _page(visit, service, view, first)


@router.post("/datasets/{dataset}/schema", dependencies=WRITING)
def confirm_schema(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    number, first = (int(text) if (text := form.text(name)).isdigit() else 0 for name in ("number", "first"))
    try:
        opened = service.reader.numbered(visit.actor.tenant_id, dataset, number)
        chosen = chosen_roles(with_fitting_choices(opened), form)
        if chosen != opened.choices:
            service.change(
                visit.actor,
                dataset,
                version=version_in(form),
                name=None,
                description=None,
                columns=as_stored(chosen),
            )
    except (Invalid, Stale) as error:
        return _page(visit, service, view, first, error)
    return visit.go(visit.url("datasets", view.slug))


@router.post("/datasets/{dataset}/role", dependencies=WRITING)
def give_role(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    """To one column; the others keep theirs."""
    view = service.queries.get(visit.actor.tenant_id, dataset)
    column, role = form.secret("column"), form.text("role")
    opened = with_fitting_choices(service.reader.latest(visit.actor.tenant_id, dataset))
    if role not in set(Role) or column not in opened.table.schema:
        raise UnknownRole("The form names no role, or no column.", fix="Open the dataset again.")
    chosen = choices_of_roles(opened, {column: Role(role)}, categorical=opened.choices.categorical)
    service.change(visit.actor, dataset, version=None, name=None, description=None, columns=as_stored(chosen))
    place = list(opened.table.schema).index(column)
    href = visit.url("datasets", view.slug, **{"from": place // SHOWN * SHOWN or None})
    return visit.go(f"{href}#column-{place}", f"{short(column)}: {ROLES[Role(role)]}.")


def _page(
    visit: Visit, service: Datasets, view: DatasetView, first: int, error: DomainError | None = None
) -> Response:
    tenant_id = visit.actor.tenant_id
    version = service.queries.version(tenant_id, view.slug, None)
    stored = service.reader.opened(tenant_id, version)
    opened = with_fitting_choices(stored)
    outdated = None if opened.choices.given() or not stored.choices.given() else OUTDATED
    decisions = decisions_for(first_rows(opened.table), opened.choices)
    paths = service.reader.paths(tenant_id, version)
    found = service.rows.preview(paths, first=0, limit=SHOWN_ROWS, where=())
    rows = [values for _, values in found]
    shown = decisions[first : first + SHOWN_COLUMNS]
    last, may_write = first + len(shown), visit.may("datasets:write")
    following = Link(f"Columns from {last + 1}", visit.here(**{"from": last}))
    page = SchemaPage(
        title=f"Columns of {view.name}",
        advice=TO_CONFIRM if may_write else TO_READ,
        action=visit.url("datasets", view.slug, "schema"),
        problem=told(error) if error else outdated,
        columns=column_table(
            opened,
            rows,
            shown,
            first=first,
            following=following if last < len(decisions) else None,
            may_write=may_write,
        ),
        rows=row_table(opened, rows, shown),
        notes=tuple(version.notes),
        hidden=(("version", f"{view.version}"), ("number", f"{opened.number}"), ("first", f"{first}")),
        may_write=may_write,
        button="Confirm",
        back=Link("Leave it as it is", visit.url("datasets", view.slug)),
    )
    return visit.page(
        "data_platform/schema.html",
        page,
        title=page.title,
        crumbs=crumbs(visit, view, "Columns"),
        status=422 if error else 200,
    )
