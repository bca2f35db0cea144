"""A person's verdict on a row of a dataset version: it holds for every run over that version."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from anomaly_detection.domain.ids import LabelBatchId, RunId
from core.domain.actor import Actor
from core.domain.errors import NotFound, Stale, VersionNeeded
from core.domain.ids import KeyId, TenantId, UserId


class LabelNotFound(NotFound):
    title = "The row has no label"


class Verdict(StrEnum):
    TRUE = "true"
    FALSE_POSITIVE = "false_positive"
    EXPECTED = "expected"
    BAD_DATA = "bad_data"
    UNSURE = "unsure"


class Place(NamedTuple):
    """What a label is on. ``row`` is 0-based."""

    dataset_version_id: UUID
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelChange:
    """An entry of a row's history. ``verdict`` None: the label was taken away. What was labelled at once is one batch."""

    place: Place
    verdict: Verdict | None
    note: str
    run_id: RunId | None  # where it was given
    at: datetime
    user_id: UserId | None
    key_id: KeyId | None
    batch_id: LabelBatchId | None = None


@dataclass(eq=False, kw_only=True)
class Label:
    """The current verdict; earlier ones are in the history.

    ``version`` counts the changes of the row's label, also those before it was taken away: no version comes twice.
    """

    tenant_id: TenantId
    dataset_version_id: UUID
    row: int
    verdict: str
    note: str = ""
    run_id: RunId | None = None
    labelled_at: datetime
    user_id: UserId | None = None
    key_id: KeyId | None = None
    version: int = 1

    @property
    def place(self) -> Place:
        return Place(self.dataset_version_id, self.row)

    def require_version(self, version: int | None) -> None:
        """Raises VersionNeeded, Stale."""
        if version is None:
            raise VersionNeeded(
                f"Row {self.row} has a label, {self.verdict}.",
                fix="Read it, and say which version is to be changed: If-Match with its ETag, or version in a batch.",
                version=self.version,
            )
        if version != self.version:
            raise Stale(
                f"The label of row {self.row} is at version {self.version}, not {version}.",
                fix="Read it again, then repeat.",
                version=self.version,
            )

    def change(self, verdict: Verdict, note: str, *, run_id: RunId, by: Actor, at: datetime) -> None:
        self.verdict, self.note, self.run_id, self.labelled_at = verdict, note, run_id, at
        self.user_id, self.key_id = by.user_id, by.key_id
        self.version += 1

    def restore(self, before: LabelChange) -> None:
        """As it was, with who gave it and when. ``before`` is an entry of its history with a verdict."""
        self.verdict, self.note = before.verdict or "", before.note
        self.run_id, self.labelled_at = before.run_id, before.at
        self.user_id, self.key_id = before.user_id, before.key_id
        self.version += 1

    def as_change(self, batch_id: LabelBatchId | None = None) -> LabelChange:
        return LabelChange(
            place=self.place,
            verdict=Verdict(self.verdict),
            note=self.note,
            run_id=self.run_id,
            at=self.labelled_at,
            user_id=self.user_id,
            key_id=self.key_id,
            batch_id=batch_id,
        )


def no_label(row: int) -> LabelNotFound:
    return LabelNotFound(f"Nobody has labelled row {row}.", fix="Label it first.")
