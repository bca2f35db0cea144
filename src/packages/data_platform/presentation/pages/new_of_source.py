"""A dataset of a query: its first rows are looked at, and its columns confirmed, before the rows are loaded."""

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
from data_platform.api import ColumnChoices, Datasets, Table
from data_platform.application.datasets.column_roles import decisions_for, first_rows
from data_platform.domain.datasets.dataset import DatasetNameTaken, DatasetNotFound, slug_of
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

ADVICE = (
    "These are the first rows; nothing is loaded yet. Check what was read, change what is wrong, then load all rows. "
    "Only features are looked at for anomalies."
)
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


def looked_at(visit: Visit, service: Datasets, form: Posted) -> Looked:
    """Raises as LookAtSource does, InvalidDatasetName, DatasetNameTaken."""
    _check_name(visit, service, form)
    query = form.text("query") or None
    return Looked(service.look_at_source(visit.actor, form.text("source"), query=query))


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
        service.start_fetch(visit.actor, made, source=source.slug, query=form.text("query") or None)
    except BaseException:
        service.delete(visit.actor, made, version=None)
        raise
    return visit.go(visit.url("datasets", service.queries.get(visit.actor.tenant_id, made).slug))


def columns_page(
    visit: Visit, form: Posted, looked: Looked, problem: DomainError | Notice | None = None
) -> Response:
    """The second of three steps."""
    frame = first_rows(looked.table)
    rows = frame.head(SHOWN_ROWS).to_dicts()
    decisions = decisions_for(frame, looked.choices)
    shown_ones = decisions[:SHOWN_COLUMNS]
    more = len(decisions) - len(shown_ones)
    notes = (f"{more:,} more columns can be changed once the rows are loaded.",) if more else ()
    kept = tuple((name, form.text(name)) for name in ("source", "query", "name"))
    page = SchemaPage(
        title="Columns of the new dataset",
        advice=ADVICE,
        action=visit.url("datasets", "new", "columns"),
        problem=told(problem) if isinstance(problem, DomainError) else problem,
        columns=column_table(looked, rows, shown_ones, first=0, following=None, may_write=True),
        rows=row_table(looked, rows, shown_ones),
        notes=(*looked.table.notes, *notes),
        hidden=(*kept, ("columns", looked.columns_hash)),
        may_write=True,
        button="Load the rows",
        back=None,
        again="Change the query",
    )
    return visit.page(
        "data_platform/schema.html",
        page,
        title=page.title,
        crumbs=crumbs(visit, None, "New dataset"),
        status=422 if problem else 200,
    )
