"""What happened to a model: who moved its aliases and thresholds and who trained it, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.presentation.parts import Column, EmptyState, Row, Table, Text
from core.presentation.visit import Visit
from machine_learning.api import ModelRegistry
from machine_learning.application.registry.ports import AliasMove, ThresholdMove, TrainingRunView
from machine_learning.presentation.pages.shared import (
    Names,
    percent,
)

SHOWN = 8  # events on the model's own page
REASONS = {
    "first_version": "the first version",
    "promoted": "promoted",
    "rolled_back": "rolled back",
    "removed": "taken away",
    "moved": "threshold moved",
    "undone": "move of the threshold undone",
}
NOTHING = EmptyState(
    code="first-use", title="Nothing yet", text="What is done with the model is listed here."
)


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    what: str
    why: str
    who: str


def latest(visit: Visit, registry: ModelRegistry, names: Names, model: str) -> Table:
    """Moves of aliases and of thresholds, and trainings, together."""
    tenant_id = visit.actor.tenant_id
    aliases = registry.models.alias_moves(tenant_id, model, limit=SHOWN, cursor=None).items
    thresholds = registry.models.threshold_moves(tenant_id, model, limit=SHOWN, cursor=None).items
    runs = registry.runs.runs(tenant_id, model=model, limit=SHOWN, cursor=None).items
    events = [*_moved(aliases, names), *_recut(thresholds, names), *_trained(runs, names)]
    events.sort(key=lambda event: event.at, reverse=True)
    return Table(
        id="history",
        caption="The latest events",
        columns=tuple(Column(title) for title in ("When", "What", "Why", "Who")),
        rows=tuple(
            Row(f"event-{number}", (visit.moment(e.at), Text(e.what), Text(e.why), Text(e.who)))
            for number, e in enumerate(events[:SHOWN], 1)
        ),
        empty=NOTHING,
    )


def _moved(moves: Sequence[AliasMove], names: Names) -> Iterator[Event]:
    for move in moves:
        to = f"version {move.after}" if move.after else "no version"
        before = f", before: version {move.before}" if move.before else ""
        who = names(move.user_id, move.key_id)
        yield Event(move.at, f"{move.alias} is {to}{before}", why(move), who)


def _recut(moves: Sequence[ThresholdMove], names: Names) -> Iterator[Event]:
    for move in moves:
        what = f"Version {move.number} flags {percent(move.after)}, before: {percent(move.before)}"
        yield Event(move.at, what, why(move), names(move.user_id, move.key_id))


def why(move: AliasMove | ThresholdMove) -> str:
    return REASONS[move.reason] + (f": {move.note}" if move.note else "")


def _trained(runs: Sequence[TrainingRunView], names: Names) -> Iterator[Event]:
    for run in runs:
        what = "Import of a file" if run.dataset is None else f"Training on {run.dataset}"
        result = f": version {run.number}" if run.number else f": {run.job.state}"
        yield Event(run.created_at, what + result, how(run), names(run.user_id, run.key_id))


def how(run: TrainingRunView) -> str:
    if not run.configuration:
        return ""
    rate = run.configuration.get("contamination")
    threshold = "threshold found from the scores" if rate is None else f"flagging {percent(rate)}"
    return f"{run.configuration['algorithm']}, {threshold}"
