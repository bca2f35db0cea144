"""Changes of runs. Whoever changes a run locks it first."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import delete, insert, select, update

from anomaly_detection.application.runs.ports import StoredAnomaly
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import Run, no_run
from anomaly_detection.infrastructure.runs.tables import anomalies, runs
from core.infrastructure.jobs import JobState, jobs
from core.infrastructure.sql import SqlUnitOfWork


class SqlRunsUnitOfWork(SqlUnitOfWork):
    """``application.runs.ports.RunsUnitOfWork``."""

    def run(self, run_id: RunId) -> Run:
        run = self.one(select(Run).where(runs.c.id == run_id).with_for_update())
        if run is None:
            raise no_run()
        return run

    def delete(self, run: Run) -> None:
        self._cancel(run)
        self.session.delete(run)

    def _cancel(self, run: Run) -> None:
        now = self._storage.clock()
        of_run = jobs.c.id == run.job_id
        waiting = update(jobs).where(of_run, jobs.c.state == JobState.QUEUED)
        cancelled = {"state": JobState.CANCELLED, "cancel_asked_at": now, "finished_at": now}
        self.session.execute(self.mine(waiting).values(cancelled))
        running = update(jobs).where(of_run, jobs.c.state == JobState.RUNNING)
        self.session.execute(self.mine(running).values(cancel_asked_at=now))

    def stored_among(self, run: Run, rows: Sequence[int]) -> set[int]:
        wanted = select(anomalies.c.row).where(anomalies.c.run_id == run.id, anomalies.c.row.in_(rows))
        return set(self.session.scalars(self.mine(wanted)))

    def add_anomalies(self, run: Run, found: Sequence[StoredAnomaly]) -> None:
        of_run = {"run_id": run.id, "tenant_id": self.tenant_id}
        if found:
            self.session.execute(insert(anomalies), [asdict(each) | of_run for each in found])

    def forget_anomalies(self, run: Run) -> None:
        self.session.execute(self.mine(delete(anomalies).where(anomalies.c.run_id == run.id)))
