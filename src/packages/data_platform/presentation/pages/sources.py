"""Databases that rows are fetched from."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Response

from core.domain.errors import Conflict, DomainError, Forbidden, Invalid, Unavailable
from core.domain.page import Counting, Page
from core.presentation.forms import problem, refused
from core.presentation.http import requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import Form
from core.presentation.parts import Button, EmptyState, Field, Link, Notice, Table, Text
from core.presentation.visit import Here, Visit
from data_platform.application.datasets.ports import SourceView
from data_platform.domain.datasets.dataset import InvalidDatasetName
from data_platform.domain.datasets.source import SourceNameTaken
from data_platform.presentation.pages.shared import Service, dataset_pages, name_in

router = dataset_pages("sources:read")
ADMIN = [requires("sources:write")]
SourcePath = Annotated[str, Path(max_length=100)]
LONGEST_URL, LONGEST_QUERY = 2_000, 20_000


class TooLong(Invalid):
    title = "That is too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesPage:
    table: Table
    new_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSourcePage:
    problem: Notice | None
    fields: tuple[Field, ...]
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage:
    source: SourceView
    created: object  # parts.Moment
    notice: Notice | None
    use_href: str
    test: Button | None
    delete: Button | None


@with_twins(router, "/sources")
def sources(visit: Here, service: Service, asked: Asked) -> Response:
    def read(cursor: str | None) -> Page[SourceView]:
        return service.queries.sources(
            visit.actor.tenant_id, limit=asked.limit, cursor=cursor, count=Counting.EXACT
        )

    listing = listing_of(visit)
    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    new_href = visit.url("sources", "new") if visit.may("sources:write") else ""
    empty = EmptyState(
        code="first-use",
        title="No source yet",
        text="A source is a PostgreSQL or MySQL database that rows are fetched from with a query."
        + ("" if new_href else " An administrator of the tenant connects one."),
        actions=(Link("Connect a database", new_href),) if new_href else (),
    )
    page = SourcesPage(table=listing.table(visit, read(asked.cursor), empty=empty), new_href=new_href)
    return visit.page("data_platform/sources.html", page, title="Sources", crumbs=_crumbs(visit))


@router.get("/sources/new", dependencies=ADMIN)
def new_source(visit: Here) -> Response:
    return _new_page(visit, {})


@router.post("/sources/new", dependencies=ADMIN)
def create_source(visit: Here, service: Service, form: Form) -> Response:
    url, query = form.secret("url").strip(), form.text("query")
    try:
        name = name_in(form)
        if len(url) > LONGEST_URL or len(query) > LONGEST_QUERY:
            pointer = "#/url" if len(url) > LONGEST_URL else "#/query"
            raise TooLong("It is longer than is taken.", fix="Shorten it.", pointer=pointer)
        service.create_source(visit.actor, name=name, url=url, query=query)
    except (Invalid, Conflict, Forbidden) as error:
        return _new_page(visit, {"name": form.text("name"), "query": query}, error)
    slug = service.queries.sources(visit.actor.tenant_id, limit=1, cursor=None).items[0].slug
    return visit.go(visit.url("sources", slug), "The source is kept. Test whether it can be reached.")


@router.get("/sources/{source}")
def show_source(visit: Here, service: Service, source: SourcePath) -> Response:
    return _page(visit, service.queries.source(visit.actor.tenant_id, source))


@router.post("/sources/{source}/test", dependencies=ADMIN)
def try_source(visit: Here, service: Service, source: SourcePath) -> Response:
    view = service.queries.source(visit.actor.tenant_id, source)
    try:
        service.try_source(visit.actor, source)
    except (Invalid, Forbidden, Unavailable) as error:
        words = f"{error.detail} {error.fix}".strip()
        return _page(visit, view, Notice(kind="error", title=error.title, text=words), status=422)
    return _page(visit, view, Notice(kind="success", title="The database answers."))


@router.post("/sources/{source}/delete", dependencies=ADMIN)
def delete_source(visit: Here, service: Service, source: SourcePath) -> Response:
    view = service.queries.source(visit.actor.tenant_id, source)
    service.delete_source(visit.actor, source, version=None)
    return visit.go(visit.url("sources"), f"{view.name} is deleted. What was fetched from it stays.")


def listing_of(visit: Visit) -> Listing[SourceView]:
    def href(view: SourceView) -> str:
        return visit.url("sources", view.slug)

    columns: tuple[ListColumn[SourceView], ...] = (
        ListColumn(title="Name", name="name", cell=lambda v: Link(v.name, href(v)), value=lambda v: v.name),
        ListColumn(title="Kind", name="kind", cell=lambda v: Text(str(v.kind)), value=lambda v: str(v.kind)),
        ListColumn(title="Where", name="place", cell=lambda v: Text(v.place), value=lambda v: v.place),
        ListColumn(
            title="Added",
            name="created_at",
            cell=lambda v: visit.moment(v.created_at),
            value=lambda v: v.created_at,
        ),
    )
    return Listing(id="sources", caption="Sources", columns=columns, key=lambda v: v.slug, href=href)


def _new_page(visit: Visit, values: dict[str, str], error: DomainError | None = None) -> Response:
    fields: tuple[Field, ...] = (
        Field(name="name", label="Name", value=values.get("name", ""), required=True),
        Field(
            name="url",
            label="Address",
            kind="password",
            required=True,
            autocomplete="off",
            hint="postgresql://user:password@host/database or mysql://... It is encrypted, and never shown again. "
            "Use a database user that may only read.",
        ),
        Field(
            name="query",
            label="Query",
            kind="textarea",
            value=values.get("query", ""),
            hint="A SELECT that is run where a fetch names none.",
        ),
    )
    if error:
        at = {InvalidDatasetName: "name", SourceNameTaken: "name"}.get(type(error), "")
        pointed = at or ("" if "pointer" in error.facts else "query" if "uery" in error.title else "url")
        fields = refused(fields, error, at=pointed)
    page = NewSourcePage(problem=problem(fields, error), fields=fields, action=visit.url("sources", "new"))
    title = "Connect a database"
    return visit.page(
        "data_platform/new_source.html",
        page,
        title=title,
        crumbs=_crumbs(visit, title),
        status=422 if error else 200,
    )


def _page(visit: Visit, view: SourceView, notice: Notice | None = None, *, status: int = 200) -> Response:
    admin = visit.may("sources:write")
    href = visit.url("sources", view.slug)
    page = SourcePage(
        source=view,
        created=visit.moment(view.created_at),
        notice=notice,
        use_href=visit.url("datasets", "new", way="source", source=view.slug)
        if visit.may("datasets:write")
        else "",
        test=Button(text="Test it", action=f"{href}/test") if admin else None,
        delete=Button(text="Delete", action=f"{href}/delete", style="danger") if admin else None,
    )
    return visit.page(
        "data_platform/source.html", page, title=view.name, crumbs=_crumbs(visit, view.name), status=status
    )


def _crumbs(visit: Visit, *steps: str) -> tuple[Link, ...]:
    links = [Link("Datasets", visit.url("datasets")), Link("Sources", visit.url("sources") if steps else "")]
    return (*links, *(Link(step, "") for step in steps))
