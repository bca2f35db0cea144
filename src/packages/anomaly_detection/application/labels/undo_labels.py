"""Take back what one act labelled, as long as nobody has said anything else since."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from anomaly_detection.application.labels.label_rows import audited
from anomaly_detection.application.labels.ports import LabelTransaction, LabelUnitOfWork
from anomaly_detection.domain.ids import LabelBatchId, RunId
from anomaly_detection.domain.labels.label import Label, LabelChange
from core.domain.actor import Actor
from core.domain.errors import Conflict, Forbidden, NotFound

UNDO_FOR = timedelta(minutes=10)


class LabelBatchNotFound(NotFound):
    title = "There is no such batch of labels"


class NotYourLabels(Forbidden):
    title = "Somebody else gave these labels"


class TooLateToUndo(Conflict):
    title = "It is too late to undo this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """``run_id``: where the labels were given. ``kept`` rows were changed since."""

    run_id: RunId | None
    taken_back: int
    kept: int


@dataclass(frozen=True, slots=True)
class UndoLabels:
    """Each row has the verdict again that it had before, or none; the history tells of both."""

    uow: LabelTransaction
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, batch_id: LabelBatchId) -> Undone:
        """Raises LabelBatchNotFound, NotYourLabels, TooLateToUndo."""
        with self.uow(actor) as uow:
            given = uow.batch(batch_id)
            self._check(actor, given)
            labels = uow.labels({change.place for change in given})
            histories = uow.histories(labels)
            since = {place: _since_given(label, histories[place]) for place, label in labels.items()}
            untouched = [place for place, entries in since.items() if entries[0].batch_id == batch_id]
            for place in untouched:
                self._take_back(uow, labels[place], since[place], by=actor)
            uow.commit()
        rows = len({change.place for change in given})
        return Undone(run_id=given[0].run_id, taken_back=len(untouched), kept=rows - len(untouched))

    def _check(self, actor: Actor, given: Sequence[LabelChange]) -> None:
        if not given:
            raise LabelBatchNotFound(
                "No label was given with it.", fix="Use the id that label-batches answered."
            )
        if (given[0].user_id, given[0].key_id) != (actor.user_id, actor.key_id):
            raise NotYourLabels(
                "Only who gave many labels at once takes them back at once.",
                fix="Change the rows one by one.",
            )
        if self.clock() - given[0].at > UNDO_FOR:
            raise TooLateToUndo(
                f"It goes for {UNDO_FOR.seconds // 60} minutes.", fix="Change the rows one by one."
            )

    def _take_back(
        self, uow: LabelUnitOfWork, label: Label, history: Sequence[LabelChange], *, by: Actor
    ) -> None:
        given, said = history[0], audited(label)
        before = next((change for change in history if change.batch_id != given.batch_id), None)
        if before is None or before.verdict is None:
            uow.delete(label)
            now = replace(given, verdict=None, note="")
            uow.audit("label.removed", given.run_id, before=said)
        else:
            label.restore(before)
            now = before
            uow.audit("label.changed", given.run_id, before=said, after=audited(label))
        uow.record(replace(now, batch_id=None, at=self.clock(), user_id=by.user_id, key_id=by.key_id))


def _since_given(label: Label, history: Sequence[LabelChange]) -> Sequence[LabelChange]:
    """The entry that gave the label as it is and those before it: what was taken back after it is passed over."""
    return [change for change in history if change.at <= label.labelled_at]
