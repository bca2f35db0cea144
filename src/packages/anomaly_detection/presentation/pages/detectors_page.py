"""One detector: how it searches, how much it found, run by run."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import APIRouter, Response

from anomaly_detection.api import Definitions
from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.application.runs.ports import RunFilter, RunView
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.presentation.pages.baseline import baseline_run, clear_button, flagged_share
from anomaly_detection.presentation.pages.detectors import (
    DatasetService,
    Detectors,
    RunService,
    dataset_slugs,
)
from anomaly_detection.presentation.pages.detectors_state import DetectorState, state_of_detector
from anomaly_detection.presentation.pages.detectors_volume import volume_chart
from anomaly_detection.presentation.pages.detectors_words import (
    changes_text,
    columns_text,
    detector_href,
    parameters_text,
    precision_text,
    sensitivity_text,
)
from anomaly_detection.presentation.pages.run_result import JobService
from anomaly_detection.presentation.pages.runs_filters import dataset_options
from anomaly_detection.presentation.pages.runs_listing import listing_of
from anomaly_detection.presentation.pages.runs_words import run_href
from core.domain.errors import DomainError
from core.domain.page import Page
from core.domain.wording import share
from core.presentation.charts.chart import Chart
from core.presentation.http import requires
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Button, Cell, EmptyState, Field, Link, Option, Table, Text
from core.presentation.visit import Here, Visit
from data_platform.api import Datasets

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("detectors:read")],
)
RUNS_SHOWN, RUNS_DRAWN = 10, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorPage:
    """``where`` asks for the dataset to run on, where the detector has none; ``baseline`` clears the baseline."""

    name: str
    description: str
    run_action: str
    run_values: tuple[tuple[str, str], ...]
    where: Field | None
    links: tuple[Link, ...]
    delete: Button | None
    baseline: Button | None
    facts: tuple[tuple[str, Cell], ...]
    chart: Chart | None
    state: DetectorState | None
    runs: Table
    all_runs: Link


@router.get("/detectors/{detector}")
def show_detector(
    visit: Here,
    detector: str,
    detectors: Detectors,
    runs: RunService,
    datasets: DatasetService,
    jobs: JobService,
) -> Response:
    tenant_id = visit.actor.tenant_id
    view = detectors.queries.get(tenant_id, detector)
    dataset = next(iter(dataset_slugs(tenant_id, [view], datasets).values()), "")
    wanted = RunFilter(detector=view.id)
    newest = runs.queries.runs(tenant_id, wanted, sort="-created_at", limit=RUNS_DRAWN, cursor=None).items
    precision = runs.precision.of_detectors(tenant_id, [view.id]).get(view.id)
    state = state_of_detector(visit, newest, jobs)
    may_run, may_write = visit.may("runs:write"), visit.may("detectors:write")
    where = None if dataset or not may_run else _where(visit, datasets)
    page = DetectorPage(
        name=view.name,
        description=view.description,
        run_action=visit.url("runs") if may_run else "",
        run_values=(("detector", view.slug), *((("dataset", dataset),) if dataset else ())),
        where=where,
        links=_links(visit, view) if may_write else (),
        delete=_delete(visit, view) if may_write else None,
        baseline=clear_button(visit, view) if may_write and view.baseline_run_id else None,
        facts=(
            *_facts(visit, view, dataset=dataset, detectors=detectors, precision=precision),
            *_changes(view, newest),
            ("Baseline", _baseline(visit, baseline_run(runs.queries, tenant_id, view))),
        ),
        chart=volume_chart(visit, newest, csv_href=visit.here(chart="volume")),
        state=state,
        runs=_runs(visit, view, newest),
        all_runs=Link("All its runs", visit.url("runs", detector=view.slug)),
    )
    crumbs = (Link("Detectors", visit.url("detectors")), Link(view.name, ""))
    return visit.page(
        "anomaly_detection/detector.html",
        page,
        title=view.name,
        crumbs=crumbs,
        refresh_seconds=state.refresh_seconds if state else 0,
    )


def _changes(view: DetectorView, newest: Sequence[RunView]) -> tuple[tuple[str, Cell], ...]:
    """Since the newest run."""
    words = changes_text(newest[0].configuration, view.configuration) if newest else ""
    return (("Changed since its last run", Text(words)),) if words else ()


def _baseline(visit: Visit, run: RunView | None) -> Cell:
    if run is None:
        return Text("None: set one on the page of a run")
    words = f"Run of {visit.moment(run.created_at).shown}: {share(flagged_share(run))} flagged"
    return Link(words, run_href(visit, run))


def _links(visit: Visit, view: DetectorView) -> tuple[Link, ...]:
    edit = visit.url("detectors", "new", edit=view.slug, version=view.version, step="method")
    return Link("Edit", edit), Link("Clone", visit.url("detectors", "new", copy=view.slug, step="method"))


def _delete(visit: Visit, view: DetectorView) -> Button:
    return Button(
        text=f"Delete {view.name}",
        action=detector_href(visit, view, "delete"),
        values=(("version", str(view.version)),),
        style="danger",
    )


def _where(visit: Visit, datasets: Datasets) -> Field:
    options = tuple(Option(slug, name) for slug, name in dataset_options(visit, datasets))
    return Field(name="dataset", label="Run on", kind="select", options=options, required=True)


def _facts(
    visit: Visit, view: DetectorView, *, dataset: str, detectors: Definitions, precision: Precision | None
) -> tuple[tuple[str, Cell], ...]:
    stored = view.configuration
    try:
        method = detectors.catalogue.algorithm(stored["algorithm"]).title
    except DomainError:  # of a catalogue that had it
        method = stored["algorithm"]
    return (
        ("Dataset", Link(dataset, visit.url("datasets", dataset)) if dataset else Text("Any")),
        ("Method", Text(method)),
        ("Settings", Text(parameters_text(stored["parameters"]))),
        ("Columns", Text(columns_text(stored["columns"]))),
        ("Flags", Text(sensitivity_text(stored["contamination"]))),
        ("Label precision", Text(precision_text(precision) or "No label on a flagged row yet")),
        ("Created", visit.moment(view.created_at)),
    )


def _runs(visit: Visit, view: DetectorView, newest: Sequence[RunView]) -> Table:
    listing = listing_of(visit, {view.id: view}, can_sort=False)
    empty = EmptyState(
        code="first-use",
        title="Not run yet",
        text="Each run of this detector appears here with what it found. Choose Run now.",
    )
    table = listing.table(visit, Page(tuple(newest[:RUNS_SHOWN]), None), empty=empty)
    return replace(table, pager=None, twins=())
