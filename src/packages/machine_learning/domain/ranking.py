"""How well scores put anomalies above normal rows, with and without a threshold."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.domain.errors import Invalid

Scores = NDArray[np.float64]  # shape (n_rows,), higher is more anomalous
Labels = NDArray[np.bool_]  # shape (n_rows,), True is an anomaly
Weights = NDArray[np.float64]  # shape (n_rows,), how often a row counts


class OneClassOnly(Invalid):
    title = "The labels are all the same"


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows in descending order of score, as positions where the score changes: what all measures are sums over.

    ``labels`` are in that order; ``last_of_tie`` marks the last row of each run of equal scores.
    """

    order: NDArray[np.intp]
    labels: Labels
    last_of_tie: NDArray[np.bool_]

    @classmethod
    def of(cls, scores: Scores, labels: Labels) -> Self:
        """Raises OneClassOnly where there is no anomaly or nothing but anomalies."""
        if labels.all() or not labels.any():
            raise OneClassOnly(
                f"All {len(labels)} rows have the same label.",
                fix="Evaluation needs at least one anomaly and one normal row.",
            )
        order = np.argsort(-scores, kind="stable")
        ordered = scores[order]
        return cls(order, labels[order], np.append(ordered[1:] != ordered[:-1], True))

    def curve(self, weights: Weights | None = None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(true positives, false positives) with the threshold at each distinct score, from the highest down."""
        hits = self.labels.astype(np.float64) if weights is None else self.labels * weights
        misses = (~self.labels).astype(np.float64) if weights is None else ~self.labels * weights
        return hits.cumsum()[self.last_of_tie], misses.cumsum()[self.last_of_tie]

    def auroc(self, weights: Weights | None = None) -> float:
        """Area under the ROC curve in [0, 1]: how often an anomaly outranks a normal row, ties counting half."""
        true, false = self.curve(weights)
        recall = np.concatenate([[0.0], true / true[-1]])
        fall_out = np.concatenate([[0.0], false / false[-1]])
        return float(np.trapezoid(recall, fall_out))

    def average_precision(self, weights: Weights | None = None) -> float:
        """Area under the precision-recall steps in (0, 1]; as scikit-learn defines it, without interpolation."""
        true, false = self.curve(weights)
        gained = np.diff(true, prepend=0.0) / true[-1]
        return float(np.sum(gained * precision(true, false)))

    def precision_at(self, k: int, weights: Weights | None = None) -> float:
        """Share of anomalies among the k highest scores; rows that tie at the end count by their share."""
        true, false = self.curve(weights)
        seen = true + false
        found = np.interp(k, np.concatenate([[0.0], seen]), np.concatenate([[0.0], true]))
        return float(found / min(k, seen[-1]))


def precision(true: NDArray[np.float64], false: NDArray[np.float64]) -> NDArray[np.float64]:
    """true / (true + false), 1 where nothing was flagged."""
    flagged = true + false
    return np.divide(true, flagged, out=np.ones_like(flagged), where=flagged > 0)
