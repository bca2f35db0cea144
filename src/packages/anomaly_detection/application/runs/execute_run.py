from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from anomaly_detection.application.configuration_values import restored_configuration
from anomaly_detection.application.detect_anomalies import DetectAnomalies, Detection, Report
from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.model_detectors import ModelDetectors
from anomaly_detection.application.model_report import model_notes, model_summary
from anomaly_detection.application.ports import ModelFiles, TenantCutOffs
from anomaly_detection.application.runs.anomaly_rows import AnomalyRows
from anomaly_detection.application.runs.finished_runs import model_file, result_file
from anomaly_detection.application.runs.json_cells import json_cell
from anomaly_detection.application.runs.ports import ResultFile, RunsTransaction, StoredAnomaly
from anomaly_detection.application.runs.reading import RESULT_COLUMNS
from anomaly_detection.domain.fitted_model import DetectorConfiguration, FittedModel, ThresholdChoice
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.cut import Cut, rarest_rows
from anomaly_detection.domain.runs.run import Run
from anomaly_detection.domain.severity import SeverityCutOffs
from core.application.files import FileKind, TenantFiles
from core.application.jobs import JobControl
from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.errors import DomainError, Unwritable
from core.domain.ids import new_id
from core.domain.public_ids import shown
from data_platform.api import DatasetReader, DatasetVersionId, OpenedVersion

FEWEST_STORED = 1_000  # of the highest-scoring rows, flagged or not: lists near the threshold go on below it
MOST_STORED = 100_000
ROWS_AT_ONCE = 1_000  # stored in one transaction
MOST_NOTES = 20


def stored_of(flagged: int) -> int:
    """How many of the highest-scoring rows are stored where so many are flagged."""
    return min(max(flagged, FEWEST_STORED), MOST_STORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecuteRun:
    """The job behind a run: files first, then the highest-scoring rows, then the run's end, which makes them visible."""

    uow: RunsTransaction
    detect: DetectAnomalies
    models: ModelFiles
    served: ModelDetectors
    datasets: DatasetReader
    files: TenantFiles
    open_result: Callable[[Path], ResultFile]
    clock: Callable[[], datetime]
    count: Callable[[str, UUID, int], None]  # algorithm, dataset, anomalies: for metrics
    cut_offs: TenantCutOffs

    def __call__(self, actor: Actor, run_id: RunId, control: JobControl) -> Run:
        """Raises RunNotFound, DatasetNotFound, RateExceeded, LostClaim, and what ``DetectAnomalies`` raises."""
        started = self.clock()
        with self.uow(actor) as uow:
            run = uow.run(run_id)
        if run.finished_at is not None:
            return run
        stem = f"{run_id.hex}-{new_id().hex}"  # another attempt's files are others
        opened = self.datasets.version(actor.tenant_id, DatasetVersionId(run.dataset_version_id))
        try:
            cuts = self.cut_offs(actor.tenant_id)
            report = Report(top=0, results=RESULT_COLUMNS, cut_offs=SeverityCutOffs(*cuts))
            detection = self._score(run, opened, report, stem=stem, control=control)
            control.progress(0.9, "storing")
            self._store_anomalies(actor, run_id, detection, stem=stem)
            seconds = (self.clock() - started).total_seconds()
            summary = _summary(detection, stem, seconds) | {"cut_offs": list(cuts)}
            run = self._finish(actor, run_id, detection, summary=summary)
        except DomainError:  # nothing is stored that speaks of them
            self.files.delete(actor.tenant_id, FileKind.RESULTS, result_file(stem))
            self.files.delete(actor.tenant_id, FileKind.RESULTS, model_file(stem))
            raise
        self.count(run.algorithm, run.dataset_id, detection.anomalies)
        return run

    def _score(
        self, run: Run, opened: OpenedVersion, report: Report, *, stem: str, control: JobControl
    ) -> Detection:
        done = 0

        def advance(rows: int) -> None:
            nonlocal done
            done += rows
            control.progress(0.2 + 0.7 * done / max(opened.rows, done), f"scored {done:,} rows")

        detector = self._detector(run)
        control.progress(0.05, f"learning from {opened.rows:,} rows")
        with self.files.staging(".parquet") as result, self.files.staging(".model") as model:
            with _nameless(result, model):
                detection = self.detect(
                    opened.table, detector, replace(report, output=result), advance=advance
                )
                self.models.save(detection.model, model)
            self.files.keep(run.tenant_id, FileKind.RESULTS, result_file(stem), result)
            self.files.keep(run.tenant_id, FileKind.RESULTS, model_file(stem), model)
        return detection

    def _detector(self, run: Run) -> DetectorConfiguration | FittedModel:
        if run.model_version_id is None:
            return restored_configuration(run.configuration)
        fitted = self.served.served(run.tenant_id, shown("mv", run.model_version_id)).fitted
        contamination = run.configuration.get("contamination")
        if contamination is None:
            return fitted
        return fitted.with_alert_rate(contamination, ThresholdChoice.CONTAMINATION)

    def _store_anomalies(self, actor: Actor, run_id: RunId, detection: Detection, *, stem: str) -> None:
        """In small transactions, unseen until the run is finished. What an attempt before stored goes first."""
        with self.uow(actor) as uow:
            uow.forget_anomalies(uow.run(run_id))
            uow.commit()
        path = self.files.path(actor.tenant_id, FileKind.RESULTS, result_file(stem))
        file = self.open_result(path)
        wanted = rarest_rows(file.shares(), stored_of(detection.anomalies)).tolist()
        rows = AnomalyRows(file, RowExplainer(detection.model))
        for found in rows(wanted, explain=wanted[:FEWEST_STORED]):
            store_in_parts(self.uow, actor, run_id, found)

    def _finish(self, actor: Actor, run_id: RunId, detection: Detection, *, summary: dict[str, Any]) -> Run:
        calibration = detection.model.calibration
        cut = Cut(
            alert_rate=calibration.alert_rate,
            threshold=calibration.threshold,
            by_severity=detection.by_severity,
        )
        with self.uow(actor) as uow:
            run = uow.run(run_id)
            run.finish(cut, summary=summary, at=self.clock())
            uow.charge(Quota.ROWS_SCORED_PER_DAY, detection.rows)
            uow.audit(
                "run.finished", run_id, after={"rows": detection.rows, "anomalies": detection.anomalies}
            )
            uow.commit()
        return run


def store_in_parts(uow: RunsTransaction, actor: Actor, run_id: RunId, found: Sequence[StoredAnomaly]) -> None:
    """Those that are not stored yet. Raises RunNotFound, LostClaim."""
    waiting: Iterator[StoredAnomaly] = iter(found)
    while part := list(islice(waiting, ROWS_AT_ONCE)):
        with uow(actor) as transaction:
            run = transaction.run(run_id)
            there = transaction.stored_among(run, [each.row for each in part])
            transaction.add_anomalies(run, [each for each in part if each.row not in there])
            transaction.commit()


@contextmanager
def _nameless(*paths: Path) -> Iterator[None]:
    """Errors of writing do not name the server's paths."""
    try:
        yield
    except Unwritable as error:
        detail = error.detail
        for path in paths:
            detail = detail.replace(str(path), "The file")
        raise Unwritable(detail, fix="Try again later; its operator must make room.") from error


def _summary(detection: Detection, stem: str, seconds: float) -> dict[str, Any]:
    found = {
        "file": stem,
        "drift": detection.drifted,
        "model": model_summary(detection.model),
        "notes": list(islice(model_notes(detection.model), MOST_NOTES)),
        "renamed": detection.renamed,
        "seconds": round(seconds, 3),
    }
    return dict(json_cell(found, longest=5_000))
