"""What explanations of a run's rows need from outside."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.domain.detector import Matrix, Scores


class ResultRows(Protocol):
    """The result file of a run; see ``application.runs.reading``. Raises ResultLost where it is damaged."""

    @property
    def columns(self) -> dict[str, pl.DataType]:
        """The input's, without the results."""

    def row(self, number: int) -> tuple[pl.DataFrame, float]:
        """The row, one of those there are, with the input's columns; and its raw score."""

    def share_below(self, raw_score: float) -> float:
        """Of the rows: how many score lower."""

    def usual(self, columns: Sequence[str], *, alert_rate: float, most: int) -> pl.DataFrame:
        """Up to ``most`` rows that are not flagged, spread over the file, with their numbers in ``ROW`` and their tail
        probabilities in ``RARITY``."""

    def shares(self) -> Scores:
        """The tail probabilities of all rows."""

    def column(self, name: str) -> pl.Series:
        """Of the input, all rows."""

    def values(self, columns: Sequence[str], rows: NDArray[np.intp]) -> Matrix:
        """Of numeric columns: (n_rows, n_columns) in the order of ``rows``, NaN for what is missing."""


RARITY = "\x00tail_probability"  # no input's column is called that
OpenResult = Callable[[Path], ResultRows]
