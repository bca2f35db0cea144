from dataclasses import dataclass

from anomaly_detection.application.runs.finished_runs import model_file, result_file
from anomaly_detection.application.runs.ports import RunsTransaction
from anomaly_detection.domain.ids import RunId
from core.application.files import FileKind, TenantFiles
from core.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class DeleteRun:
    """A run with its anomalies and files; one that is still worked on is cancelled. Labels stay: they are the rows'."""

    uow: RunsTransaction
    files: TenantFiles

    def __call__(self, actor: Actor, run_id: RunId, *, version: int | None) -> None:
        """Raises RunNotFound, Stale."""
        with self.uow(actor) as uow:
            run = uow.run(run_id)
            run.require_version(version)
            stem = None if run.summary is None else run.file
            uow.delete(run)
            uow.audit("run.deleted", run_id, before={"dataset": run.dataset_slug, "algorithm": run.algorithm})
            uow.commit()
        if stem is not None:
            self.files.delete(actor.tenant_id, FileKind.RESULTS, result_file(stem))
            self.files.delete(actor.tenant_id, FileKind.RESULTS, model_file(stem))
