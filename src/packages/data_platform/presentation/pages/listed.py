"""The tenant's datasets."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from fastapi import Response

from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import Button, Cell, EmptyState, Field, Link, Number, Share, State, Table, Text
from core.presentation.visit import Here, Visit
from data_platform.api import Datasets, DatasetView
from data_platform.application.datasets.ports import NewestVersions
from data_platform.domain.datasets.dataset import VersionState
from data_platform.presentation.http.datasets import DatasetSort
from data_platform.presentation.pages.shared import Service, Words, dataset_pages

router = dataset_pages()
STATES = {
    VersionState.READY: State("ready", "succeeded"),
    VersionState.INGESTING: State("being read", "running"),
    VersionState.FAILED: State("last upload failed", "failed"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """``newest`` is None where nothing has been uploaded."""

    view: DatasetView
    newest: NewestVersions | None

    @property
    def state(self) -> State:
        return STATES[self.newest.state] if self.newest else State("no rows yet", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetsPage:
    search: Field
    sort: str
    table: Table
    actions: tuple[Link, ...]
    sample: Button | None


@with_twins(router, "/datasets")
def datasets(
    visit: Here, service: Service, asked: Asked, q: Words = "", sort: DatasetSort = "-created_at"
) -> Response:
    read = partial(_read, service, visit.actor.tenant_id, q.strip(), sort)
    listing = listing_of(visit)
    if asked.form:
        return listing.twin(asked.form, lambda cursor: read(limit=500, cursor=cursor), asked.cursor)
    found = read(limit=asked.limit, cursor=asked.cursor, count=Counting.ESTIMATE)
    page = DatasetsPage(
        search=Field(name="q", label="Search datasets", kind="search", value=q),
        sort="" if sort == "-created_at" else sort,
        table=listing.table(visit, found, empty=_empty(visit, q), sort=sort),
        actions=ways_in(visit),
        sample=_sample(visit) if not (found.items or q) else None,
    )
    return visit.page("data_platform/datasets.html", page, title="Datasets")


def _read(
    service: Datasets,
    tenant_id: TenantId,
    q: str,
    sort: str,
    *,
    limit: int,
    cursor: str | None,
    count: Counting | None = None,
) -> Page[Listed]:
    page = service.queries.page(
        tenant_id, search=q or None, sort=sort, limit=limit, cursor=cursor, count=count
    )
    newest = service.queries.newest(tenant_id, [view.id for view in page.items])
    return page.of([Listed(view, newest.get(view.id)) for view in page.items])


def listing_of(visit: Visit) -> Listing[Listed]:
    def href(item: Listed) -> str:
        return visit.url("datasets", item.view.slug)

    owner = cache(visit.name)  # most are of few people

    def of_newest(name: str) -> Callable[[Listed], object]:
        return lambda item: getattr(item.newest, name) if item.newest else None

    columns: tuple[ListColumn[Listed], ...] = (
        ListColumn(
            title="Name",
            name="name",
            cell=lambda item: Link(item.view.name, href(item)),
            value=lambda item: item.view.name,
            sort="name",
        ),
        ListColumn(
            title="Slug",
            name="slug",
            cell=lambda item: Text(item.view.slug),
            value=lambda item: item.view.slug,
        ),
        ListColumn(
            title="Rows",
            name="rows",
            cell=lambda item: Number(f"{item.view.rows:,}"),
            value=lambda item: item.view.rows,
            numeric=True,
            sort="rows",
        ),
        ListColumn(
            title="Columns",
            name="columns",
            cell=lambda item: Number(f"{item.newest.columns:,}" if item.newest else ""),
            value=of_newest("columns"),
            numeric=True,
        ),
        ListColumn(
            title="Updated",
            name="updated_at",
            cell=lambda item: (
                visit.moment(item.newest.stored_at) if item.newest and item.newest.stored_at else Text("")
            ),
            value=of_newest("stored_at"),
        ),
        ListColumn(
            title="Owner",
            name="owner",
            cell=lambda item: Text(owner(item.view.user_id)),
            value=lambda item: owner(item.view.user_id),
        ),
        ListColumn(title="Quality", name="quality", cell=_quality, value=of_newest("quality")),
        ListColumn(
            title="State", name="state", cell=lambda item: item.state, value=lambda item: item.state.value
        ),
    )
    return Listing(
        id="datasets", caption="Datasets", columns=columns, key=lambda item: item.view.slug, href=href
    )


def _quality(item: Listed) -> Cell:
    found = item.newest.quality if item.newest else None
    return Text("") if found is None else Share(f"{found}", found / 100, f"Quality {found} of 100")


def ways_in(visit: Visit) -> tuple[Link, ...]:
    """How somebody comes to a dataset of their own."""
    if not visit.may("datasets:write"):
        return ()
    return (
        Link("Upload a file", visit.url("datasets", "new")),
        Link("Connect a database", visit.url("sources")),
    )


def _sample(visit: Visit) -> Button | None:
    if not (visit.may("datasets:write") and visit.may("runs:write")):
        return None
    return Button(text="Load sample data", action=visit.url("sample-data"), style="primary")


def _empty(visit: Visit, search: str) -> EmptyState:
    if search:
        return EmptyState(
            code="filtered",
            title="No dataset matches",
            text=f"No name has “{search}” in it.",
            actions=(Link("Clear the search", visit.here(q=None)),),
        )
    return EmptyState(
        code="first-use",
        title="No datasets yet",
        text="A dataset is a table whose unusual rows you want to find. It appears here with its size and quality.",
        actions=ways_in(visit),
    )
