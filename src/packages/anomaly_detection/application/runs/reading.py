"""Results of runs as labels, explanations and comparisons need them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

from anomaly_detection.domain.fitted_model import FittedModel
from anomaly_detection.domain.ids import DetectorId, RunId
from anomaly_detection.domain.severity import SeverityCutOffs
from core.domain.errors import Unavailable
from core.domain.ids import TenantId

# Columns of a result file after those of the input: a clashing input name gets ``_1``, as in the command's output.
RESULT_COLUMNS = (
    "score",
    "raw_score",
    "tail_probability",
    "is_anomaly",
    "severity",
    "reason",
    "contributions",
)


class ResultLost(Unavailable):
    title = "The run's result cannot be read"


def result_names(columns: Sequence[str]) -> dict[str, str]:
    """Result -> its column, of a result file with these columns."""
    return dict(zip(RESULT_COLUMNS, columns[-len(RESULT_COLUMNS) :], strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """``result`` is a Parquet file with every row in the order of the dataset: the input's columns, then the scores as they
    were when the run ended (a threshold moved since is in ``alert_rate`` alone). ``model`` has the alert rate in force."""

    id: RunId
    dataset_id: UUID
    dataset_version_id: UUID
    detector_id: DetectorId | None
    model_version_id: UUID | None
    rows: int
    alert_rate: float
    result: Path
    model: FittedModel
    version: int
    cut_offs: SeverityCutOffs = field(default_factory=SeverityCutOffs)


class RunReader(Protocol):
    def finished(self, tenant_id: TenantId, run_id: RunId) -> FinishedRun:
        """Raises RunNotFound, RunNotFinished, ResultLost."""
