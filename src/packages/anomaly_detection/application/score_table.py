"""Raw scores for the rows of a table, batch by batch."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from anomaly_detection.application.fit_model import Fit
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.fitted_model import FittedModel
from data_platform.api import BATCH_ROWS, Table

TIED = 1e-6  # relative step below a share at which the rows that have it are no longer flagged


@dataclass(frozen=True, slots=True)
class ScoredBatch:
    """Consecutive rows: ``first_row`` is the 0-based number of the first, ``raw`` their raw scores."""

    first_row: int
    frame: pl.DataFrame
    raw: Scores


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """A table with the model to score it by; can be gone through more than once.

    ``fit`` is given when the model was fitted on this very table: rows that were all fitted keep their training
    scores, in which no row counts as its own neighbour.
    """

    table: Table
    model: FittedModel
    fit: Fit | None = None
    all_columns: bool = True
    batch_rows: int = BATCH_ROWS

    def __call__(self) -> Iterator[ScoredBatch]:
        """Raises SchemaMismatch, and what reading the table raises."""
        if self.fit is not None and self.fit.whole_table is not None:
            yield from self._fitted_rows(self.fit.whole_table, self.fit.training_scores)
            return
        first_row = 0
        columns = None if self.all_columns else self._needed()
        for frame in self.table.batches(columns=columns, rows=self.batch_rows):
            yield ScoredBatch(first_row, frame, self.model.raw_scores(frame))
            first_row += len(frame)

    def _fitted_rows(self, frame: pl.DataFrame, scores: Scores) -> Iterator[ScoredBatch]:
        for start in range(0, len(frame), self.batch_rows):
            part = slice(start, start + self.batch_rows)
            yield ScoredBatch(start, frame[part], scores[part])

    def _needed(self) -> list[str]:
        needed = {*self.model.preprocessor.sources, self.model.preprocessor.id_column}
        return [name for name in self.table.schema if name in needed]


def rate_of_at_most(alerts: int, model: FittedModel, batches: Iterator[ScoredBatch]) -> float:
    """The alert rate at which at most this many of the rows are flagged, and at most half of them.

    Rows that tie are flagged together or not at all.
    """
    highest, n_rows = np.empty(0), 0
    for batch in batches:
        n_rows += len(batch.raw)
        highest = np.sort(np.concatenate([highest, batch.raw]))[-(alerts + 1) :]
    most = min(alerts, n_rows // 2)
    shares = model.calibration.tail_probability(highest[::-1])
    rarer = shares[:most][shares[:most] < shares[most]]
    return float(rarer[-1]) if len(rarer) else float(shares[most]) * (1 - TIED)
