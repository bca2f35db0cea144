"""A detector's baseline: the run that its later ones are measured against."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from anomaly_detection.api import Definitions
from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.application.runs.ports import RunQueries, RunView
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import no_run
from anomaly_detection.presentation.pages.detectors_words import detector_href
from anomaly_detection.presentation.pages.runs_words import Named, run_href
from core.domain.ids import TenantId
from core.domain.public_ids import parsed, shown
from core.domain.wording import rounded, share
from core.presentation.http import from_state, requires
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import Button, Link
from core.presentation.visit import Here, Visit, local

router = APIRouter(
    prefix="/t/{tenant}",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("detectors:write")],
)
Detectors = Annotated[Definitions, Depends(from_state(Definitions))]
LEAST_TIMES, MOST_TIMES = 0.1, 1_000  # beyond, the two shares say more


@router.post("/detectors/{detector}/baseline")
def set_baseline(visit: Here, detector: str, form: Form, detectors: Detectors) -> Response:
    """To the run that the form names, or to none."""
    tenant_id, text = visit.actor.tenant_id, form.text("run")
    run_id = parsed("run", text)
    if text and run_id is None:
        raise no_run()
    refers = None if run_id is None else RunId(run_id)
    detectors.change(
        visit.actor, detector, version=None, words={}, configuration={}, refers={"baseline_run": refers}
    )
    view = detectors.queries.get(tenant_id, detector)
    said = "has this run as its baseline now" if refers else "has no baseline any more"
    return visit.go(local(form.text("back")) or detector_href(visit, view), f"{view.name} {said}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How a finished run stands to its detector's baseline: ``run`` is the baseline, None where there is none."""

    detector: DetectorView
    of: RunView
    run: RunView | None

    @property
    def is_this(self) -> bool:
        return self.run is not None and self.run.id == self.of.id

    def words(self, visit: Visit) -> str:
        if self.run is None:
            return ""
        if self.is_this:
            return f"This run is the baseline of {self.detector.name}."
        when = visit.moment(self.run.created_at).shown
        return f"Baseline run of {when}: {against(flagged_share(self.run), flagged_share(self.of))}"

    def compare_link(self, visit: Visit) -> Link | None:
        """Where both searched the same rows."""
        if self.run is None or self.is_this or self.run.dataset_version_id != self.of.dataset_version_id:
            return None
        href = f"{run_href(visit, self.of, 'compare')}?with={shown('run', self.run.id)}"
        return Link("Compare with baseline", href)

    def button(self, visit: Visit) -> Button | None:
        if not visit.may("detectors:write"):
            return None
        if self.is_this:
            return clear_button(visit, self.detector, back=run_href(visit, self.of))
        values = (("run", shown("run", self.of.id)), ("back", run_href(visit, self.of)))
        return Button(
            text="Set as baseline", action=detector_href(visit, self.detector, "baseline"), values=values
        )


def baseline_of(queries: RunQueries, tenant_id: TenantId, run: RunView, named: Named) -> Baseline | None:
    """None where no detector that still exists made the run."""
    detector = named.get(run.detector_id) if run.detector_id else None
    if detector is None:
        return None
    return Baseline(detector=detector, of=run, run=baseline_run(queries, tenant_id, detector))


def baseline_run(queries: RunQueries, tenant_id: TenantId, detector: DetectorView) -> RunView | None:
    wanted = detector.baseline_run_id
    return None if wanted is None else queries.these(tenant_id, [wanted]).get(wanted)


def clear_button(visit: Visit, detector: DetectorView, *, back: str = "") -> Button:
    action = detector_href(visit, detector, "baseline")
    return Button(text="Clear the baseline", action=action, values=(("back", back),) if back else ())


def against(before: float, now: float) -> str:
    """Shares that were flagged: ``0.27 %; this run flags 1.4 times that share.``"""
    if share(before) == share(now):
        return f"{share(before)}; this run flags the same share."
    times = now / before if before else 0.0
    if not LEAST_TIMES <= times <= MOST_TIMES:
        return f"{share(before)}; this run flags {share(now)}."
    return f"{share(before)}; this run flags {rounded(times)} times that share."


def flagged_share(run: RunView) -> float:
    """At the thresholds in force."""
    return (run.anomalies or 0) / run.rows if run.rows else 0.0
