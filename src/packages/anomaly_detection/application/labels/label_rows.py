"""Say of rows what they are, and take it back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from anomaly_detection.application.explain_rows import NoSuchRow
from anomaly_detection.application.labels.ports import LabelledRun, LabelTransaction, LabelUnitOfWork
from anomaly_detection.domain.ids import LabelBatchId, RunId
from anomaly_detection.domain.labels.label import Label, LabelChange, Place, Verdict, no_label
from core.domain.actor import Actor
from core.domain.errors import DomainError, Stale


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLabel:
    """``version``: of the label that the caller saw; None where they saw none."""

    run_id: RunId
    row: int
    verdict: Verdict
    note: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class LabelOutcome:
    """Either a label or why there is none. ``is_new``: the row had no label; ``was_so``: it had just this one."""

    label: Label | None = None
    is_new: bool = False
    was_so: bool = False
    refused: DomainError | None = None


@dataclass(frozen=True, slots=True)
class LabelRows:
    """Label rows in one transaction; those that are refused leave the others as they are."""

    uow: LabelTransaction
    clock: Callable[[], datetime]

    def __call__(
        self, actor: Actor, wanted: Sequence[WantedLabel], *, batch_id: LabelBatchId | None = None
    ) -> list[LabelOutcome]:
        """One outcome for each, in their order; with ``batch_id`` they can be taken back together.

        Raises Duplicate where somebody else labels one of the rows just now.
        """
        with self.uow(actor) as uow:
            runs = _runs(uow, {each.run_id for each in wanted})
            sheet = _sheet(uow, wanted, runs, batch_id)
            outcomes = [self._outcome(uow, each, runs[each.run_id], sheet=sheet, by=actor) for each in wanted]
            uow.commit()
        return outcomes

    def _outcome(
        self,
        uow: LabelUnitOfWork,
        wanted: WantedLabel,
        run: LabelledRun | DomainError,
        *,
        sheet: "_Sheet",
        by: Actor,
    ) -> LabelOutcome:
        try:
            place = _place(run, wanted.row)
            label = sheet.labels.get(place)
            if label is None:
                sheet.labels[place] = made = self._made(uow, wanted, place, sheet=sheet, by=by)
                return LabelOutcome(made, is_new=True)
            is_so = (label.verdict, label.note) == (wanted.verdict, wanted.note)
            if not (is_so and wanted.version is None):
                label.require_version(wanted.version)
            if is_so:
                return LabelOutcome(label, was_so=True)
            self._change(uow, label, wanted, batch_id=sheet.batch_id, by=by)
            return LabelOutcome(label)
        except DomainError as error:
            return LabelOutcome(refused=error)

    def _made(
        self, uow: LabelUnitOfWork, wanted: WantedLabel, place: Place, *, sheet: "_Sheet", by: Actor
    ) -> Label:
        if wanted.version is not None:
            raise Stale(
                f"Row {wanted.row} has no label any more.", fix="Leave the version out to label it anew."
            )
        label = Label(
            tenant_id=by.tenant_id,
            dataset_version_id=place.dataset_version_id,
            row=place.row,
            verdict=wanted.verdict,
            note=wanted.note,
            run_id=wanted.run_id,
            labelled_at=self.clock(),
            user_id=by.user_id,
            key_id=by.key_id,
            version=sheet.next(place),
        )
        uow.add(label)
        uow.record(label.as_change(sheet.batch_id))
        uow.audit("label.created", label.run_id, after=audited(label))
        return label

    def _change(
        self,
        uow: LabelUnitOfWork,
        label: Label,
        wanted: WantedLabel,
        *,
        batch_id: LabelBatchId | None,
        by: Actor,
    ) -> None:
        before = audited(label)
        label.change(wanted.verdict, wanted.note, run_id=wanted.run_id, by=by, at=self.clock())
        uow.record(label.as_change(batch_id))
        uow.audit("label.changed", label.run_id, before=before, after=audited(label))


@dataclass(frozen=True, slots=True)
class RemoveLabel:
    """The row has no verdict afterwards; its history stays."""

    uow: LabelTransaction
    clock: Callable[[], datetime]

    def __call__(self, actor: Actor, run_id: RunId, *, row: int, version: int | None) -> None:
        """Raises RunNotFound, RunNotFinished, NoSuchRow, LabelNotFound, VersionNeeded, Stale."""
        with self.uow(actor) as uow:
            place = _place(uow.run(run_id), row)
            label = uow.labels([place]).get(place)
            if label is None:
                raise no_label(row)
            label.require_version(version)
            uow.delete(label)
            uow.record(
                LabelChange(
                    place=place,
                    verdict=None,
                    note="",
                    run_id=run_id,
                    at=self.clock(),
                    user_id=actor.user_id,
                    key_id=actor.key_id,
                )
            )
            uow.audit("label.removed", run_id, before=audited(label))
            uow.commit()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The labels of the rows in question as they become, and how often labels of the others were changed before."""

    labels: dict[Place, Label]
    changes: Mapping[Place, int]
    batch_id: LabelBatchId | None

    def next(self, place: Place) -> int:
        return self.changes.get(place, 0) + 1


def _sheet(
    uow: LabelUnitOfWork,
    wanted: Sequence[WantedLabel],
    runs: Mapping[RunId, LabelledRun | DomainError],
    batch_id: LabelBatchId | None,
) -> _Sheet:
    found = [(runs[each.run_id], each.row) for each in wanted]
    places = {Place(run.dataset_version_id, row) for run, row in found if isinstance(run, LabelledRun)}
    labels = dict(uow.labels(places))
    return _Sheet(labels, uow.changes(places - labels.keys()), batch_id)


def _runs(uow: LabelUnitOfWork, ids: set[RunId]) -> dict[RunId, LabelledRun | DomainError]:
    found: dict[RunId, LabelledRun | DomainError] = {}
    for run_id in ids:
        try:
            found[run_id] = uow.run(run_id)
        except DomainError as error:
            found[run_id] = error
    return found


def _place(run: LabelledRun | DomainError, row: int) -> Place:
    """Raises NoSuchRow, and ``run`` where it is an error."""
    if isinstance(run, DomainError):
        raise run
    if row >= run.rows:
        raise NoSuchRow(
            f"The run has no row {row}: it has {run.rows:,}.", fix=f"Rows are numbered 0 to {run.rows - 1}."
        )
    return Place(run.dataset_version_id, row)


def audited(label: Label) -> dict[str, object]:
    """Without the note: it may name people."""
    return {
        "dataset_version_id": str(label.dataset_version_id),
        "row": label.row,
        "verdict": str(label.verdict),
    }
