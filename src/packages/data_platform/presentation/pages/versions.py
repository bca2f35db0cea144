"""A dataset's versions: what came in when, and how the columns changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query, Response
from fastapi.responses import StreamingResponse

from core.domain.page import Counting, Page
from core.domain.wording import count, listed
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import EmptyState, Link, Number, State, Tab, Table, Text
from core.presentation.visit import Here, Visit
from data_platform.api import Datasets, DatasetView
from data_platform.application.datasets.ports import VersionView
from data_platform.domain.datasets.dataset import VersionState
from data_platform.presentation.http.versions import download_version
from data_platform.presentation.pages.shared import (
    DatasetPath,
    Service,
    Version,
    Where,
    crumbs,
    dataset_pages,
    short,
    tabs,
)

router = dataset_pages()
ORIGINS = {"upload": "uploaded", "append": "rows added", "fetch": "fetched"}
STATES = {
    VersionState.READY: State("ready", "succeeded"),
    VersionState.INGESTING: State("being read", "running"),
    VersionState.FAILED: State("failed", "failed"),
}
UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB"))
MOST_CHANGES = 4


@dataclass(frozen=True, slots=True)
class Listed:
    """``before`` is the version below it in the list."""

    view: VersionView
    before: VersionView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPage:
    dataset: DatasetView
    tabs: tuple[Tab, ...]
    table: Table
    upload_href: str


@with_twins(router, "/datasets/{dataset}/versions")
def versions(visit: Here, service: Service, dataset: DatasetPath, asked: Asked) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    listing = listing_of(visit)
    if asked.form:
        return listing.twin(
            asked.form,
            lambda cursor: _read(visit, service, view.slug, limit=500, cursor=cursor),
            asked.cursor,
        )
    page = _read(visit, service, view.slug, limit=asked.limit, cursor=asked.cursor, count=Counting.EXACT)
    upload_href = visit.url("datasets", view.slug, "upload") if visit.may("datasets:write") else ""
    empty = EmptyState(
        code="first-use",
        title="No versions yet",
        text="Each upload, fetch and addition of rows is a version; none ever changes.",
        actions=(Link("Upload a file", upload_href),) if upload_href else (),
    )
    context = VersionsPage(
        dataset=view,
        tabs=tabs(visit, view, "Versions"),
        table=listing.table(visit, page, empty=empty),
        upload_href=upload_href,
    )
    return visit.page(
        "data_platform/versions.html",
        context,
        title=f"Versions of {view.name}",
        crumbs=crumbs(visit, view, "Versions"),
    )


@router.get("/datasets/{dataset}/file")
def download(
    visit: Here,
    service: Service,
    dataset: DatasetPath,
    version: Version = None,
    form: Annotated[Literal["csv", "ndjson", "parquet"], Query(alias="format")] = "csv",
    where: Where = None,
) -> StreamingResponse:
    return download_version(dataset, visit.actor, service, number=version, form=form, where=where)


def _read(
    visit: Visit,
    service: Datasets,
    slug: str,
    *,
    limit: int,
    cursor: str | None,
    count: Counting | None = None,
) -> Page[Listed]:
    """One more than is shown, to compare the last one with."""
    tenant_id = visit.actor.tenant_id
    page = service.queries.versions(tenant_id, slug, limit=limit, cursor=cursor, count=count)
    items = list(page.items)
    after: VersionView | None = None
    if page.next_cursor:
        after = service.queries.versions(tenant_id, slug, limit=1, cursor=page.next_cursor).items[0]
    return page.of([Listed(a, b) for a, b in zip(items, [*items[1:], after], strict=True)])


def listing_of(visit: Visit) -> Listing[Listed]:
    def href(item: Listed) -> str:
        if item.view.state is not VersionState.READY:
            return visit.url("datasets", item.view.dataset)
        return visit.url("datasets", item.view.dataset, version=item.view.number)

    columns: tuple[ListColumn[Listed], ...] = (
        ListColumn(
            title="Version",
            name="number",
            cell=lambda item: Link(f"{item.view.number}", href(item)),
            value=lambda item: item.view.number,
        ),
        ListColumn(
            title="State",
            name="state",
            cell=lambda item: STATES[item.view.state],
            value=lambda item: item.view.state,
        ),
        ListColumn(
            title="Rows",
            name="rows",
            cell=lambda item: Number(f"{item.view.rows:,}"),
            value=lambda item: item.view.rows,
            numeric=True,
        ),
        ListColumn(
            title="Quality",
            name="quality",
            cell=lambda item: Number("" if item.view.quality is None else f"{item.view.quality}"),
            value=lambda item: item.view.quality,
            numeric=True,
        ),
        ListColumn(
            title="How it came",
            name="origin",
            cell=lambda item: Text(_origin(item.view)),
            value=lambda item: item.view.origin,
        ),
        ListColumn(
            title="When",
            name="created_at",
            cell=lambda item: visit.moment(item.view.created_at),
            value=lambda item: item.view.created_at,
        ),
        ListColumn(
            title="Size",
            name="size",
            cell=lambda item: Number(size_text(item.view.size), exact=f"{item.view.size:,} bytes"),
            value=lambda item: item.view.size,
            numeric=True,
        ),
        ListColumn(
            title="Columns",
            name="columns_changed",
            cell=lambda item: Text(changes(item)),
            value=changes,
        ),
    )
    return Listing(
        id="versions",
        caption="Versions",
        columns=columns,
        key=lambda item: f"version-{item.view.number}",
        href=href,
    )


def _origin(view: VersionView) -> str:
    source = (view.source or {}).get("source")
    return f"fetched from {source}" if source else ORIGINS.get(view.origin, view.origin)


def changes(item: Listed) -> str:
    """Of the columns, against the version before."""
    if item.view.state is not VersionState.READY:
        return item.view.error.detail if item.view.error else ""
    now = types_of(item.view)
    if item.before is None or item.before.state is not VersionState.READY:
        return count(len(now), "column")
    return column_changes(types_of(item.before), now) or "as before"


def column_changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Both are types by column."""
    words = []
    if added := [short(name) for name in now if name not in before]:
        words.append(f"new: {listed(added, most=MOST_CHANGES)}")
    if gone := [short(name) for name in before if name not in now]:
        words.append(f"gone: {listed(gone, most=MOST_CHANGES)}")
    other = [
        f"{short(name)} {before[name]} to {now[name]}"
        for name in now
        if before.get(name, now[name]) != now[name]
    ]
    if other:
        words.append(f"type: {listed(other, most=MOST_CHANGES)}")
    return "; ".join(words)


def types_of(view: VersionView) -> Mapping[str, str]:
    return {each["name"]: each["type"] for each in view.columns}


def size_text(size: int) -> str:
    return next((f"{size / unit:.3g} {name}" for unit, name in UNITS if size >= unit), f"{size} B")
