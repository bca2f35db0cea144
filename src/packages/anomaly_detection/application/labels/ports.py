"""What labels need from outside, and the views they show."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from anomaly_detection.domain.ids import DetectorId, LabelBatchId, RunId
from anomaly_detection.domain.labels.label import Label, LabelChange, Place, Verdict
from anomaly_detection.domain.labels.precision import Precision
from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import KeyId, TenantId, UserId
from core.domain.page import Counting, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledRun:
    """What is known of a finished run where its rows are labelled."""

    id: RunId
    dataset_id: UUID
    dataset_version_id: UUID
    rows: int
    alert_rate: float


class LabelUnitOfWork(UnitOfWork, Protocol):
    def run(self, run_id: RunId) -> LabelledRun:
        """Raises RunNotFound, RunNotFinished."""

    def labels(self, places: Collection[Place]) -> Mapping[Place, Label]:
        """Those there are, locked."""

    def changes(self, places: Collection[Place]) -> Mapping[Place, int]:
        """How often the label of each place was changed; places without a history are left out."""

    def batch(self, batch_id: LabelBatchId) -> Sequence[LabelChange]:
        """The labels given with it."""

    def histories(self, places: Collection[Place]) -> Mapping[Place, Sequence[LabelChange]]:
        """The newest first."""

    def add(self, label: Label) -> None: ...

    def delete(self, label: Label) -> None: ...

    def record(self, change: LabelChange) -> None: ...


LabelTransaction = Callable[[Actor], LabelUnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelView:
    dataset_version_id: UUID
    row: int
    verdict: Verdict
    note: str
    run_id: RunId | None  # where it was given
    labelled_at: datetime
    user_id: UserId | None
    key_id: KeyId | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelBatchView:
    """``rows``: those whose labels are still as they were given at once."""

    id: LabelBatchId
    at: datetime
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedRow:
    """A flagged or nearly flagged row that nobody has labelled. ``distance`` is how many times rarer or commoner than the
    threshold it is, at least 1."""

    run_id: RunId
    dataset_version_id: UUID
    row: int
    score: float
    is_anomaly: bool
    reason: str
    cells: Mapping[str, Any]
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFilter:
    """None: any. ``dataset`` is an id or slug; a run, a detector and a dataset stand for the rows they have."""

    verdicts: Collection[Verdict] | None = None
    dataset: UUID | str | None = None
    run_id: RunId | None = None
    detector_id: DetectorId | None = None
    since: datetime | None = None
    until: datetime | None = None
    user_id: UserId | None = None
    key_id: KeyId | None = None


class LabelQueries(Protocol):
    """Labels of one tenant."""

    def label(self, tenant_id: TenantId, run_id: RunId, row: int) -> LabelView:
        """Raises RunNotFound, RunNotFinished, LabelNotFound."""

    def of_rows(
        self, tenant_id: TenantId, dataset_version_id: UUID, rows: Collection[int]
    ) -> Mapping[int, LabelView]:
        """By row, of those that have one."""

    def history(
        self,
        tenant_id: TenantId,
        run_id: RunId,
        row: int,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[LabelChange]:
        """The newest first. Raises RunNotFound, RunNotFinished, InvalidCursor."""

    def labels(
        self,
        tenant_id: TenantId,
        wanted: LabelFilter,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[LabelView]:
        """The newest first. Raises InvalidCursor."""

    def batches(self, tenant_id: TenantId, user_id: UserId, *, since: datetime) -> Sequence[LabelBatchView]:
        """What the person labelled at once and nobody has changed since, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFilter:
    """Of one run, or of the newest runs: of one detector, of what ran without one that is still there, or of all."""

    run_id: RunId | None = None
    detector_id: DetectorId | None = None
    without_detector: bool = False


PresentDatasets = Callable[[TenantId, Collection[UUID]], Collection[UUID]]
"""Those of the datasets that are not deleted."""


class LabelQueue(Protocol):
    def rows(
        self,
        tenant_id: TenantId,
        wanted: QueueFilter,
        *,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[QueuedRow]:
        """The nearest to the threshold first. Without a run: the newest finished one of each detector on each dataset, and of
        each algorithm and model without a detector. A row that several of them keep stands there once, as the newest found it;
        rows of deleted datasets do not.

        Raises RunNotFound, RunNotFinished, InvalidCursor.
        """


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the rows that several people labelled: how many all of them labelled alike. Their last words count."""

    rows: int
    alike: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedWeek:
    """Labels of one week that call flagged rows true or false positives. ``algorithm`` is of runs without a detector."""

    detector_id: DetectorId | None
    algorithm: str
    week: datetime  # its beginning
    precision: Precision


class LabelPrecision(Protocol):
    """Labels on rows that are flagged at the alert rates in force. A row that several runs of one subject flag counts once;
    what nobody has labelled is left out. ``ids`` None: all of the tenant's."""

    def of_runs(self, tenant_id: TenantId, ids: Collection[UUID] | None) -> Mapping[UUID, Precision]: ...

    def of_detectors(self, tenant_id: TenantId, ids: Collection[UUID] | None) -> Mapping[UUID, Precision]: ...

    def of_model_versions(
        self, tenant_id: TenantId, ids: Collection[UUID] | None
    ) -> Mapping[UUID, Precision]: ...

    def by_week(self, tenant_id: TenantId, weeks: Sequence[datetime]) -> Sequence[JudgedWeek]:
        """``weeks`` are beginnings, the oldest first; the last has no end. The oldest first; without weeks that have none."""

    def agreement(self, tenant_id: TenantId, *, since: datetime) -> Agreement: ...
