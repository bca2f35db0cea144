"""Finished runs with their files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.runs.anomaly_rows import AnomalyRows
from anomaly_detection.application.runs.ports import ResultFile, RunModels, RunQueries
from anomaly_detection.application.runs.reading import FinishedRun
from anomaly_detection.application.runs.recut_result import RecutResult
from anomaly_detection.domain.fitted_model import FittedModel, ThresholdChoice
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import Run, not_finished
from core.application.files import FileKind, TenantFiles
from core.domain.ids import TenantId


def result_file(stem: str) -> str:
    return f"{stem}.parquet"


def model_file(stem: str) -> str:
    return f"{stem}.model"


@dataclass(frozen=True, slots=True)
class FinishedRuns:
    """``application.runs.reading.RunReader``, and what else is made of a run's files. All raise ResultLost."""

    queries: RunQueries
    files: TenantFiles
    models: RunModels
    open_result: Callable[[Path], ResultFile]

    def finished(self, tenant_id: TenantId, run_id: RunId) -> FinishedRun:
        run = self.queries.finished(tenant_id, run_id)
        if run.rows is None or run.alert_rate is None:
            raise not_finished()
        return FinishedRun(
            id=run.id,
            dataset_id=run.dataset_id,
            dataset_version_id=run.dataset_version_id,
            detector_id=run.detector_id,
            model_version_id=run.model_version_id,
            rows=run.rows,
            alert_rate=run.alert_rate,
            result=self.path(run),
            model=self.model(run),
            cut_offs=run.cut_offs,
            version=run.version,
        )

    def model(self, run: Run, alert_rate: float | None = None) -> FittedModel:
        """With the alert rate in force, or with this one."""
        fitted = self.models.model(self.files.path(run.tenant_id, FileKind.RESULTS, model_file(run.file)))
        rate = run.alert_rate if alert_rate is None else alert_rate
        if rate is None or rate == fitted.calibration.alert_rate:
            return fitted
        return fitted.with_alert_rate(rate, ThresholdChoice.MOVED)

    def path(self, run: Run) -> Path:
        return self.files.path(run.tenant_id, FileKind.RESULTS, result_file(run.file))

    def result(self, run: Run) -> ResultFile:
        return self.open_result(self.path(run))

    def rows(self, run: Run, *, most_cells: int = 200, longest_cell: int = 1_000) -> AnomalyRows:
        return AnomalyRows(self.result(run), self._explainer(run), most_cells, longest_cell)

    def recut(self, run: Run) -> RecutResult:
        return RecutResult(self.result(run), self._explainer(run))

    def _explainer(self, run: Run) -> RowExplainer:
        return RowExplainer(self.model(run), run.cut_offs)
