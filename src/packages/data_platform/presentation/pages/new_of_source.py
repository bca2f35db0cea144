"""Rows of a query: the first of them are looked at, and their columns confirmed, before all are loaded."""

from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256

from fastapi import Response

from core.domain.errors import DomainError
from core.domain.public_ids import shown
from core.presentation.forms import told
from core.presentation.page_routes import Posted
from core.presentation.parts import Notice
from core.presentation.visit import Visit
from data_platform.api import ColumnChoices, Datasets, DatasetView, Table
from data_platform.application.datasets.column_roles import decisions_for, first_rows, fitting
from data_platform.domain.datasets.dataset import (
    DatasetNameTaken,
    DatasetNotFound,
    DatasetVersionNotFound,
    choices_of,
    slug_of,
)
from data_platform.presentation.pages.schema import SchemaPage
from data_platform.presentation.pages.schema_tables import (
    SHOWN_COLUMNS,
    SHOWN_ROWS,
    as_stored,
    chosen_roles,
    column_table,
    row_table,
)
from data_platform.presentation.pages.shared import crumbs, name_in
from data_platform.presentation.pages.versions import column_changes, types_of

ADVICE = (
    "These are the first rows; nothing is loaded yet. Check what was read, change what is wrong, then load all rows. "
    "Only features are looked at for anomalies."
)
ADVICE_AGAIN = "These are the first rows; nothing is loaded yet. They become the next version; what its columns are for stays."
ROLES_OUTDATED = "The roles given earlier do not fit them: what you see is inferred anew. Confirm it under Columns once they are loaded."
CHANGED = Notice(
    kind="warning",
    title="The query gives other columns than before",
    text="What you see is inferred anew. Check it, then load the rows.",
)


@dataclass(frozen=True, slots=True)
class Looked:
    """The first rows of a query, and what their columns are for."""

    table: Table
    choices: ColumnChoices = field(default_factory=ColumnChoices)

    @property
    def columns_hash(self) -> str:
        return sha256(repr(dict(self.table.schema)).encode()).hexdigest()


def looked_at(visit: Visit, service: Datasets, form: Posted, dataset: DatasetView | None) -> Looked:
    """Raises as LookAtSource does, InvalidDatasetName, DatasetNameTaken."""
    if dataset is None:
        _check_name(visit, service, form)
    query = form.text("query") or None
    table = service.look_at_source(visit.actor, form.text("source"), query=query)
    return Looked(table, fitting(choices_of(dataset.columns), table) if dataset else ColumnChoices())


def _check_name(visit: Visit, service: Datasets, form: Posted) -> None:
    """Before somebody chooses roles. Raises InvalidDatasetName, DatasetNameTaken, SourceNotFound."""
    tenant_id = visit.actor.tenant_id
    source = service.queries.source(tenant_id, form.text("source"))
    slug = slug_of(name_in(form, otherwise=source.name))
    with suppress(DatasetNotFound):
        taken = service.queries.get(tenant_id, slug)
        raise DatasetNameTaken(f"A dataset is called {taken.name!r}.", fix="Choose another name.")


def loaded(visit: Visit, service: Datasets, form: Posted, looked: Looked | None = None) -> Response:
    """To the dataset whose rows are being fetched; with the roles that the form gives the columns, where it does."""
    columns = as_stored(chosen_roles(looked, form)) if looked else {}
    source = service.queries.source(visit.actor.tenant_id, form.text("source"))
    name = name_in(form, otherwise=source.name)
    made = shown("ds", service.create(visit.actor, name=name, slug=None, description="", columns=columns))
    try:
        return loaded_into(visit, service, form, service.queries.get(visit.actor.tenant_id, made))
    except BaseException:
        service.delete(visit.actor, made, version=None)
        raise


def loaded_into(visit: Visit, service: Datasets, form: Posted, dataset: DatasetView) -> Response:
    """As its next version."""
    query = form.text("query") or None
    service.start_fetch(visit.actor, dataset.slug, source=form.text("source"), query=query)
    return visit.go(visit.url("datasets", dataset.slug))


def columns_page(
    visit: Visit,
    form: Posted,
    looked: Looked,
    *,
    problem: DomainError | Notice | None = None,
    dataset: DatasetView | None = None,
) -> Response:
    """The second of three steps; those of a dataset that is there are not changed by it."""
    frame = first_rows(looked.table)
    rows = frame.head(SHOWN_ROWS).to_dicts()
    decisions = decisions_for(frame, looked.choices)
    shown_ones = decisions[:SHOWN_COLUMNS]
    more = len(decisions) - len(shown_ones)
    notes = (f"{more:,} more columns can be changed once the rows are loaded.",) if more else ()
    kept = tuple((name, form.text(name)) for name in ("source", "query", "name") if form.text(name))
    title = f"New rows for {dataset.name}" if dataset else "Columns of the new dataset"
    page = SchemaPage(
        title=title,
        advice=ADVICE_AGAIN if dataset else ADVICE,
        action=visit.url("datasets", *([dataset.slug, "upload"] if dataset else ["new"]), "columns"),
        problem=told(problem) if isinstance(problem, DomainError) else problem,
        columns=column_table(looked, rows, shown_ones, first=0, following=None, may_write=dataset is None),
        rows=row_table(looked, rows, shown_ones),
        notes=(*looked.table.notes, *notes),
        hidden=kept if dataset else (*kept, ("columns", looked.columns_hash)),
        may_write=True,
        button="Load the rows",
        back=None,
        again="Change the query",
    )
    step = (dataset, "New rows") if dataset else (None, "New dataset")
    return visit.page(
        "data_platform/schema.html",
        page,
        title=title,
        crumbs=crumbs(visit, *step),
        status=422 if problem and not dataset else 200,
    )


def difference(visit: Visit, service: Datasets, looked: Looked, dataset: DatasetView) -> Notice | None:
    """Of the columns, from the newest version's; a column without a value yet may be of any type."""
    try:
        newest = service.queries.version(visit.actor.tenant_id, dataset.slug, None)
    except DatasetVersionNotFound:
        return None
    before = types_of(newest)
    types = {name: str(kind) for name, kind in looked.table.schema.items()}
    now = {name: before.get(name, kind) if kind == "Null" else kind for name, kind in types.items()}
    found = column_changes(before, now)
    if not found:
        return None
    outdated = choices_of(dataset.columns).given() and not looked.choices.given()
    fits = f" {ROLES_OUTDATED}" if outdated else ""
    title = f"The columns differ from those of version {newest.number}"
    return Notice(kind="warning", title=title, text=f"{found[:1].upper()}{found[1:]}.{fits}")
