"""Runs as a table."""

from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.presentation.pages.runs_words import (
    Named,
    count_text,
    dataset_of,
    duration_text,
    run_href,
    scored_by,
    seconds_of,
    state_of,
)
from core.domain.public_ids import shown
from core.domain.wording import share
from core.presentation.listing import ListColumn, Listing
from core.presentation.parts import Link, Number, Text
from core.presentation.visit import Visit


def listing_of(visit: Visit, named: Named, *, can_sort: bool = True) -> Listing[RunView]:
    """``named`` has the detectors of the runs that are shown; the twins need none."""
    return Listing(
        id="runs",
        caption="Runs",
        key=lambda run: shown("run", run.id),
        href=lambda run: run_href(visit, run),
        columns=(
            ListColumn(
                title="Run",
                name="run",
                cell=lambda run: Link(scored_by(run, named), run_href(visit, run)),
                value=lambda run: shown("run", run.id),
            ),
            ListColumn(
                title="Dataset",
                name="dataset",
                cell=lambda run: Text(dataset_of(run)),
                value=lambda run: run.dataset_slug,
            ),
            ListColumn(title="State", name="state", cell=state_of, value=lambda run: str(run.state)),
            ListColumn(
                title="Rows",
                name="rows",
                cell=lambda run: Number(count_text(run.rows)),
                value=lambda run: run.rows,
                numeric=True,
            ),
            ListColumn(
                title="Anomalies",
                name="anomalies",
                cell=_anomalies,
                value=lambda run: run.anomalies,
                numeric=True,
            ),
            ListColumn(
                title="Started",
                name="created_at",
                cell=lambda run: visit.moment(run.created_at),
                value=lambda run: run.created_at,
                sort="created_at" if can_sort else "",
            ),
            ListColumn(
                title="Duration",
                name="seconds",
                cell=lambda run: Number(duration_text(seconds_of(run))),
                value=seconds_of,
                numeric=True,
            ),
        ),
    )


def _anomalies(run: RunView) -> Number:
    if run.anomalies is None:
        return Number("")
    exact = f"{share(run.anomalies / run.rows)} of the rows" if run.rows else ""
    return Number(f"{run.anomalies:,}", exact=exact)
