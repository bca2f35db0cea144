"""A version's evaluation, at the threshold in force."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.presentation.charts.curve import Curve
from machine_learning.api import VersionView
from machine_learning.application.registry.ports import EvaluationView
from machine_learning.domain.cuts import Cuts
from machine_learning.domain.recut import MEASURED_AT, curve_of, metrics_at
from machine_learning.domain.score_curve import ScoreCurve, wilson

FLAGGED_AT = 80  # the score, of 100, from which a row is flagged


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A version on labelled rows. ``document`` is an evaluation's, ``metrics`` and ``curve`` are at the threshold in force."""

    number: int
    document: Mapping[str, Any]
    metrics: Mapping[str, Any]
    curve: ScoreCurve
    is_recut: bool  # the threshold was moved since it was measured

    @classmethod
    def of(
        cls, version: VersionView, evaluation: EvaluationView, cuts: Callable[[], Cuts]
    ) -> "Evaluated | None":
        """None while it is not there yet. ``cuts``: where the threshold was moved since."""
        document, now = evaluation.document, version.alert_rate
        if document is None:
            return None
        if document[MEASURED_AT] == now:
            return cls(version.number, document, document, curve_of(document), False)
        kept = cuts()
        return cls(version.number, document, metrics_at(document, kept, now), kept.curve(now), True)

    @property
    def name(self) -> str:
        return f"version {self.number}"

    @property
    def days(self) -> float | None:
        """Over which the rows lie, where they tell."""
        days: float | None = self.document["days"]
        return days

    @property
    def source(self) -> str:
        """``card-payments, version 1: 3,000 rows, 15 of them anomalies``."""
        document = self.document
        where = "its own training rows, " if document.get("on") else ""
        return (
            f"{where}{document['dataset']} version {document['number']}, column {document['label']}: "
            f"{document['rows']:,} rows, {document['anomalies']:,} of them anomalies"
        )

    def precision_over_recall(self) -> Curve:
        flagged, true = self._flagged(), np.array(self.curve.true_positives, dtype=float)
        some = flagged > 0
        low, high = wilson(true[some], flagged[some])
        return Curve(
            self.name,
            (true[some] / self.curve.anomalies).tolist(),
            (true[some] / flagged[some]).tolist(),
            low.tolist(),
            high.tolist(),
        )

    def recall_over_false_alarms(self) -> Curve:
        true = np.array(self.curve.true_positives, dtype=float)
        false = np.array(self.curve.false_positives, dtype=float)
        low, high = wilson(true, np.full_like(true, self.curve.anomalies))
        return Curve(
            self.name,
            (false / self.curve.normal).tolist(),
            (true / self.curve.anomalies).tolist(),
            low.tolist(),
            high.tolist(),
        )

    def _flagged(self) -> Any:
        return np.array(self.curve.true_positives, dtype=float) + np.array(self.curve.false_positives)
