"""Another threshold for a run: what it would do, setting it, and going back. No row is scored again."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from anomaly_detection.application.runs.anomaly_rows import scored_rows
from anomaly_detection.application.runs.execute_run import MOST_STORED, store_in_parts, stored_of
from anomaly_detection.application.runs.finished_runs import FinishedRuns
from anomaly_detection.application.runs.ports import (
    AnomalyQueries,
    ResultFile,
    RunQueries,
    RunsTransaction,
    ScoredRow,
)
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.cut import (
    Cut,
    SeverityCount,
    checked_rate,
    flagged_upto,
    rarest_rows,
    rate_at_score,
    rate_of_share,
)
from anomaly_detection.domain.runs.run import Run, not_finished
from anomaly_detection.domain.severity import Severity, SeverityCutOffs
from core.domain.actor import Actor
from core.domain.ids import TenantId

EXAMPLES = 5
STORE = "run.store_anomalies"
STORED_AT_ONCE = 5_000  # rows that a request stores; a job stores the others
MOST_EXPLAINED = 1_000  # of the rows that are stored; the others are when somebody looks at them


class Measure(StrEnum):
    """What a threshold is said in."""

    ALERT_RATE = "alert_rate"  # tail probability
    SCORE = "score"  # at the rate in force
    CONTAMINATION = "contamination"  # share of the run's rows


@dataclass(frozen=True, slots=True)
class Wish:
    measure: Measure
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """``examples`` are the highest-scoring of the rows that would be gained or lost."""

    alert_rate: float
    flagged: int
    gained: int
    lost: int
    by_severity: dict[Severity, int]
    examples: tuple[ScoredRow, ...]


@dataclass(frozen=True, slots=True)
class PreviewThreshold:
    queries: RunQueries
    finished: FinishedRuns

    def __call__(self, tenant_id: TenantId, run_id: RunId, wish: Wish) -> Preview:
        """Raises RunNotFound, RunNotFinished, InvalidThreshold, ResultLost."""
        run = self.queries.finished(tenant_id, run_id)
        file = self.finished.result(run)
        rate, present = wished_rate(run, file, wish), present_rate(run)
        before, after = (counted(file, each, run.cut_offs) for each in (present, rate))
        change = _flagged(after) - _flagged(before)
        return Preview(
            alert_rate=rate,
            flagged=_flagged(after),
            gained=max(change, 0),
            lost=max(-change, 0),
            by_severity=after,
            examples=self._examples(run, file, rate) if change else (),
        )

    def _examples(self, run: Run, file: ResultFile, rate: float) -> tuple[ScoredRow, ...]:
        low, high = sorted(flagged_upto(each) for each in (present_rate(run), rate))
        between = (np.where((p > low) & (p <= high), p, np.inf) for p in file.shares())
        numbers = rarest_rows(between, EXAMPLES)
        rows = self.finished.rows(run)(numbers.tolist(), explain=numbers.tolist())
        found = [each for batch in rows for each in batch if low < each.tail_probability <= high]
        found.sort(key=lambda each: (each.tail_probability, each.row))
        return tuple(scored_rows(found, rate, run.cut_offs))


@dataclass(frozen=True, slots=True)
class StoreFlagged:
    """Rows of a run that are flagged for the first time, in small transactions: before the cut where they are few, so that
    all it flags is there; what is left is the job behind a large move."""

    uow: RunsTransaction
    anomalies: AnomalyQueries
    finished: FinishedRuns

    def __call__(self, actor: Actor, run: Run, *, flagged: int, most: int = MOST_STORED) -> int:
        """Store up to ``most`` of the ``flagged`` highest-scoring rows that are missing; gives how many are left.

        Raises RunNotFound, ResultLost, LostClaim.
        """
        there = self.anomalies.stored_rows(run)
        wanted = rarest_rows(self.finished.result(run).shares(), stored_of(flagged)).tolist()
        missing = [row for row in wanted if row not in there]
        rows = self.finished.rows(run)
        for found in rows(missing[:most], explain=missing[:MOST_EXPLAINED]):
            store_in_parts(self.uow, actor, run.id, found)
        return len(missing[most:])


@dataclass(frozen=True, slots=True)
class MoveThreshold:
    """The rows flagged from now on, and their scores, are those of another alert rate; the old one is kept for undo."""

    uow: RunsTransaction
    queries: RunQueries
    finished: FinishedRuns
    store: StoreFlagged

    def __call__(self, actor: Actor, run_id: RunId, wish: Wish | None, *, version: int) -> None:
        """None: back to the rate before, which can be undone in turn.

        Raises RunNotFound, RunNotFinished, InvalidThreshold, NoFormerThreshold, ResultLost, Stale.
        """
        run = self.queries.finished(actor.tenant_id, run_id)
        run.require_version(version)
        before, file = present_rate(run), self.finished.result(run)
        rate = run.former_alert_rate() if wish is None else wished_rate(run, file, wish)
        cut = Cut(
            alert_rate=rate,
            threshold=self.finished.model(run, rate).calibration.threshold,
            by_severity=counted(file, rate, run.cut_offs),
        )
        flagged = _flagged(cut.by_severity)
        left = self.store(actor, run, flagged=flagged, most=STORED_AT_ONCE)
        with self.uow(actor) as uow:
            changed = uow.run(run.id)
            changed.require_version(version)
            changed.move_threshold(cut)
            if left:
                uow.enqueue(STORE, {"run_id": str(run.id), "flagged": flagged}, subject_id=run.id)
            uow.audit(
                "run.threshold_moved", run.id, before={"alert_rate": before}, after={"alert_rate": rate}
            )
            uow.commit()


def wished_rate(run: Run, file: ResultFile, wish: Wish) -> float:
    """Raises InvalidThreshold."""
    match wish.measure:
        case Measure.ALERT_RATE:
            return checked_rate(wish.value)
        case Measure.SCORE:
            return rate_at_score(present_rate(run), wish.value)
        case Measure.CONTAMINATION:
            return rate_of_share(file.shares(), wish.value)


def present_rate(run: Run) -> float:
    """Raises RunNotFinished."""
    if run.alert_rate is None:
        raise not_finished()
    return run.alert_rate


def counted(file: ResultFile, rate: float, cut_offs: SeverityCutOffs) -> dict[Severity, int]:
    count = SeverityCount(cut_offs)
    for p in file.shares():
        count.add(rate, p)
    return count.by_severity


def _flagged(by_severity: Mapping[Severity, int]) -> int:
    return sum(n for severity, n in by_severity.items() if severity.rank >= Severity.MEDIUM.rank)
