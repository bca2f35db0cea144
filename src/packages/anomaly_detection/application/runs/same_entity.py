"""What else was flagged of whoever a row is about: rows with the same value in the id column."""

from dataclasses import dataclass

from anomaly_detection.application.runs.ports import AnomalyQueries, FlaggedRow, RunFilter, RunQueries
from anomaly_detection.domain.ids import RunId
from core.application.jobs import JobState
from core.domain.ids import TenantId
from core.domain.public_ids import shown

MOST_RUNS = 10  # of the dataset, the newest
MOST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Entity:
    """``rows`` are the others with its id, those of the newest run first."""

    id: str
    rows: tuple[FlaggedRow, ...]


@dataclass(frozen=True, slots=True)
class SameEntity:
    queries: RunQueries
    anomalies: AnomalyQueries

    def __call__(self, tenant_id: TenantId, run_id: RunId, row: int) -> Entity | None:
        """In the newest runs over the dataset. None where there is no id column, or the row is not among a run's stored ones.
        Raises RunNotFound, RunNotFinished."""
        run = self.queries.finished(tenant_id, run_id)
        own = next(iter(self.anomalies.these(run, [row])), None)
        if own is None or not own.row_id:
            return None
        wanted = RunFilter(states=(JobState.SUCCEEDED,), dataset=shown("ds", run.dataset_id))
        newest = self.queries.runs(tenant_id, wanted, sort="-created_at", limit=MOST_RUNS, cursor=None).items
        found = self.anomalies.flagged_as(tenant_id, newest, own.row_id, limit=MOST_ROWS + 1)
        others = [each for each in found if (each.run.id, each.row) != (run_id, row)]
        return Entity(own.row_id, tuple(others[:MOST_ROWS]))
