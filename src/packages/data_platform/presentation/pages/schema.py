"""What a dataset's columns are for: a preview of its rows, and a role for each column."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import Query, Response

from core.domain.errors import DomainError, Invalid, Stale
from core.presentation.forms import told
from core.presentation.page_routes import Form, Posted
from core.presentation.parts import Choice, Column, Link, Notice, Number, Option, Row, Table, Text
from core.presentation.visit import Here, Visit
from data_platform.api import ColumnChoices, Datasets, DatasetView, Decision, Kind, OpenedVersion, Role
from data_platform.application.datasets.column_roles import (
    choices_of_roles,
    decisions_for,
    first_rows,
    with_fitting_choices,
)
from data_platform.presentation.pages.shared import (
    WRITING,
    DatasetPath,
    Service,
    crumbs,
    dataset_pages,
    value_text,
    version_in,
)

router = dataset_pages()
From = Annotated[int, Query(alias="from", ge=0, le=10_000)]
SHOWN_ROWS, SHOWN_COLUMNS, EXAMPLES = 50, 60, 3
MOST_PREVIEWED = 12  # columns of the preview: more cannot be read beside each other
ROLES = {
    Role.FEATURE: "feature",
    Role.LABEL: "target",
    Role.TIME: "time",
    Role.ID: "id",
    Role.IGNORED: "ignored",
}
OUTDATED = Notice(
    kind="warning",
    title="The roles given earlier do not fit these columns",
    text="What you see is inferred anew. Confirm it, or change it first.",
)
AS_READ, AS_CATEGORY = "", "category"


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaPage:
    """``first`` is the number of the first column that is shown, of ``number``, the version."""

    name: str
    action: str
    problem: Notice | None
    columns: Table
    rows: Table
    notes: tuple[str, ...]
    version: int
    number: int
    first: int
    may_write: bool
    profile_href: str


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
        chosen = _chosen(with_fitting_choices(opened), form)
        if chosen != opened.choices:
            service.change(
                visit.actor,
                dataset,
                version=version_in(form),
                name=None,
                description=None,
                columns=_stored(asdict(chosen)),
            )
    except (Invalid, Stale) as error:
        return _page(visit, service, view, first, error)
    return visit.go(visit.url("datasets", view.slug))


def _chosen(opened: OpenedVersion, form: Posted) -> ColumnChoices:
    """Fields are numbered as columns are: a column's name may be anything."""
    roles: dict[str, Role] = {}
    categorical = set(opened.choices.categorical)
    for place, name in enumerate(opened.table.schema):
        if f"role-{place}" in form.values and (role := form.text(f"role-{place}")) in set(Role):
            roles[name] = Role(role)
        if f"type-{place}" in form.values:
            (categorical.add if form.text(f"type-{place}") == AS_CATEGORY else categorical.discard)(name)
    return choices_of_roles(opened, roles, categorical=sorted(categorical))


def _stored(choices: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in choices.items()}


def _page(
    visit: Visit, service: Datasets, view: DatasetView, first: int, error: DomainError | None = None
) -> Response:
    tenant_id = visit.actor.tenant_id
    stored = service.reader.latest(tenant_id, view.slug)
    opened = with_fitting_choices(stored)
    outdated = None if opened.choices.given() or not stored.choices.given() else OUTDATED
    decisions = decisions_for(first_rows(opened.table), opened.choices)
    rows = [
        values
        for _, values in service.rows.preview(
            _paths(visit, service, view), first=0, limit=SHOWN_ROWS, where=()
        )
    ]
    shown = decisions[first : first + SHOWN_COLUMNS]
    page = SchemaPage(
        name=view.name,
        action=visit.url("datasets", view.slug, "schema"),
        problem=told(error) if error else outdated,
        columns=_column_table(visit, opened, rows, shown, first=first, total=len(decisions)),
        rows=_row_table([each.column for each in shown[:MOST_PREVIEWED]], rows, opened),
        notes=tuple(opened.table.notes),
        version=view.version,
        number=opened.number,
        first=first,
        may_write=visit.may("datasets:write"),
        profile_href=visit.url("datasets", view.slug),
    )
    title = f"Columns of {view.name}"
    return visit.page(
        "data_platform/schema.html",
        page,
        title=title,
        crumbs=crumbs(visit, view, "Columns"),
        status=422 if error else 200,
    )


def _paths(visit: Visit, service: Datasets, view: DatasetView) -> Sequence[Any]:
    tenant_id = visit.actor.tenant_id
    return service.reader.paths(tenant_id, service.queries.version(tenant_id, view.slug, None))


def _column_table(
    visit: Visit,
    opened: OpenedVersion,
    rows: Sequence[dict[str, Any]],
    shown: Sequence[Decision],
    *,
    first: int,
    total: int,
) -> Table:
    may = visit.may("datasets:write")
    table = []
    for place, decision in enumerate(shown, start=first):
        values = [value_text(row[decision.column])[:24] for row in rows if row[decision.column] is not None]
        role, read_as = _choices(place, decision, opened)
        table.append(
            Row(
                f"column-{place}",
                (
                    Text(decision.column),
                    Text(str(decision.kind)) if not (may and read_as) else read_as,
                    Text(", ".join(list(dict.fromkeys(values))[:EXAMPLES])),
                    role if may else Text(ROLES[decision.role]),
                    Text(decision.reason),
                ),
            )
        )
    last = first + len(shown)
    following = visit.here(**{"from": last}) if last < total else ""
    links = (Link(f"Columns from {last + 1}", following),) if following else ()
    return Table(
        id="schema",
        caption="Columns and what each is for",
        columns=(Column("Column"), Column("Read as"), Column("Values"), Column("Role"), Column("Why")),
        rows=tuple(table),
        twins=links,
    )


def _choices(place: int, decision: Decision, opened: OpenedVersion) -> tuple[Choice, Choice | None]:
    role = Choice(
        name=f"role-{place}",
        label=f"Role of {decision.column}",
        options=tuple(Option(key, text, key is decision.role) for key, text in ROLES.items()),
    )
    is_chosen = decision.column in opened.choices.categorical
    if decision.kind is not Kind.NUMERIC and not is_chosen:
        return role, None
    read_as = Choice(
        name=f"type-{place}",
        label=f"How {decision.column} is read",
        options=(Option(AS_READ, "numeric", not is_chosen), Option(AS_CATEGORY, "category", is_chosen)),
    )
    return role, read_as


def _row_table(names: Sequence[str], rows: Sequence[dict[str, Any]], opened: OpenedVersion) -> Table:
    numeric = {name for name, dtype in opened.table.schema.items() if dtype.is_numeric()}
    return Table(
        id="preview",
        caption=f"The first {len(rows)} rows",
        columns=tuple(Column(name, numeric=name in numeric) for name in names),
        rows=tuple(
            Row(
                f"preview-{place}",
                tuple((Number if name in numeric else Text)(value_text(row[name])) for name in names),
            )
            for place, row in enumerate(rows)
        ),
    )
