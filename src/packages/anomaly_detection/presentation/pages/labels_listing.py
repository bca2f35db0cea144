"""The queue of rows to label as a table and its twins."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from anomaly_detection.api import Definitions, Runs
from anomaly_detection.application.labels.ports import QueuedRow
from anomaly_detection.application.runs.ports import RunView
from anomaly_detection.presentation.pages.run_result_rows import (
    answers_of,
    run_tail,
)
from anomaly_detection.presentation.pages.runs_words import dataset_of, run_href, scored_by
from core.domain.ids import TenantId
from core.domain.public_ids import shown
from core.presentation.listing import ListColumn, Listing
from core.presentation.parts import Badge, Cell, Link, Text
from core.presentation.visit import Visit

LONGEST_REASON = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEntry:
    """``scorer``: the detector, model or algorithm whose run keeps the row."""

    queued: QueuedRow
    run: RunView
    scorer: str


def with_runs(
    tenant_id: TenantId, found: Sequence[QueuedRow], runs: Runs, detectors: Definitions
) -> list[QueueEntry]:
    """Without rows of a run that was deleted meanwhile."""
    known = runs.queries.these(tenant_id, {each.run_id for each in found})
    named = detectors.queries.named(tenant_id, {run.detector_id for run in known.values() if run.detector_id})
    return [
        QueueEntry(queued=each, run=run, scorer=scored_by(run, named))
        for each in found
        if (run := known.get(each.run_id)) is not None
    ]


def listing_of(visit: Visit) -> Listing[QueueEntry]:
    return Listing(
        id="queue",
        caption="Rows without a label, the nearest to the threshold first",
        key=lambda each: f"row-{run_tail(each.run)}-{each.queued.row}",
        href=partial(_href, visit),
        columns=(
            ListColumn(
                title="Score", name="score", cell=_badge, value=lambda each: each.queued.score, numeric=True
            ),
            ListColumn(
                title="Row",
                name="row",
                cell=lambda each: Link(f"{each.queued.row:,}", _href(visit, each)),
                value=lambda each: each.queued.row,
            ),
            ListColumn(
                title="Dataset",
                name="dataset",
                cell=lambda each: Text(dataset_of(each.run)),
                value=lambda each: dataset_of(each.run),
            ),
            ListColumn(
                title="Scored by",
                name="scored_by",
                cell=lambda each: Link(each.scorer, run_href(visit, each.run)),
                value=lambda each: each.scorer,
            ),
            ListColumn(
                title="Why",
                name="reason",
                cell=lambda each: Text(each.queued.reason[:LONGEST_REASON]),
                value=lambda each: each.queued.reason,
            ),
            ListColumn(
                title="Label",
                name="run",
                cell=partial(_answers, visit),
                value=lambda each: shown("run", each.run.id),
            ),
        ),
    )


def _href(visit: Visit, entry: QueueEntry) -> str:
    return run_href(visit, entry.run, "rows", str(entry.queued.row))


def _badge(entry: QueueEntry) -> Cell:
    return Badge(100 * entry.queued.score, entry.run.cut_offs.of(entry.queued.score).rank)


def _answers(visit: Visit, entry: QueueEntry) -> Cell:
    if not visit.may("labels:write"):
        return Text("")
    return answers_of(visit, entry.run, entry.queued.row, None)
