from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from anomaly_detection.api import FLAGGED, FittedModel, ScoreTable
from core.domain.errors import InvalidOption
from data_platform.api import LabelColumn, Table
from machine_learning.domain.evaluation import Evaluation, evaluate
from machine_learning.domain.score_curve import ScoreCurve


class NoLabelColumn(InvalidOption):
    title = "No column says which rows are anomalies"


@dataclass(frozen=True, slots=True)
class EvaluateModel:
    """Measure a model on a labelled table."""

    label_column: Callable[[Table, str | None], LabelColumn | None]

    def __call__(
        self, table: Table, model: FittedModel, *, label: str | None, seed: int
    ) -> tuple[Evaluation, LabelColumn]:
        """``label`` names the column; None: the one that looks like labels.

        Raises NoLabelColumn, UnknownColumn, SchemaMismatch, OneClassOnly, and what reading the table raises.
        """
        evaluation, column, _ = self.with_curve(table, model, label=label, seed=seed)
        return evaluation, column

    def with_curve(
        self, table: Table, model: FittedModel, *, label: str | None, seed: int
    ) -> tuple[Evaluation, LabelColumn, ScoreCurve]:
        """The same, and what other thresholds would do."""
        column = found_label(self.label_column, table, label)
        raw, labels = [], []
        for batch in ScoreTable(table, model)():
            raw.append(batch.raw)
            labels.append(column.is_anomaly(batch.frame))
        scores, truth = np.concatenate(raw), np.concatenate(labels)
        calibrated = model.calibration.calibrated(scores)
        evaluation = evaluate(scores, calibrated >= FLAGGED, truth, seed=seed)
        return evaluation, column, ScoreCurve.of(calibrated, truth)


def found_label(
    label_column: Callable[[Table, str | None], LabelColumn | None], table: Table, label: str | None
) -> LabelColumn:
    """The label column named or inferred. Raises NoLabelColumn, UnknownColumn."""
    column = label_column(table, label)
    if column is None:
        raise NoLabelColumn(
            f"{table.name} has no column that looks like labels.", fix="Name the label column."
        )
    return column
