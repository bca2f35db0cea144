"""One finished run over a frame, without a database."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

import anomaly_detection.local_wiring
import anomaly_detection.wiring
import data_platform.local_wiring
import data_platform.wiring
from anomaly_detection.api import DetectorConfiguration, Explanations, ThresholdChoice
from anomaly_detection.application.detect_anomalies import Report
from anomaly_detection.application.runs.reading import RESULT_COLUMNS, FinishedRun
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.runs.run import no_run
from core.domain.ids import TenantId, new_id
from data_platform.api import frame_table

TENANT = TenantId(new_id())
ODD = 7  # a row whose amount is far too high
ODD_PAIR = 400  # a row with two odd columns


def orders(rows: int = 600) -> pl.DataFrame:
    """Numbers, whole numbers, categories, dates, truth values, and gaps in most of them."""
    rng = np.random.default_rng(3)
    amount = rng.gamma(4, 30, rows)
    country = rng.choice(["DE", "FR", "IT"], rows, p=[0.6, 0.3, 0.1])
    amount[ODD], amount[ODD_PAIR], country[ODD] = 9_820, 20_000, "DE"
    items = rng.integers(1, 9, rows)
    items[ODD_PAIR] = 900
    start = datetime(2026, 3, 2, 9)
    gap = rng.random((rows, 2)) < 0.05
    gap[[ODD, ODD_PAIR]] = False
    return pl.DataFrame(
        {
            "id": [f"o-{row}" for row in range(rows)],
            "amount": [None if gap[row, 0] else float(amount[row]) for row in range(rows)],
            "items": pl.Series(items, dtype=pl.Int32),
            "country": [None if gap[row, 1] else str(country[row]) for row in range(rows)],
            "paid.at": [start + timedelta(minutes=7 * row) for row in range(rows)],
            "express": rng.random(rows) < 0.3,
            "score": rng.normal(size=rows),
        }
    )


@dataclass(frozen=True, slots=True)
class FakeRuns:
    """``RunReader`` of one run."""

    run: FinishedRun

    def finished(self, tenant_id: TenantId, run_id: RunId) -> FinishedRun:
        if (tenant_id, run_id) != (TENANT, self.run.id):
            raise no_run()
        return self.run


def finished_run(
    frame: pl.DataFrame,
    folder: Path,
    *,
    algorithm: str = "isolation_forest",
    contamination: float = 0.02,
    batch_rows: int = 250,
) -> FinishedRun:
    detection = anomaly_detection.local_wiring.build(
        data_platform.local_wiring.build(), batch_rows=batch_rows
    )
    configuration = DetectorConfiguration(algorithm=algorithm, contamination=contamination)
    result = folder / f"{algorithm.replace(':', '-')}.parquet"
    report = Report(top=0, output=result, results=RESULT_COLUMNS)
    found = detection.detect(frame_table(frame, "orders"), configuration, report)
    return FinishedRun(
        id=RunId(new_id()),
        dataset_id=new_id(),
        dataset_version_id=new_id(),
        detector_id=None,
        model_version_id=None,
        rows=len(frame),
        alert_rate=found.model.calibration.alert_rate,
        result=result,
        model=found.model,
        version=1,
    )


def at_rate(run: FinishedRun, alert_rate: float) -> FinishedRun:
    model = run.model.with_alert_rate(alert_rate, ThresholdChoice.CONTAMINATION)
    return replace(run, alert_rate=alert_rate, model=model)


def explanations_of(run: FinishedRun) -> Explanations:
    return anomaly_detection.wiring.build_explanations(FakeRuns(run))
