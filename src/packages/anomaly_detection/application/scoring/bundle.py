from dataclasses import dataclass

from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.application.scoring.fit_and_score import FitAndScore
from anomaly_detection.application.scoring.preview_detector import PreviewDetector
from anomaly_detection.application.scoring.score_rows import ScoreRows
from data_platform.api import DatasetReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """Scores while the caller waits."""

    by_model: ScoreRows
    by_fit: FitAndScore
    preview: PreviewDetector
    detectors: DetectorReader
    datasets: DatasetReader
