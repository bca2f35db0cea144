"""The columns that a detection adds to the rows of its output file."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.score_table import ScoredBatch
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.severity import FLAGGED, Severity

NAMES = ("score", "raw_score", "is_anomaly", "severity", "reason", "contributions")
USUAL = "nothing unusual"
NOT_EXPLAINED = -1
SEVERITIES = pl.Series([severity.value for severity in Severity])


@dataclass(frozen=True, slots=True)
class ResultColumns:
    """Adds score, raw_score, is_anomaly, severity, reason and contributions to the rows as they came.

    Flagged rows have a reason and a contribution per column (to the raw score); the others say that nothing is
    unusual. A name the table already has gets a number.
    """

    explainer: RowExplainer
    table_columns: tuple[str, ...]
    results: tuple[str, ...] = NAMES  # or RESULT_COLUMNS, with the tail probability

    @property
    def names(self) -> dict[str, str]:
        """Result -> the column it is written to."""
        return {name: self._free(name) for name in self.results}

    def _free(self, name: str) -> str:
        candidate, number = name, 0
        while candidate in self.table_columns:
            number += 1
            candidate = f"{name}_{number}"
        return candidate

    def __call__(self, batch: ScoredBatch, scores: Scores) -> pl.DataFrame:
        """The batch's rows with the results beside them; ``scores`` are calibrated."""
        flagged = np.flatnonzero(scores >= FLAGGED)
        reasons, contributions = self._explained(batch, flagged)
        values = {
            "score": pl.Series(scores),
            "raw_score": pl.Series(batch.raw),
            "is_anomaly": pl.Series(scores >= FLAGGED),
            "severity": self._severity(scores),
            "reason": reasons,
            "contributions": contributions,
        }
        if "tail_probability" in self.results:
            values["tail_probability"] = pl.Series(
                self.explainer.model.calibration.tail_probability(batch.raw)
            )
        return batch.frame.with_columns(values[result].alias(name) for result, name in self.names.items())

    def _severity(self, scores: Scores) -> pl.Series:
        return SEVERITIES.gather(self.explainer.cut_offs.ranks(scores))

    def _explained(self, batch: ScoredBatch, flagged: NDArray[np.intp]) -> tuple[pl.Series, pl.Series]:
        contributions, sentences = self.explainer.reasons(batch.frame[flagged])
        reasons = pl.Series([USUAL], dtype=pl.String).new_from_index(0, len(batch.raw))
        if len(flagged):
            reasons = reasons.scatter(flagged, pl.Series(sentences, dtype=pl.String))
        explained = pl.from_numpy(contributions, schema=list(self.explainer.columns)).to_struct()
        position = np.full(len(batch.raw), NOT_EXPLAINED)
        position[flagged] = np.arange(len(flagged))
        rows = pl.Series(position)
        return reasons, explained.gather(rows.set(rows == NOT_EXPLAINED, None))
