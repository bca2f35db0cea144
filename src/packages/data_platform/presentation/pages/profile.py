"""A dataset: what is in it, and how far it can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query, Response

from core.domain.wording import count
from core.presentation.parts import Button, EmptyState, Figure, Link, Notice, Tab, Table
from core.presentation.visit import Here, Visit
from data_platform.api import DatasetView, Role
from data_platform.application.datasets.ports import VersionView
from data_platform.presentation.pages.checks import ChecksPanel, CheckState, checks_panel
from data_platform.presentation.pages.column_panel import ColumnPanel, column_panel
from data_platform.presentation.pages.columns import Asked, ColumnSort, columns_table
from data_platform.presentation.pages.listed import ways_in
from data_platform.presentation.pages.loading import Loading, last_profiled, loading_of, older
from data_platform.presentation.pages.shared import (
    DatasetPath,
    JobService,
    Service,
    Version,
    Words,
    crumbs,
    dataset_pages,
    tabs,
)

router = dataset_pages()
REFRESH_SECONDS = 5
FORMS = {"csv": "CSV", "ndjson": "NDJSON", "parquet": "Parquet"}
Scale = Annotated[Literal["", "log", "symlog"], Query()]
First = Annotated[int, Query(alias="from", ge=0, le=10_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage:
    dataset: DatasetView
    owner: str
    tabs: tuple[Tab, ...]
    loading: Loading
    older: Notice | None
    useless: Notice | None
    figures: tuple[Figure, ...]
    actions: tuple[tuple[Link, str], ...]  # with the key that leads there
    detect: Button | None
    profile_again: Button | None
    downloads: tuple[Link, ...]
    manage: tuple[Link, ...]
    notes: tuple[str, ...]
    empty: EmptyState | None
    checks: ChecksPanel | None
    columns: Table | None
    panel: ColumnPanel | None


@router.get("/datasets/{dataset}")
def profile(
    visit: Here,
    service: Service,
    jobs: JobService,
    dataset: DatasetPath,
    *,
    version: Version = None,
    col: Words = "",
    sort: ColumnSort = "",
    scale: Scale = "",
    first: First = 0,
    check_state: CheckState = "",
) -> Response:
    view = service.queries.get(visit.actor.tenant_id, dataset)
    loading = loading_of(visit, view, service=service, jobs=jobs)
    newest = None
    if version or view.ready_number:
        newest = service.queries.version(visit.actor.tenant_id, dataset, version)
    shown = newest if version or newest is None else last_profiled(visit, service, newest)
    asked = Asked(sort=sort, first=first, chosen=col)
    may_change = visit.may("datasets:write") and shown is not None and shown.number == view.ready_number
    behind = older(newest, shown) if newest and shown else None
    useless = _useless(visit, view, shown) if shown and not behind else None
    page = ProfilePage(
        dataset=view,
        owner=visit.name(view.user_id),
        tabs=tabs(visit, view, "Profile"),
        loading=loading,
        older=behind,
        useless=useless,
        figures=_figures(visit, view, shown) if shown else (),
        actions=_actions(visit, view),
        detect=None if useless else _detect(visit, view),
        profile_again=_profile_again(visit, view),
        downloads=_downloads(visit, view, shown),
        manage=_manage(visit, view),
        notes=tuple(shown.notes) if shown else (),
        empty=_empty(visit, view, loading, shown),
        checks=checks_panel(visit, shown, check_state) if shown else None,
        columns=columns_table(visit, shown, asked, may_change=may_change) if shown else None,
        panel=column_panel(visit, service, shown, col, scale) if shown and col else None,
    )
    return visit.page(
        "data_platform/profile.html",
        page,
        title=view.name,
        crumbs=crumbs(visit, view),
        refresh_seconds=REFRESH_SECONDS if loading.progress else 0,
    )


def _figures(visit: Visit, view: DatasetView, version: VersionView) -> tuple[Figure, ...]:
    found = version.profile
    day, _, time = visit.moment(version.created_at).shown.rpartition(" ")
    figures = [
        Figure(
            name="Rows",
            value=f"{version.rows:,}",
            note=_time_span(found) if found else "",
            href=visit.url("datasets", view.slug, "rows", version=version.number),
        ),
        Figure(name="Columns", value=f"{len(version.columns):,}", note=_roles(found) if found else ""),
        Figure(
            name="Updated",
            value=day,
            note=f"{time}, version {version.number} of {view.latest_number}",
            href=visit.url("datasets", view.slug, "versions"),
        ),
    ]
    if version.quality is not None:
        figures.append(
            Figure(name="Quality", value=f"{version.quality}/100", note="how it is counted", href="#quality")
        )
    return tuple(figures)


def _time_span(found: Mapping[str, Any]) -> str:
    """Of the column that says when."""
    time = next((each for each in found["columns"] if each["role"] == Role.TIME and each["low"]), None)
    return f"{str(time['low'])[:10]} to {str(time['high'])[:10]}" if time else ""


def _roles(found: Mapping[str, Any]) -> str:
    features = sum(column["role"] == "feature" for column in found["columns"])
    return count(features, "feature")


def _useless(visit: Visit, view: DatasetView, version: VersionView) -> Notice | None:
    """Says so of rows that no run could search."""
    found = version.profile
    if not found or version.number != view.ready_number:
        return None
    if any(column["role"] in (Role.FEATURE, Role.TIME) for column in found["columns"]):
        return None
    way_on = (
        (Link("Columns", visit.url("datasets", view.slug, "schema")),) if visit.may("datasets:write") else ()
    )
    return Notice(
        kind="warning",
        title="No column can be searched for anomalies",
        text="Columns below says why each was left out. Use one of them, or add rows with numbers or categories that vary.",
        items=way_on,
    )


def _actions(visit: Visit, view: DatasetView) -> tuple[tuple[Link, str], ...]:
    links = []
    if view.ready_number and visit.may("detectors:write"):
        links.append((Link("Create detector", visit.url("detectors", "new", dataset=view.slug)), "n"))
    if visit.may("datasets:write"):
        links.append((Link("New rows", visit.url("datasets", view.slug, "upload")), ""))
        if view.ready_number:
            links.append((Link("Columns", visit.url("datasets", view.slug, "schema")), "e"))
    return tuple(links)


def _detect(visit: Visit, view: DatasetView) -> Button | None:
    if not (view.ready_number and visit.may("runs:write")):
        return None
    values = (("dataset", view.slug),)
    return Button(text="Find anomalies", action=visit.url("runs"), values=values, style="primary")


def _profile_again(visit: Visit, view: DatasetView) -> Button | None:
    if not (view.ready_number and visit.may("datasets:write")):
        return None
    values = (("version", str(view.version)),)
    return Button(text="Profile again", action=visit.url("datasets", view.slug, "profile"), values=values)


def _downloads(visit: Visit, view: DatasetView, version: VersionView | None) -> tuple[Link, ...]:
    if version is None:
        return ()
    return tuple(
        Link(text, visit.url("datasets", view.slug, "file", format=form, version=version.number))
        for form, text in FORMS.items()
    )


def _manage(visit: Visit, view: DatasetView) -> tuple[Link, ...]:
    if not visit.may("datasets:write"):
        return ()
    links = [Link("Rename", visit.url("datasets", view.slug, "edit"))]
    if view.ready_number:
        links.append(Link("Add rows to it", visit.url("datasets", view.slug, "append")))
    return (*links, Link("Delete", visit.url("datasets", view.slug, "delete")))


def _empty(
    visit: Visit, view: DatasetView, loading: Loading, version: VersionView | None
) -> EmptyState | None:
    if version is not None and version.profile is not None:
        return None
    if version is not None:
        text = "What its columns hold and how good they are stands here in a moment."
        return EmptyState(code="learning", title="No profile yet", text=text)
    if loading.progress:
        return None
    actions = (Link("Upload a file", visit.url("datasets", view.slug, "upload")),) if ways_in(visit) else ()
    if loading.failure:
        text = "What was in the way stands above. Its columns appear here once it has rows."
        return EmptyState(code="stale", title="No rows could be read", text=text, actions=actions)
    return EmptyState(
        code="first-use",
        title="No rows yet",
        text="Its columns, and what they are worth, appear here once it has rows.",
        actions=actions,
    )
