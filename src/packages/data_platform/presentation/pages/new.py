"""A dataset of a file, of pasted rows, or of a query."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from core.application.quota import QuotaExceeded
from core.domain.errors import Conflict, DomainError, Invalid, Unavailable
from core.domain.public_ids import shown
from core.presentation.forms import problem, refused
from core.presentation.page_routes import Form, Posted, takes_files
from core.presentation.parts import Field, Notice, Tab, Table
from core.presentation.visit import Here, Visit
from data_platform.api import Datasets, DatasetView
from data_platform.application.datasets.ports import SourceView
from data_platform.domain.datasets.dataset import VersionState
from data_platform.domain.datasets.ids import DatasetVersionId
from data_platform.domain.datasets.source import SourceNotFound
from data_platform.presentation.pages.new_fields import field_of, fields_of
from data_platform.presentation.pages.new_of_source import (
    CHANGED,
    columns_page,
    difference,
    loaded,
    loaded_into,
    looked_at,
)
from data_platform.presentation.pages.sent_rows import name_of, problems_of, rows_in
from data_platform.presentation.pages.shared import (
    WRITING,
    DatasetPath,
    Service,
    crumbs,
    dataset_pages,
    name_in,
)

router = dataset_pages()
Way = Annotated[Literal["upload", "paste", "source"], Query()]
WAYS = {"upload": "Upload a file", "paste": "Paste rows", "source": "From a database"}
MENDABLE = (Invalid, Conflict, QuotaExceeded, SourceNotFound, Unavailable)
MOST_SOURCES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDatasetPage:
    """Also for a further version of ``title``'s dataset, which has a name already."""

    title: str
    advice: str
    action: str
    way: str
    tabs: tuple[Tab, ...]
    fields: tuple[Field, ...]
    button: str
    problem: Notice | None
    problems: Table | None
    sources_href: str  # where there is none yet


@router.get("/datasets/new", dependencies=WRITING)
def new_dataset(visit: Here, service: Service, way: Way = "upload", source: str = "") -> Response:
    return _page(visit, service, way, values={"source": source[:100]})


@router.post("/datasets/new", dependencies=[*WRITING, Depends(takes_files)])
def create_dataset(visit: Here, service: Service, form: Form, way: Way = "upload") -> Response:
    try:
        if way != "source":
            return visit.go(_uploaded(visit, service, form))
        if form.has("at_once"):
            return loaded(visit, service, form)
        return columns_page(visit, form, looked_at(visit, service, form, None))
    except MENDABLE as error:
        return _page(visit, service, way, values=_kept(form), error=error)


@router.post("/datasets/new/columns", dependencies=WRITING)
def load_source(visit: Here, service: Service, form: Form) -> Response:
    """With the roles that were chosen after a look at the first rows."""
    if form.has("step"):
        return _page(visit, service, "source", values=_kept(form))
    try:
        looked = looked_at(visit, service, form, None)
        if form.text("columns") != looked.columns_hash:
            return columns_page(visit, form, looked, problem=CHANGED)
        try:
            return loaded(visit, service, form, looked)
        except Invalid as error:
            return columns_page(visit, form, looked, problem=error)
    except MENDABLE as error:
        return _page(visit, service, "source", values=_kept(form), error=error)


@router.get("/datasets/{dataset}/upload", dependencies=WRITING)
def new_version(visit: Here, service: Service, dataset: DatasetPath, way: Way = "upload") -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    return _page(visit, service, way, values={}, dataset=view)


@router.post("/datasets/{dataset}/upload", dependencies=[*WRITING, Depends(takes_files)])
def add_version(
    visit: Here, service: Service, dataset: DatasetPath, form: Form, way: Way = "upload"
) -> Response:
    """The roles of its columns stay."""
    view = service.queries.get(visit.actor.tenant_id, dataset)
    try:
        if way == "source":
            if form.has("at_once"):
                return loaded_into(visit, service, form, view)
            looked = looked_at(visit, service, form, view)
            found = difference(visit, service, looked, view)
            return columns_page(visit, form, looked, problem=found, dataset=view)
        with rows_in(form, service.files) as raw:
            version_id, is_new = service.upload(visit.actor, dataset, raw=raw)
    except MENDABLE as error:
        return _page(visit, service, way, values=_kept(form), dataset=view, error=error)
    if not is_new:
        return visit.go(
            visit.url("datasets", view.slug), "These rows are there already: nothing was stored twice."
        )
    return visit.go(_after(visit, service, view.slug, version_id))


@router.post("/datasets/{dataset}/upload/columns", dependencies=WRITING)
def load_version(visit: Here, service: Service, dataset: DatasetPath, form: Form) -> Response:
    """After a look at the first rows of the query."""
    view = service.queries.get(visit.actor.tenant_id, dataset)
    if form.has("step"):
        return _page(visit, service, "source", values=_kept(form), dataset=view)
    try:
        return loaded_into(visit, service, form, view)
    except MENDABLE as error:
        return _page(visit, service, "source", values=_kept(form), dataset=view, error=error)


def _uploaded(visit: Visit, service: Datasets, form: Posted) -> str:
    """Where to go on. Where the rows are refused there is no dataset either."""
    with rows_in(form, service.files) as raw:
        name = name_in(form, otherwise=name_of(form) or "Pasted rows")
        made = shown("ds", service.create(visit.actor, name=name, slug=None, description="", columns={}))
        try:
            version_id, _ = service.upload(visit.actor, made, raw=raw)
        except BaseException:
            service.delete(visit.actor, made, version=None)
            raise
    view = service.queries.get(visit.actor.tenant_id, made)
    return _after(visit, service, view.slug, version_id)


def _after(visit: Visit, service: Datasets, slug: str, version_id: DatasetVersionId) -> str:
    """To the columns, as soon as they are known."""
    view = service.queries.version_of(visit.actor.tenant_id, version_id)
    is_read = view.state is VersionState.READY
    return visit.url("datasets", slug, "schema") if is_read else visit.url("datasets", slug)


def _kept(form: Posted) -> dict[str, str]:
    names = ("name", "source", "query", "at_once")
    return {"rows": form.secret("rows")} | {name: form.text(name) for name in names}


def _page(
    visit: Visit,
    service: Datasets,
    way: str,
    *,
    values: dict[str, str],
    dataset: DatasetView | None = None,
    error: DomainError | None = None,
) -> Response:
    sources = _sources(visit, service) if way == "source" else []
    fields = fields_of(way, values, sources, is_new=dataset is None)
    if error:
        fields = refused(fields, error, at=field_of(error, way))
    action = visit.url("datasets", *([dataset.slug, "upload"] if dataset else ["new"]))
    page = NewDatasetPage(
        title=f"New rows for {dataset.name}" if dataset else "New dataset",
        advice="They become the next version; what its columns are for stays."
        if dataset
        else "Give the rows. Next you see what was read, and say what each column is for.",
        action=f"{action}?way={way}",
        way=way,
        tabs=tuple(Tab(text, f"{action}?way={key}", key == way) for key, text in WAYS.items()),
        fields=fields,
        button="Read the rows" if way != "source" else "Look at the first rows",
        problem=problem(fields, error),
        problems=problems_of(error),
        sources_href=visit.url("sources") if way == "source" and not sources else "",
    )
    step = (dataset, "New rows") if dataset else (None, "New dataset")
    return visit.page(
        "data_platform/new.html",
        page,
        title=page.title,
        crumbs=crumbs(visit, *step),
        status=422 if error else 200,
    )


def _sources(visit: Visit, service: Datasets) -> list[SourceView]:
    if not visit.may("sources:read"):
        return []
    return list(service.queries.sources(visit.actor.tenant_id, limit=MOST_SOURCES, cursor=None).items)
