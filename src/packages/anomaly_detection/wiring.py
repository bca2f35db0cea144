"""Puts the service's part of the context together: all that works on a database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from anomaly_detection.api import (
    AnomalyDetection,
    Definitions,
    Explanations,
    Labels,
    ModelDetectors,
    Points,
    Runs,
    Scoring,
)
from anomaly_detection.application.definitions.change_detector import ChangeDetector, DeleteDetector
from anomaly_detection.application.definitions.define_detector import DefineDetector
from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.application.explanations.explain_run_row import ExplainRunRow
from anomaly_detection.application.explanations.map_rows import MapRows
from anomaly_detection.application.explanations.row_facets import CountFacets
from anomaly_detection.application.labels.label_rows import LabelRows, RemoveLabel
from anomaly_detection.application.labels.ports import PresentDatasets
from anomaly_detection.application.labels.undo_labels import UndoLabels
from anomaly_detection.application.points.choose_model import RemoveSourceModel, SetSourceModel
from anomaly_detection.application.points.score_point import ScorePoint
from anomaly_detection.application.ports import TenantCutOffs
from anomaly_detection.application.runs.choose_threshold import MoveThreshold, PreviewThreshold, StoreFlagged
from anomaly_detection.application.runs.compare_runs import CompareRuns
from anomaly_detection.application.runs.delete_run import DeleteRun
from anomaly_detection.application.runs.execute_run import ExecuteRun
from anomaly_detection.application.runs.find_rows import FindRows
from anomaly_detection.application.runs.finished_runs import FinishedRuns
from anomaly_detection.application.runs.look_at_result import CountScores, ShowRow
from anomaly_detection.application.runs.reading import RunReader
from anomaly_detection.application.runs.run_again import RunAgain
from anomaly_detection.application.runs.same_entity import SameEntity
from anomaly_detection.application.runs.start_run import StartRun
from anomaly_detection.application.scoring.fit_and_score import FitAndScore
from anomaly_detection.application.scoring.ports import CountScored, LoadedModels
from anomaly_detection.application.scoring.preview_detector import PreviewDetector
from anomaly_detection.application.scoring.score_rows import ScoreRows
from anomaly_detection.infrastructure.definitions.queries import SqlDetectorQueries
from anomaly_detection.infrastructure.definitions.sql import SqlDefinitionsUnitOfWork
from anomaly_detection.infrastructure.detectors import catalogue
from anomaly_detection.infrastructure.explanations.result_rows import ParquetRows
from anomaly_detection.infrastructure.labels.precision import SqlLabelPrecision
from anomaly_detection.infrastructure.labels.queries import SqlLabelQueries
from anomaly_detection.infrastructure.labels.queue import SqlLabelQueue
from anomaly_detection.infrastructure.labels.sql import SqlLabelUnitOfWork
from anomaly_detection.infrastructure.labels.verdicts import SqlVerdicts
from anomaly_detection.infrastructure.points.queries import SqlPointQueries
from anomaly_detection.infrastructure.points.sql import SqlPointsUnitOfWork
from anomaly_detection.infrastructure.runs.anomaly_queries import SqlAnomalyQueries
from anomaly_detection.infrastructure.runs.queries import SqlRunQueries
from anomaly_detection.infrastructure.runs.result_file import ParquetResult
from anomaly_detection.infrastructure.runs.run_models import KeptRunModels
from anomaly_detection.infrastructure.runs.sql import SqlRunsUnitOfWork
from anomaly_detection.infrastructure.runs.sweep import SweepResultFiles
from core import wiring as core_wiring
from core.application.files import TenantFiles
from core.infrastructure.sql import Storage
from data_platform.api import DatasetReader, Table


def build_definitions(storage: Storage, datasets: DatasetReader) -> Definitions:
    uow = partial(SqlDefinitionsUnitOfWork, storage)
    queries = SqlDetectorQueries(storage.database)
    return Definitions(
        catalogue=catalogue,
        queries=queries,
        reader=queries,
        define=DefineDetector(uow, catalogue, datasets, storage.clock),
        change=ChangeDetector(uow, catalogue, datasets),
        delete=DeleteDetector(uow),
    )


@dataclass(frozen=True, slots=True)
class RunSources:
    """What runs take from others: rows, detectors, registered models, cut-offs; ``exported`` writes a table in a form."""

    datasets: DatasetReader
    detectors: DetectorReader
    models: ModelDetectors
    exported: Callable[[Table, str], Iterator[bytes]]
    cut_offs: TenantCutOffs


def build_runs(
    detection: AnomalyDetection,
    sources: RunSources,
    *,
    storage: Storage,
    files: TenantFiles,
    count: Callable[[str, UUID, int], None] = lambda algorithm, dataset_id, anomalies: None,
) -> Runs:
    """``count`` is told of each run that ends: its algorithm, its dataset, the rows flagged."""
    uow, clock = partial(SqlRunsUnitOfWork, storage), storage.clock
    queries = SqlRunQueries(storage.database)
    anomalies = SqlAnomalyQueries(storage.database, SqlVerdicts())
    finished = FinishedRuns(queries, files, KeptRunModels(detection.models), ParquetResult)
    store_flagged = StoreFlagged(uow, anomalies, finished)
    count_scores = CountScores(queries, finished)
    execute = ExecuteRun(
        uow=uow,
        detect=detection.detect,
        models=detection.models,
        served=sources.models,
        datasets=sources.datasets,
        files=files,
        open_result=ParquetResult,
        clock=clock,
        count=count,
        cut_offs=sources.cut_offs,
    )
    start = StartRun(
        uow,
        detection.catalogue,
        detection.models,
        sources.detectors,
        sources.models,
        sources.datasets,
        files,
        clock,
    )
    return Runs(
        queries=queries,
        anomalies=anomalies,
        reader=finished,
        precision=SqlLabelPrecision(storage.database),
        detectors=sources.detectors,
        models=sources.models,
        start=start,
        again=RunAgain(queries, sources.detectors, start),
        execute=execute,
        cancel=core_wiring.build_service(storage).cancel,
        delete=DeleteRun(uow, files),
        preview_threshold=PreviewThreshold(queries, finished),
        move_threshold=MoveThreshold(uow, queries, finished, store_flagged),
        store_flagged=store_flagged,
        show_row=ShowRow(queries, anomalies, finished),
        count_scores=count_scores,
        find_rows=FindRows(anomalies, finished, count_scores, ParquetRows),
        compare=CompareRuns(queries, finished),
        same_entity=SameEntity(queries, anomalies),
        exported=sources.exported,
        sweep_files=SweepResultFiles(storage.database, files, clock),
    )


def build_labels(storage: Storage, present: PresentDatasets) -> Labels:
    uow, database = partial(SqlLabelUnitOfWork, storage), storage.database
    return Labels(
        queries=SqlLabelQueries(database),
        queue=SqlLabelQueue(database, present),
        precision=SqlLabelPrecision(database),
        label=LabelRows(uow, storage.clock),
        remove=RemoveLabel(uow, storage.clock),
        undo=UndoLabels(uow, storage.clock),
        detectors=SqlDetectorQueries(database),
    )


def build_scoring(
    detection: AnomalyDetection,
    definitions: Definitions,
    datasets: DatasetReader,
    *,
    models: LoadedModels,
    count: CountScored,
    cut_offs: TenantCutOffs,
) -> Scoring:
    """Needs no database: what it reads comes through its ports."""
    by_fit = FitAndScore(detection.fit, detection.catalogue, count, cut_offs)
    return Scoring(
        by_model=ScoreRows(models, count, cut_offs),
        by_fit=by_fit,
        preview=PreviewDetector(by_fit, datasets),
        detectors=definitions.reader,
        datasets=datasets,
    )


def build_explanations(runs: RunReader) -> Explanations:
    return Explanations(
        explain=ExplainRunRow(runs, ParquetRows),
        facets=CountFacets(runs, ParquetRows),
        map=MapRows(runs, ParquetRows),
    )


def build_points(storage: Storage, scoring: Scoring) -> Points:
    uow = partial(SqlPointsUnitOfWork, storage)
    queries = SqlPointQueries(storage.database)
    return Points(
        queries=queries,
        score=ScorePoint(uow, queries, scoring.by_model, storage.clock),
        set_model=SetSourceModel(uow, scoring.by_model.models, storage.clock),
        remove_model=RemoveSourceModel(uow),
    )
