"""What is read from a run's result file."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.application.explain_rows import NoSuchRow
from anomaly_detection.application.kept import Kept
from anomaly_detection.application.runs.anomaly_rows import scored_rows
from anomaly_detection.application.runs.choose_threshold import present_rate
from anomaly_detection.application.runs.finished_runs import FinishedRuns
from anomaly_detection.application.runs.ports import AnomalyQueries, RunQueries, ScoredRow
from anomaly_detection.domain.calibration import scores_at
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import Run
from core.domain.ids import TenantId

BINS = 50
PARTS = 1_000
MOST_CELLS = 10_000
LONGEST_CELL = 100_000


@dataclass(frozen=True, slots=True)
class ShowRow:
    """One row of a run, flagged or not, with all its cells."""

    queries: RunQueries
    anomalies: AnomalyQueries
    finished: FinishedRuns

    def __call__(self, tenant_id: TenantId, run_id: RunId, row: int) -> ScoredRow:
        """Raises RunNotFound, RunNotFinished, NoSuchRow, ResultLost."""
        run = self.queries.finished(tenant_id, run_id)
        rows = self.finished.rows(run, most_cells=MOST_CELLS, longest_cell=LONGEST_CELL)
        for found in rows([row], explain=[row]):
            verdict = self.anomalies.verdict(run, row)
            verdicts = {} if verdict is None else {row: verdict}
            return scored_rows(found, present_rate(run), run.cut_offs, verdicts=verdicts)[0]
        raise NoSuchRow(
            f"The run has no row {row}.", fix=f"Its rows are numbered 0 to {(run.rows or 0) - 1:,}."
        )


@dataclass(frozen=True, slots=True)
class ScoreCounts:
    """Rows per thousandth of [0, 1]."""

    counts: NDArray[np.int64]

    def at_least(self, score: float) -> int:
        """``score`` in whole thousandths."""
        return int(self.counts[round(score * PARTS) :].sum())

    def binned(self, bins: int = BINS) -> list[int]:
        """In so many equal parts: a divisor of 1,000."""
        return [int(n) for n in self.counts.reshape(bins, -1).sum(axis=1)]


@dataclass(frozen=True, slots=True)
class CountScores:
    """How many rows score how much, at the alert rate in force. Counted once for each rate."""

    queries: RunQueries
    finished: FinishedRuns
    kept: Kept[ScoreCounts] = field(default_factory=lambda: Kept(256))

    def __call__(self, tenant_id: TenantId, run_id: RunId) -> list[int]:
        """In each of 50 equal parts of [0, 1]. Raises RunNotFound, RunNotFinished, ResultLost."""
        return self.of(self.queries.finished(tenant_id, run_id)).binned()

    def of(self, run: Run) -> ScoreCounts:
        """Raises ResultLost."""
        return self.kept.get((run.file, run.alert_rate), lambda: self._counted(run))

    def _counted(self, run: Run) -> ScoreCounts:
        counts = np.zeros(PARTS, dtype=np.int64)
        for p in self.finished.result(run).shares():
            parts = np.floor(scores_at(present_rate(run), p) * PARTS * (1 + 1e-12)).astype(np.int64)
            counts += np.bincount(np.minimum(parts, PARTS - 1), minlength=PARTS)
        return ScoreCounts(counts)
