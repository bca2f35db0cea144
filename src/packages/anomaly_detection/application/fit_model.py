from dataclasses import dataclass

import polars as pl

from anomaly_detection.application.ports import Catalogue
from anomaly_detection.domain.algorithm import Encoding, Scaling
from anomaly_detection.domain.calibration import ScoreCalibration
from anomaly_detection.domain.detector import DescribesItself, Matrix, Scores, TooFewRows
from anomaly_detection.domain.fitted_model import (
    DetectorConfiguration,
    FittedModel,
    ThresholdChoice,
    Training,
)
from anomaly_detection.domain.scaling import Scaler, column_quantiles
from anomaly_detection.domain.threshold import automatic_alert_rate, checked_contamination
from data_platform.api import Preprocessor, Sample, Table, sample_rows

FEWEST_ROWS = 10  # below it no share of rows can be called rare


@dataclass(frozen=True, slots=True)
class FitModel:
    """Learn from a table, or from a seeded sample of it where the algorithm's limit is lower than its rows."""

    catalogue: Catalogue

    def __call__(self, table: Table, configuration: DetectorConfiguration) -> "Fit":
        """Raises UnknownAlgorithm, InvalidParameter, InvalidContamination, TooFewRows, NoUsableColumn, FitFailed,
        UnknownColumn, and what reading the table raises; the cheap refusals come first."""
        entry = self.catalogue.algorithm(configuration.algorithm)
        parameters = entry.with_defaults(configuration.parameters)
        contamination = checked_contamination(configuration.contamination)
        detector = self.catalogue.detector(entry.name, parameters, seed=configuration.seed)
        sample = enough_rows(table, most=entry.cost.max_fit_rows, seed=configuration.seed)
        preprocessor = Preprocessor.fit(
            sample.frame, configuration.columns, one_hot=entry.encoding is Encoding.ONE_HOT
        )
        scaler, x = scaled(preprocessor, sample.frame, entry.scaling)
        whole = sample.frame if sample.is_whole else None
        rows_seen = sample.rows_seen
        del sample
        scores = detector.fit(x)
        alert_rate = contamination
        if alert_rate is None:
            distances_in = x.shape[1] if entry.scores_are_distances else None
            alert_rate = automatic_alert_rate(scores, distances_in=distances_in)
        model = FittedModel(
            algorithm=entry,
            parameters=parameters,
            seed=configuration.seed,
            preprocessor=preprocessor,
            scaler=scaler,
            detector=detector,
            calibration=ScoreCalibration.fit(scores, alert_rate),
            typical=column_quantiles(x, [0.5]),
            training=Training(
                rows=rows_seen,
                rows_fitted=len(x),
                threshold_choice=ThresholdChoice.AUTO
                if contamination is None
                else ThresholdChoice.CONTAMINATION,
                description=detector.description if isinstance(detector, DescribesItself) else "",
            ),
        )
        return Fit(model, whole, scores)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model with the raw scores of the rows it was fitted on, and these where they are the whole table."""

    model: FittedModel
    whole_table: pl.DataFrame | None
    training_scores: Scores


def scaled(preprocessor: Preprocessor, frame: pl.DataFrame, scaling: Scaling) -> tuple[Scaler, Matrix]:
    """The scaler learned from the rows, and the rows in it. The rows before scaling are gone when this returns."""
    matrix = preprocessor.transform(frame)
    scaler = Scaler.fit(matrix, scaling, [feature.part for feature in preprocessor.features])
    return scaler, scaler.transform(matrix)


def enough_rows(table: Table, *, most: int, seed: int) -> Sample:
    """The rows to fit on. Raises TooFewRows."""
    sample = sample_rows(table, most=most, seed=seed)
    check_rows(table.name, sample.rows_seen)
    return sample


def check_rows(name: str, rows: int) -> None:
    """Raises TooFewRows."""
    if rows < FEWEST_ROWS:
        raise TooFewRows(
            f"{name} has {rows} row{'s' * (rows != 1)}; at least {FEWEST_ROWS} are needed to learn what is usual.",
            fix="Give more rows, or score them with a model trained before.",
            rows=rows,
        )
