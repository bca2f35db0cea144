"""What is read from a run's result file."""

from dataclasses import dataclass

import numpy as np

from anomaly_detection.application.explain_rows import NoSuchRow
from anomaly_detection.application.runs.anomaly_rows import scored_rows
from anomaly_detection.application.runs.choose_threshold import present_rate
from anomaly_detection.application.runs.finished_runs import FinishedRuns
from anomaly_detection.application.runs.ports import AnomalyQueries, RunQueries, ScoredRow
from anomaly_detection.domain.calibration import scores_at
from anomaly_detection.domain.ids import RunId
from core.domain.ids import TenantId

BINS = 50
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
            return scored_rows(found, present_rate(run), self.finished.cut_offs, verdicts=verdicts)[0]
        raise NoSuchRow(
            f"The run has no row {row}.", fix=f"Its rows are numbered 0 to {(run.rows or 0) - 1:,}."
        )


@dataclass(frozen=True, slots=True)
class CountScores:
    """How many rows score in each of 50 equal parts of [0, 1], at the alert rate in force."""

    queries: RunQueries
    finished: FinishedRuns

    def __call__(self, tenant_id: TenantId, run_id: RunId) -> list[int]:
        """Raises RunNotFound, RunNotFinished, ResultLost."""
        run = self.queries.finished(tenant_id, run_id)
        counts = np.zeros(BINS, dtype=np.int64)
        for p in self.finished.result(run).shares():
            parts = np.floor(scores_at(present_rate(run), p) * BINS * (1 + 1e-12)).astype(np.int64)
            counts += np.bincount(np.minimum(parts, BINS - 1), minlength=BINS)
        return [int(n) for n in counts]
