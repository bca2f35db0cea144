"""What a draft of a detector would flag, while somebody waits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from anomaly_detection.api import Scoring
from anomaly_detection.application.scoring.limits import TooHeavy
from anomaly_detection.application.scoring.preview_detector import DetectorPreview, PreviewedRow
from anomaly_detection.domain.detector import FitFailed, TooFewRows
from anomaly_detection.presentation.http.fitting_slots import FittingSlots
from anomaly_detection.presentation.pages.wizard_state import Draft
from core.domain.actor import Actor
from core.domain.errors import DomainError, TooMany, Unavailable
from core.domain.ids import TenantId
from core.domain.wording import count, share
from core.presentation.forms import told
from core.presentation.parts import Badge, Cell, Column, Notice, Number, Row, Table, Text
from data_platform.api import NoUsableColumn

LONGEST_SECONDS = 12
MOST_CELLS = 3  # of an example, beside what the reason names
AFTERWARDS = "Save it and run it: a run has no such limit."

T = TypeVar("T")


class PreviewTooSlow(Unavailable):
    title = "The preview takes too long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """``answer`` is the sentence that counts; ``notice`` stands there instead where there is none."""

    answer: str = ""
    note: str = ""
    table: Table | None = None
    notice: Notice | None = None


async def previewed(slots: FittingSlots, scoring: Scoring, actor: Actor, draft: Draft) -> Preview:
    try:
        work = partial(scoring.preview, actor, draft.configuration(), draft.dataset)
        return shown(await in_time(slots, actor.tenant_id, work))
    except DomainError as error:
        return Preview(notice=refusal(error))


async def in_time(
    slots: FittingSlots, tenant_id: TenantId, work: Callable[[], T], *, seconds: float = LONGEST_SECONDS
) -> T:
    """What ``work`` gives, waiting for its turn included. A thread cannot be stopped: it keeps its turn until it is done.

    Raises PreviewTooSlow, TooManyFits, FittersBusy.
    """
    task = asyncio.create_task(slots.run(tenant_id, work))
    done, _ = await asyncio.wait({task}, timeout=seconds)
    if done:
        return task.result()
    task.add_done_callback(lambda late: late.cancelled() or late.exception())  # nobody asks for it any more
    raise PreviewTooSlow(
        f"The method did not learn from the sample within {seconds:g} seconds.", fix=AFTERWARDS
    )


def refusal(error: DomainError) -> Notice:
    """Which of the reasons there can be."""
    match error:
        case TooHeavy():
            return Notice(
                kind="warning", title="No preview of this method", text=f"{error.detail} {AFTERWARDS}"
            )
        case TooFewRows():
            words = f"{error.detail} Add rows to the dataset, or choose another."
            return Notice(kind="warning", title="Too few rows for a preview", text=words)
        case NoUsableColumn():
            words = f"{error.detail} {error.fix}"
            return Notice(kind="warning", title="No column to learn from", text=words.strip())
        case FitFailed():
            words = f"{error.detail} {error.fix} Choose another method or other columns."
            return Notice(kind="warning", title="The method cannot learn from these rows", text=words)
        case TooMany():
            return Notice(
                kind="warning", title="Previews are busy", text=f"{error.detail} Try again in a moment."
            )
    return told(error)


def shown(found: DetectorPreview) -> Preview:
    is_sample = found.sampled < found.rows
    if not found.flagged:
        answer = f"Would flag none of {count(found.rows, 'row')}."
    else:
        part, about = share(found.flagged / found.sampled), "about " if is_sample else ""
        answer = f"Would flag {about}{found.expected:,} of {count(found.rows, 'row')} ({part})."
    notes = (
        f"Tried on a random sample of {found.sampled:,}, of which {found.flagged:,} would be flagged."
        if is_sample
        else "",
        "" if found.flagged else "No row stands out so far: choose a larger share, or another method.",
        found.description,
    )
    table = _table(found.examples) if found.examples else None
    return Preview(answer=answer, note=" ".join(filter(None, notes)), table=table)


def _table(rows: tuple[PreviewedRow, ...]) -> Table:
    names = list(rows[0].cells)[:MOST_CELLS]
    return Table(
        id="preview-rows",
        caption="The highest scores among them",
        columns=(
            Column("Score"),
            Column("Row", numeric=True),
            Column("Why"),
            *(Column(name) for name in names),
        ),
        rows=tuple(Row(f"preview-{each.row}", _cells(each, names)) for each in rows),
    )


def _cells(row: PreviewedRow, names: list[str]) -> tuple[Cell, ...]:
    values = (row.cells[name] for name in names)
    return (
        Badge(row.score * 100, row.severity.rank),
        Number(f"{row.row:,}"),
        Text(row.reason),
        *(
            Text("" if value is None else f"{value:,g}" if isinstance(value, float) else str(value))
            for value in values
        ),
    )
