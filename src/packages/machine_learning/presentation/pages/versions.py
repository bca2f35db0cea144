"""A model's versions as a list, and what may be done with one."""

from fastapi import Response

from core.domain.page import Counting, Page
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import Cell, EmptyState, Link, Number, Text
from core.presentation.visit import Here, Visit
from machine_learning.api import ModelView, VersionView
from machine_learning.domain.registry.model import CHAMPION
from machine_learning.presentation.pages.listed import ListPage
from machine_learning.presentation.pages.shared import (
    ModelPath,
    Registry,
    crumbs,
    interval,
    measure,
    model_pages,
    percent,
    size_text,
)

router = model_pages()
CHALLENGER = "challenger"
EMPTY = EmptyState(
    code="first-use",
    title="No version yet",
    text="Each training that succeeds adds one, and so does an import.",
)


@with_twins(router, "/models/{model}/versions")
def versions(visit: Here, model: ModelPath, registry: Registry, asked: Asked) -> Response:
    tenant_id = visit.actor.tenant_id
    view = registry.models.model(tenant_id, model)
    listing = listing_of(visit, view)

    def read(cursor: str | None) -> Page[VersionView]:
        return registry.models.versions(
            tenant_id, model, limit=asked.limit, cursor=cursor, count=Counting.ESTIMATE
        )

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    table = listing.table(visit, read(asked.cursor), empty=EMPTY, checked=view.latest_number > 1)
    compare = visit.url("models", view.slug, "compare") if view.latest_number > 1 else ""
    page = ListPage(
        title=f"Versions of {view.name}", lead="The newest first.", table=table, compare_href=compare
    )
    return visit.page(
        "machine_learning/list.html", page, title=page.title, crumbs=crumbs(visit, view, "Versions")
    )


def listing_of(visit: Visit, model: ModelView) -> Listing[VersionView]:
    def href(version: VersionView) -> str:
        return visit.url("models", model.slug, v=version.number)

    return Listing(
        id="versions",
        caption=f"Versions of {model.name}",
        key=lambda version: f"v{version.number}",
        href=href,
        columns=(
            ListColumn(
                title="Version",
                name="number",
                cell=lambda v: Link(f"version {v.number}", href(v)),
                value=lambda v: v.number,
            ),
            ListColumn(title="Used as", name="aliases", cell=_use, value=lambda v: v.aliases),
            ListColumn(
                title="Algorithm",
                name="algorithm",
                cell=lambda v: Text(v.algorithm),
                value=lambda v: v.algorithm,
            ),
            ListColumn(
                title="Trained",
                name="created_at",
                cell=lambda v: visit.moment(v.created_at),
                value=lambda v: v.created_at,
            ),
            ListColumn(
                title="On",
                name="dataset",
                cell=lambda v: Text(v.dataset or "imported"),
                value=lambda v: v.dataset,
            ),
            _measured("PR AUC [95 %]", "average_precision"),
            _measured("Precision", "precision", short=True),
            _measured("Recall", "recall", short=True),
            ListColumn(
                title="Flags",
                name="alert_rate",
                cell=lambda v: Number(percent(v.alert_rate), exact=str(v.alert_rate)),
                value=lambda v: v.alert_rate,
                numeric=True,
            ),
            ListColumn(
                title="Fit",
                name="fit_seconds",
                cell=_fit,
                value=lambda v: v.summary.get("fit_seconds"),
                numeric=True,
            ),
            ListColumn(
                title="Size",
                name="size",
                cell=lambda v: Number(size_text(v.size), exact=f"{v.size:,} bytes"),
                value=lambda v: v.size,
                numeric=True,
            ),
        ),
    )


def actions_on(visit: Visit, model: ModelView, version: VersionView) -> tuple[Link, ...]:
    """What the visitor's role and the version's state allow; each is confirmed on a page of its own."""
    here = ("models", model.slug, "versions", str(version.number))
    links = []
    if version.state == "quarantined" and visit.may("models:accept"):
        links.append(Link("Accept", visit.url(*here, "acceptance")))
    if visit.may("models:write"):
        if version.state == "ready":
            links += [
                Link(f"Make {alias}", visit.url("models", model.slug, "alias", name=alias, v=version.number))
                for alias in (CHAMPION, CHALLENGER)
                if alias not in version.aliases
            ]
        links += [
            Link(f"Take {alias} away", visit.url("models", model.slug, "alias", "removal", name=alias))
            for alias in version.aliases
        ]
        if version.state != "quarantined" and not version.aliases:
            word = "Take out of the archive" if version.state == "archived" else "Archive"
            links.append(Link(word, visit.url(*here, "archive")))
        if not version.aliases:
            links.append(Link("Delete version", visit.url(*here, "deletion")))
    links.append(Link("Download file", visit.url(*here, "file")))
    links.append(Link("Download card", visit.url(*here, "card.md")))
    return tuple(links)


def _use(version: VersionView) -> Cell:
    words = [*version.aliases, *([] if version.state == "ready" else [version.state])]
    return Text(", ".join(words))


def _fit(version: VersionView) -> Number:
    seconds = version.summary.get("fit_seconds")
    return Number("" if seconds is None else f"{seconds:.3g} s")


def _measured(title: str, name: str, *, short: bool = False) -> ListColumn[VersionView]:
    def cell(version: VersionView) -> Number:
        value = measure(version.metrics, name)
        if value is None:
            return Number("no labels" if name == "average_precision" else "")
        words = interval((version.metrics or {})[name])
        return Number(f"{value:.3g}" if short else words, exact=f"{value} ({words})")

    return ListColumn(
        title=title, name=name, cell=cell, value=lambda v: measure(v.metrics, name), numeric=True
    )
