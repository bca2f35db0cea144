from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.api import FLAGGED, DetectorConfiguration, FitModel, ScoreTable
from core.domain.errors import Invalid
from data_platform.api import ColumnChoices, LabelColumn, Table
from machine_learning.application.evaluate_model import found_label
from machine_learning.domain.evaluation import Evaluation, evaluate
from machine_learning.domain.ranking import Ranking, precision


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision over recall with the threshold at each distinct score, from the highest down."""

    recall: NDArray[np.float64]
    precision: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    """One algorithm's part of a comparison; a refusal instead of figures where it could not be fitted."""

    algorithm: str
    evaluation: Evaluation | None
    curve: Curve | None
    seconds: float  # to fit and to score all rows
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class CompareAlgorithms:
    """Fit several algorithms on the same rows without their labels, and measure each by the labels."""

    fit: FitModel
    label_column: Callable[[Table, str | None], LabelColumn | None]
    stopwatch: Callable[[], float]  # seconds, from any start

    def __call__(
        self, table: Table, configuration: DetectorConfiguration, *, algorithms: Sequence[str]
    ) -> tuple[tuple[Compared, ...], LabelColumn]:
        """The best average precision first. ``configuration`` holds what is common to all.

        Raises UnknownAlgorithm, NoLabelColumn, UnknownColumn, OneClassOnly, and what reading the table raises.
        """
        for name in algorithms:
            self.fit.catalogue.algorithm(name)
        column = found_label(self.label_column, table, configuration.columns.label)
        columns: ColumnChoices = replace(configuration.columns, label=column.name)
        common = replace(configuration, columns=columns)
        compared = [self._measured(table, replace(common, algorithm=name), column) for name in algorithms]
        compared.sort(key=lambda c: -c.evaluation.average_precision.value if c.evaluation else 1.0)
        return tuple(compared), column

    def _measured(self, table: Table, configuration: DetectorConfiguration, column: LabelColumn) -> Compared:
        start = self.stopwatch()
        try:
            fit = self.fit(table, configuration)
            raw, labels = [], []
            for batch in ScoreTable(table, fit.model, fit)():
                raw.append(batch.raw)
                labels.append(column.is_anomaly(batch.frame))
        except Invalid as refused:
            return Compared(configuration.algorithm, None, None, self.stopwatch() - start, str(refused))
        seconds = self.stopwatch() - start
        scores, truth = np.concatenate(raw), np.concatenate(labels)
        flagged = fit.model.calibration.calibrated(scores) >= FLAGGED
        evaluation = evaluate(scores, flagged, truth, seed=configuration.seed)
        return Compared(configuration.algorithm, evaluation, curve(scores, truth), seconds)


def curve(scores: NDArray[np.float64], labels: NDArray[np.bool_]) -> Curve:
    true, false = Ranking.of(scores, labels).curve()
    return Curve(true / true[-1], precision(true, false))
