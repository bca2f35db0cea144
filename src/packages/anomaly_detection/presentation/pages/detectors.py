"""Named detectors: the list, and what is done to one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from anomaly_detection.api import Definitions, Runs
from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.presentation.pages.detectors_words import detector_href, precision_text
from anomaly_detection.presentation.pages.runs_filters import MOST_OFFERED
from anomaly_detection.presentation.pages.runs_words import count_text, state_of
from core.domain.ids import TenantId
from core.domain.page import Counting, Page
from core.domain.public_ids import shown
from core.presentation.http import from_state, requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import Cell, EmptyState, Link, Number, Table, Text
from core.presentation.visit import Here, Visit
from data_platform.api import DatasetNotFound, Datasets, DatasetView

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("detectors:read")],
)
Detectors = Annotated[Definitions, Depends(from_state(Definitions))]
RunService = Annotated[Runs, Depends(from_state(Runs))]
DatasetService = Annotated[Datasets, Depends(from_state(Datasets))]
RECOMMENDED = 3  # datasets that a first detector is offered for


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDetector:
    detector: DetectorView
    dataset: str  # slug; empty: none
    run: RunView | None  # the newest
    precision: Precision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorsPage:
    table: Table
    new_href: str


@with_twins(router, "/detectors")
def list_detectors(
    visit: Here,
    detectors: Detectors,
    runs: RunService,
    datasets: DatasetService,
    asked: Asked,
    *,
    sort: Annotated[Literal["created_at", "-created_at", "name", "-name"], Query()] = "name",
) -> Response:
    tenant_id = visit.actor.tenant_id

    def read(cursor: str | None, limit: int = 500) -> Page[ListedDetector]:
        page = detectors.queries.page(
            tenant_id, sort=sort, limit=limit, cursor=cursor, count=Counting.ESTIMATE
        )
        return page.of(with_news(tenant_id, page.items, runs, datasets))

    listing = listing_of(visit)
    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    page = read(asked.cursor, asked.limit)
    offered = () if page.items else _newest(tenant_id, datasets)
    context = DetectorsPage(
        table=listing.table(visit, page, empty=_no_detector(visit, offered), sort=sort),
        new_href=visit.url("detectors", "new") if visit.may("detectors:write") else "",
    )
    return visit.page("anomaly_detection/detector_list.html", context, title="Detectors")


@router.post("/detectors/{detector}/delete", dependencies=[requires("detectors:write")])
def delete_detector(visit: Here, detector: str, form: Form, detectors: Detectors) -> Response:
    version = form.text("version")
    detectors.delete(visit.actor, detector, version=int(version) if version.isdigit() else None)
    return visit.go(visit.url("detectors"), "The detector is deleted. Its runs stay.")


def with_news(
    tenant_id: TenantId, found: Sequence[DetectorView], runs: Runs, datasets: Datasets
) -> list[ListedDetector]:
    ids = [each.id for each in found]
    newest, precision = runs.queries.latest(tenant_id, ids), runs.precision.of_detectors(tenant_id, ids)
    slugs = dataset_slugs(tenant_id, found, datasets)
    return [
        ListedDetector(
            detector=each,
            dataset=slugs.get(each.dataset_id, "") if each.dataset_id else "",
            run=newest.get(each.id),
            precision=precision.get(each.id),
        )
        for each in found
    ]


def dataset_slugs(
    tenant_id: TenantId, found: Sequence[DetectorView], datasets: Datasets
) -> Mapping[UUID, str]:
    """Of the datasets of these detectors; deleted ones are left out."""
    wanted = {each.dataset_id for each in found if each.dataset_id}
    if not wanted:
        return {}
    page = datasets.queries.page(tenant_id, search=None, sort="name", limit=MOST_OFFERED, cursor=None)
    slugs: dict[UUID, str] = {each.id: each.slug for each in page.items if each.id in wanted}
    for missing in wanted - slugs.keys() if page.next_cursor else ():
        try:
            slugs[missing] = datasets.queries.get(tenant_id, shown("ds", missing)).slug
        except DatasetNotFound:
            continue
    return slugs


def listing_of(visit: Visit) -> Listing[ListedDetector]:
    return Listing(
        id="detectors",
        caption="Detectors",
        key=lambda each: shown("det", each.detector.id),
        href=lambda each: detector_href(visit, each.detector),
        columns=(
            ListColumn(
                title="Detector",
                name="detector",
                cell=lambda each: Link(each.detector.name, detector_href(visit, each.detector)),
                value=lambda each: each.detector.slug,
                sort="name",
            ),
            ListColumn(
                title="Dataset",
                name="dataset",
                cell=lambda each: (
                    Link(each.dataset, visit.url("datasets", each.dataset)) if each.dataset else Text("any")
                ),
                value=lambda each: each.dataset,
            ),
            ListColumn(
                title="Method",
                name="algorithm",
                cell=lambda each: Text(each.detector.configuration["algorithm"]),
                value=lambda each: each.detector.configuration["algorithm"],
            ),
            ListColumn(
                title="Last run",
                name="last_run",
                cell=lambda each: visit.moment(each.run.created_at) if each.run else Text("never"),
                value=lambda each: each.run and each.run.created_at,
            ),
            ListColumn(
                title="State",
                name="state",
                cell=_state,
                value=lambda each: str(each.run.state) if each.run else None,
            ),
            ListColumn(
                title="Anomalies",
                name="anomalies",
                cell=lambda each: Number(count_text(each.run.anomalies) if each.run else ""),
                value=lambda each: each.run and each.run.anomalies,
                numeric=True,
            ),
            ListColumn(
                title="Label precision",
                name="precision",
                cell=lambda each: Text(precision_text(each.precision)),
                value=lambda each: each.precision and each.precision.value,
            ),
            ListColumn(
                title="Created",
                name="created_at",
                cell=lambda each: visit.moment(each.detector.created_at),
                value=lambda each: each.detector.created_at,
                sort="created_at",
            ),
        ),
    )


def _state(each: ListedDetector) -> Cell:
    return state_of(each.run) if each.run else Text("")


def _newest(tenant_id: TenantId, datasets: Datasets) -> Sequence[DatasetView]:
    return datasets.queries.page(
        tenant_id, search=None, sort="-created_at", limit=RECOMMENDED, cursor=None
    ).items


def _no_detector(visit: Visit, offered: Sequence[DatasetView]) -> EmptyState:
    actions = [
        Link(f"Recommended detector for {each.name}", visit.url("detectors", "new", dataset=each.slug))
        for each in offered
    ]
    return EmptyState(
        code="first-use",
        title="No detector yet",
        text="A detector keeps how a dataset is searched, so that it can be run again. Those you make appear here with what "
        "they last found.",
        actions=tuple(actions or [Link("Add a dataset", visit.url("datasets", "new"))])
        if visit.may("detectors:write")
        else (),
    )
