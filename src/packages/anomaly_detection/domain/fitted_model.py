"""A detector that has learned from a table, with all it needs to score other rows of the same kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

import numpy as np
import polars as pl

from anomaly_detection.domain.algorithm import Algorithm, ParameterValue
from anomaly_detection.domain.calibration import ScoreCalibration
from anomaly_detection.domain.detector import Detector, Matrix, Scores
from anomaly_detection.domain.scaling import Scaler
from data_platform.api import ColumnChoices, Preprocessor


class ThresholdChoice(StrEnum):
    """Who chose the alert rate."""

    AUTO = "auto"
    CONTAMINATION = "contamination"
    MAX_ALERTS = "max_alerts"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorConfiguration:
    """What somebody asked for: an algorithm, its parameters, and how columns and threshold are to be chosen."""

    algorithm: str = "auto"
    parameters: Mapping[str, object] = field(default_factory=dict)
    contamination: float | None = None  # expected share of anomalies in (0, 0.5]; None: from the scores
    seed: int = 0
    columns: ColumnChoices = field(default_factory=ColumnChoices)


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What a model was fitted on."""

    rows: int  # in the table
    rows_fitted: int  # fewer where the algorithm's limit made it a sample
    threshold_choice: ThresholdChoice
    description: str  # what the algorithm did, in one sentence; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedModel:
    """Everything between a row and its calibrated score, in order: preprocessor, scaler, detector, calibration."""

    algorithm: Algorithm
    parameters: Mapping[str, ParameterValue]
    seed: int
    preprocessor: Preprocessor
    scaler: Scaler
    detector: Detector
    calibration: ScoreCalibration
    typical: Matrix  # shape (1, n_features), scaled: the medians of the training rows
    training: Training

    def prepared(self, frame: pl.DataFrame) -> Matrix:
        """The rows as the detector sees them. Raises SchemaMismatch."""
        return self.scaler.transform(self.preprocessor.transform(frame))

    def raw_scores(self, frame: pl.DataFrame) -> Scores:
        """One raw score per row, higher is more anomalous. Raises SchemaMismatch."""
        return self.detector.score(self.prepared(frame))

    def raw_scores_of(self, features: Matrix) -> Scores:
        """As ``raw_scores``, of what the preprocessor made of the rows."""
        return self.detector.score(self.scaler.transform(features))

    def scores(self, frame: pl.DataFrame) -> Scores:
        """One calibrated score in [0, 1] per row; flagged is >= 0.8. Raises SchemaMismatch."""
        return self.calibration.calibrated(self.raw_scores(frame))

    def feature_groups(self) -> dict[str, np.ndarray[tuple[int], np.dtype[np.intp]]]:
        """Source column -> the indices of the features made from it."""
        groups: dict[str, list[int]] = {}
        for index, feature in enumerate(self.preprocessor.features):
            groups.setdefault(feature.source, []).append(index)
        return {source: np.array(indices, dtype=np.intp) for source, indices in groups.items()}

    def with_alert_rate(self, alert_rate: float, choice: ThresholdChoice) -> Self:
        """The same model with another threshold."""
        return replace(
            self,
            calibration=self.calibration.with_alert_rate(alert_rate),
            training=replace(self.training, threshold_choice=choice),
        )
