"""The rows with the highest raw scores of a table that is seen batch by batch."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.score_table import ScoredBatch
from anomaly_detection.domain.detector import Scores


@dataclass(slots=True)
class TopRows:
    """Up to ``most`` rows (None: all), the highest scores first, ties in row order."""

    most: int | None
    frame: pl.DataFrame = field(default_factory=pl.DataFrame)
    raw: Scores = field(default_factory=lambda: np.empty(0))
    rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def add(self, batch: ScoredBatch) -> None:
        """Take the batch's rows into account."""
        numbers = np.arange(batch.first_row, batch.first_row + len(batch.raw))
        kept = self._highest(batch.raw)
        raw = np.concatenate([self.raw, batch.raw[kept]])
        rows = np.concatenate([self.rows, numbers[kept]])
        best = self._highest(raw)
        frame = batch.frame[kept]
        self.frame = (pl.concat([self.frame, frame]) if self.frame.width else frame)[best]
        self.raw, self.rows = raw[best], rows[best]

    def _highest(self, raw: Scores) -> NDArray[np.intp]:
        """Positions of the highest scores, in order; earlier rows win ties."""
        if self.most is not None and len(raw) > 4 * self.most + 100:
            bar = (
                np.partition(raw, len(raw) - self.most - 1)[len(raw) - self.most - 1] if self.most else np.inf
            )
            candidates = np.flatnonzero(raw >= bar)
        else:
            candidates = np.arange(len(raw))
        order = np.argsort(-raw[candidates], kind="stable")
        return candidates[order][: self.most]
