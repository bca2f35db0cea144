"""What runs need from outside, in their own words, and the views they show."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import polars as pl

from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.fitted_model import FittedModel
from anomaly_detection.domain.ids import DetectorId, RunId
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.domain.severity import Severity, SeverityCutOffs
from core.application.uow import UnitOfWork
from core.domain.actor import Actor
from core.domain.ids import JobId, KeyId, TenantId, UserId
from core.domain.page import Counting, Page

ROW = "\x00row"  # the column of row numbers; no input's column is called that


class RunsUnitOfWork(UnitOfWork, Protocol):
    def run(self, run_id: RunId) -> Run:
        """Locked until the end. Raises RunNotFound."""

    def add(self, aggregate: Run) -> None: ...

    def delete(self, run: Run) -> None:
        """With its anomalies; a job that still works on it is cancelled."""

    def stored_among(self, run: Run, rows: Sequence[int]) -> set[int]:
        """Those of these rows that are stored as anomalies."""

    def add_anomalies(self, run: Run, found: "Sequence[StoredAnomaly]") -> None: ...

    def forget_anomalies(self, run: Run) -> None: ...


RunsTransaction = Callable[[Actor], RunsUnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAnomaly:
    """One of a run's highest-scoring rows. ``reason`` is empty and ``contributions`` are too where nobody asked yet."""

    row: int  # 0-based
    raw_score: float
    tail_probability: float
    row_id: str
    reason: str
    contributions: Mapping[str, float]
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRow:
    """A row of a run as it counts at the alert rate in force."""

    row: int
    score: float
    raw_score: float
    tail_probability: float
    is_anomaly: bool
    severity: Severity
    row_id: str
    reason: str
    contributions: Mapping[str, float]
    cells: Mapping[str, Any]
    verdict: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    id: RunId
    job_id: JobId
    state: str  # the job's, until there is a result
    progress: float
    message: str
    error: Mapping[str, Any] | None
    detector_id: DetectorId | None
    model_version_id: UUID | None
    model_reference: str
    configuration: Mapping[str, Any]
    dataset_id: UUID
    dataset_version_id: UUID
    dataset_slug: str
    dataset_number: int
    algorithm: str
    rows: int | None
    by_severity: Mapping[str, int] | None
    alert_rate: float | None
    previous_alert_rate: float | None
    fitted_alert_rate: float | None
    threshold: float | None
    summary: Mapping[str, Any] | None
    created_at: datetime
    created_by: UserId | None
    created_with: KeyId | None
    finished_at: datetime | None
    version: int

    @property
    def anomalies(self) -> int | None:
        """Rows flagged at the rate in force."""
        return None if self.by_severity is None else flagged(self.by_severity)

    @property
    def cut_offs(self) -> SeverityCutOffs:
        """As they were when the run ended."""
        return SeverityCutOffs(*(self.summary or {}).get("cut_offs", ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What came of a run, for sums over many: ``rows`` and ``anomalies`` are 0 while it has no result."""

    id: RunId
    created_at: datetime
    has_failed: bool
    rows: int
    by_severity: Mapping[str, int]

    @property
    def anomalies(self) -> int:
        return flagged(self.by_severity)


FLAGGED_LEVELS = tuple(level.value for level in Severity if level.rank >= Severity.MEDIUM.rank)


def flagged(by_severity: Mapping[str, int]) -> int:
    """Rows of the levels that are flagged."""
    return sum(by_severity.get(level, 0) for level in FLAGGED_LEVELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """None and empty: all. Runs were asked for from ``since`` on and before ``until``."""

    states: tuple[str, ...] = ()
    dataset: str | None = None  # id or slug
    detector: DetectorId | None = None
    model: str | None = None  # slug, slug:number or the version's id
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnomalyFilter:
    """Without any of the first four: the flagged rows."""

    score_gte: float | None = None
    score_lte: float | None = None
    severities: tuple[Severity, ...] = ()
    is_anomaly: bool | None = None
    verdicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FlaggedRow:
    run: RunView
    row: int
    score: float
    severity: Severity


class RunQueries(Protocol):
    def runs(
        self,
        tenant_id: TenantId,
        wanted: RunFilter,
        *,
        sort: str,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[RunView]:
        """Raises InvalidCursor."""

    def outcomes(self, tenant_id: TenantId, wanted: RunFilter, *, limit: int) -> Sequence[RunOutcome]:
        """Of the newest ``limit`` of them, the newest first."""

    def run(self, tenant_id: TenantId, run_id: RunId) -> RunView:
        """Raises RunNotFound."""

    def these(self, tenant_id: TenantId, ids: Collection[RunId]) -> Mapping[UUID, RunView]:
        """Those of them that there are."""

    def latest(self, tenant_id: TenantId, detector_ids: Collection[DetectorId]) -> Mapping[UUID, RunView]:
        """Each detector's newest run, in whatever state."""

    def finished(self, tenant_id: TenantId, run_id: RunId) -> Run:
        """Detached from its transaction. Raises RunNotFound, RunNotFinished."""


class AnomalyQueries(Protocol):
    def anomalies(
        self,
        run: Run,
        wanted: AnomalyFilter,
        *,
        sort: str,
        limit: int,
        cursor: str | None,
        count: Counting | None = None,
    ) -> Page[ScoredRow]:
        """Of a finished run. Raises InvalidCursor."""

    def these(self, run: Run, rows: Sequence[int]) -> Sequence[ScoredRow]:
        """Those of these rows that are stored."""

    def flagged_as(
        self, tenant_id: TenantId, runs: Sequence[RunView], row_id: str, *, limit: int
    ) -> Sequence[FlaggedRow]:
        """Rows of that id which these runs flag, in the order of the runs."""

    def stored_rows(self, run: Run) -> set[int]: ...

    def verdict(self, run: Run, row: int) -> str | None: ...


class ResultFile(Protocol):
    """The Parquet file of a run; see ``application.runs.reading``."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The input's, without the results."""

    def shares(self) -> Iterator[Scores]:
        """The tail probabilities of all rows in order, in batches."""

    def rows(self, numbers: Sequence[int]) -> Iterator[pl.DataFrame]:
        """These rows in the file's order, in batches, with their numbers in ``ROW``."""

    def batches(self) -> Iterator[pl.DataFrame]:
        """All rows in order."""


class ResultColumns(Protocol):
    """The same file, read by column. Raises ResultLost."""

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The input's, without the results."""

    def shares(self) -> Scores:
        """The tail probabilities of all rows."""

    def column(self, name: str) -> pl.Series:
        """Of the input, all rows."""


class RunModels(Protocol):
    def model(self, path: Path) -> FittedModel:
        """The model that a run kept there, loaded once for many calls. Raises ResultLost."""
