"""Two runs over the same rows, side by side."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.application.runs.choose_threshold import present_rate
from anomaly_detection.application.runs.finished_runs import FinishedRuns
from anomaly_detection.application.runs.ports import RunQueries
from anomaly_detection.domain.calibration import is_rare
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.rank_correlation import rank_correlation
from anomaly_detection.domain.runs.run import Run
from core.domain.errors import Invalid
from core.domain.ids import TenantId

EXAMPLES = 20
MOST_RANKED = 1_000_000  # of more rows, evenly spaced ones are ranked


class RunsNotComparable(Invalid):
    title = "The runs are not over the same rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``rank_correlation`` is Spearman's, of all rows' scores, in [-1, 1]; None where all rows of one run score the same.

    ``only_this`` and ``only_other`` are numbers of rows that one run alone flags, its highest scores first; ``both`` of
    those that both flag, this run's highest scores first.
    """

    rows: int
    flagged_by_both: int
    flagged_by_this: int
    flagged_by_other: int
    rank_correlation: float | None
    only_this: tuple[int, ...]
    only_other: tuple[int, ...]
    both: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CompareRuns:
    queries: RunQueries
    finished: FinishedRuns

    def __call__(self, tenant_id: TenantId, run_id: RunId, other_id: RunId) -> Comparison:
        """Raises RunNotFound, RunNotFinished, RunsNotComparable, ResultLost."""
        this, other = (self.queries.finished(tenant_id, each) for each in (run_id, other_id))
        if this.dataset_version_id != other.dataset_version_id:
            raise RunsNotComparable(
                f"One is over {this.dataset_slug} version {this.dataset_number}, the other over "
                f"{other.dataset_slug} version {other.dataset_number}.",
                fix="Compare runs over the same version of a dataset.",
            )
        p, q = self._shares(this), self._shares(other)
        flagged, flagged_too = is_rare(present_rate(this), p), is_rare(present_rate(other), q)
        step = -(-len(p) // MOST_RANKED)
        return Comparison(
            rows=len(p),
            flagged_by_both=int((flagged & flagged_too).sum()),
            flagged_by_this=int(flagged.sum()),
            flagged_by_other=int(flagged_too.sum()),
            rank_correlation=rank_correlation(p[::step], q[::step]),
            only_this=_rarest(p, flagged & ~flagged_too),
            only_other=_rarest(q, flagged_too & ~flagged),
            both=_rarest(p, flagged & flagged_too),
        )

    def _shares(self, run: Run) -> Scores:
        return np.concatenate(list(self.finished.result(run).shares()))


def _rarest(p: Scores, among: NDArray[np.bool_]) -> tuple[int, ...]:
    rows = np.flatnonzero(among)
    return tuple(rows[np.argsort(p[rows], kind="stable")][:EXAMPLES].tolist())
