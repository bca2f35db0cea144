from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.application.labels.ports import LabelPrecision
from anomaly_detection.application.model_detectors import ModelDetectors
from anomaly_detection.application.runs.choose_threshold import MoveThreshold, PreviewThreshold, StoreFlagged
from anomaly_detection.application.runs.compare_runs import CompareRuns
from anomaly_detection.application.runs.delete_run import DeleteRun
from anomaly_detection.application.runs.execute_run import ExecuteRun
from anomaly_detection.application.runs.find_rows import FindRows
from anomaly_detection.application.runs.finished_runs import FinishedRuns
from anomaly_detection.application.runs.look_at_result import CountScores, ShowRow
from anomaly_detection.application.runs.ports import AnomalyQueries, RunQueries
from anomaly_detection.application.runs.run_again import RunAgain
from anomaly_detection.application.runs.same_entity import SameEntity
from anomaly_detection.application.runs.start_run import StartRun
from core.application.cancel_job import CancelJob
from core.domain.ids import TenantId
from data_platform.api import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Runs of tenants. ``reader`` is the ``RunReader`` of labels and explanations."""

    queries: RunQueries
    anomalies: AnomalyQueries
    reader: FinishedRuns
    precision: LabelPrecision
    detectors: DetectorReader
    models: ModelDetectors
    start: StartRun
    again: RunAgain
    execute: ExecuteRun
    cancel: CancelJob
    delete: DeleteRun
    preview_threshold: PreviewThreshold
    move_threshold: MoveThreshold
    store_flagged: StoreFlagged
    show_row: ShowRow
    count_scores: CountScores
    find_rows: FindRows
    compare: CompareRuns
    same_entity: SameEntity
    exported: Callable[[Table, str], Iterator[bytes]]
    sweep_files: Callable[[TenantId], int]
