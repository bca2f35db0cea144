"""Many labels taken back at once, by who gave them at once."""

from fastapi import Response

from anomaly_detection.api import Labels
from anomaly_detection.application.labels.undo_labels import UNDO_FOR, Undone
from anomaly_detection.domain.ids import LabelBatchId
from anomaly_detection.presentation.http.label_filters import BatchPath
from anomaly_detection.presentation.pages.labels_shared import LabelService, label_router
from core.domain.public_ids import shown
from core.domain.wording import count
from core.presentation.http import requires
from core.presentation.page_routes import Form
from core.presentation.parts import Button, Notice
from core.presentation.visit import Here, Visit, local

router = label_router()


@router.post("/labels/batches/{batch}/undo", dependencies=[requires("labels:write")])
def undo_labels(visit: Here, batch: BatchPath, form: Form, labels: LabelService) -> Response:
    undone = labels.undo(visit.actor, batch)
    run = visit.url("runs", shown("run", undone.run_id)) if undone.run_id else visit.url("labels", "history")
    return visit.go(local(form.text("back")) or run, _told(undone))


def undo_notices(visit: Visit, labels: Labels) -> tuple[Notice, ...]:
    """Of what the visitor labelled at once and can still take back."""
    user_id = visit.actor.user_id
    if user_id is None or not visit.may("labels:write"):
        return ()
    found = labels.queries.batches(visit.actor.tenant_id, user_id, since=visit.site.clock() - UNDO_FOR)
    return tuple(
        Notice(
            title=f"You labelled {count(batch.rows, 'row')} at once, {visit.moment(batch.at).shown}.",
            action=Button(
                text="Undo",
                action=undo_href(visit, batch.id),
                values=(("back", visit.here()),),
                label=f"Undo {count(batch.rows, 'label')}",
            ),
        )
        for batch in found
    )


def undo_href(visit: Visit, batch_id: LabelBatchId) -> str:
    return visit.url("labels", "batches", shown("lbl", batch_id), "undo")


def _told(undone: Undone) -> str:
    if not undone.taken_back:
        return "Nothing to take back: every row was changed since, or taken back already."
    words = {0: "", 1: " 1 was changed since and stays."}
    stay = words.get(undone.kept, f" {undone.kept:,} were changed since and stay.")
    return f"{count(undone.taken_back, 'label')} taken back.{stay}"
