"""What the contexts above may use of anomaly_detection."""

from dataclasses import dataclass

from anomaly_detection.application.configuration_values import configuration_values, restored_configuration
from anomaly_detection.application.definitions.bundle import Definitions
from anomaly_detection.application.detect_anomalies import Counted, DetectAnomalies, Detection, Report
from anomaly_detection.application.explain_rows import ExplainRow, RowExplainer
from anomaly_detection.application.explanations.bundle import Explanations
from anomaly_detection.application.fit_model import Fit, FitModel, check_rows
from anomaly_detection.application.labels.bundle import Labels
from anomaly_detection.application.labels.ports import LabelFilter, LabelView
from anomaly_detection.application.model_detectors import ModelDetectors, ServedModel
from anomaly_detection.application.model_report import decision_values, model_notes, model_summary
from anomaly_detection.application.points.bundle import Points
from anomaly_detection.application.ports import Catalogue, ModelFiles
from anomaly_detection.application.runs.bundle import Runs
from anomaly_detection.application.runs.ports import RunFilter, RunOutcome, RunView
from anomaly_detection.application.runs.reading import RunReader
from anomaly_detection.application.runs.start_run import ByDetector
from anomaly_detection.application.score_table import ScoreTable
from anomaly_detection.application.scoring.bundle import Scoring
from anomaly_detection.domain.algorithm import Algorithm, Parameter, parameters
from anomaly_detection.domain.calibration import rarity_of, scores_at
from anomaly_detection.domain.detector import CannotBeSaved, InvalidParameter, TooFewRows, UnknownAlgorithm
from anomaly_detection.domain.explanation import Contribution, Explanation
from anomaly_detection.domain.fitted_model import DetectorConfiguration, FittedModel, ThresholdChoice
from anomaly_detection.domain.ids import RunId
from anomaly_detection.domain.labels.label import Verdict
from anomaly_detection.domain.labels.precision import Precision
from anomaly_detection.domain.runs.cut import InvalidThreshold, checked_rate, rate_at_score
from anomaly_detection.domain.runs.run import NoFormerThreshold
from anomaly_detection.domain.severity import FLAGGED, Severity, SeverityCutOffs
from anomaly_detection.domain.threshold import checked_contamination

__all__ = [
    "FLAGGED",
    "Algorithm",
    "AnomalyDetection",
    "ByDetector",
    "CannotBeSaved",
    "Catalogue",
    "Contribution",
    "Counted",
    "Definitions",
    "DetectAnomalies",
    "Detection",
    "DetectorConfiguration",
    "ExplainRow",
    "Explanation",
    "Explanations",
    "Fit",
    "FitModel",
    "FittedModel",
    "InvalidParameter",
    "InvalidThreshold",
    "LabelFilter",
    "LabelView",
    "Labels",
    "ModelDetectors",
    "ModelFiles",
    "NoFormerThreshold",
    "Parameter",
    "Points",
    "Precision",
    "Report",
    "RowExplainer",
    "RunFilter",
    "RunId",
    "RunOutcome",
    "RunReader",
    "RunView",
    "Runs",
    "ScoreTable",
    "Scoring",
    "ServedModel",
    "Severity",
    "SeverityCutOffs",
    "ThresholdChoice",
    "TooFewRows",
    "UnknownAlgorithm",
    "Verdict",
    "check_rows",
    "checked_contamination",
    "checked_rate",
    "configuration_values",
    "decision_values",
    "model_notes",
    "model_summary",
    "parameters",
    "rarity_of",
    "rate_at_score",
    "restored_configuration",
    "scores_at",
]


@dataclass(frozen=True, slots=True)
class AnomalyDetection:
    """The context's use cases, wired."""

    catalogue: Catalogue
    models: ModelFiles
    fit: FitModel
    detect: DetectAnomalies
    explain: ExplainRow
