from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from anomaly_detection.api import FLAGGED, FittedModel, ScoreTable
from core.domain.errors import InvalidOption
from data_platform.api import LabelColumn, Table
from machine_learning.domain.evaluation import Evaluation, evaluate


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
        column = found_label(self.label_column, table, label)
        raw, labels = [], []
        for batch in ScoreTable(table, model)():
            raw.append(batch.raw)
            labels.append(column.is_anomaly(batch.frame))
        scores = np.concatenate(raw)
        flagged = model.calibration.calibrated(scores) >= FLAGGED
        return evaluate(scores, flagged, np.concatenate(labels), seed=seed), column


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
