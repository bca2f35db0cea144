"""Rows as a model's detector sees them, without a frame where they are plain."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.model_detectors import ServedModel
from anomaly_detection.application.scoring.limits import whole
from anomaly_detection.application.scoring.scored_rows import Frames, ScoredRows
from anomaly_detection.application.scoring.sent_rows import Rows, SentRows
from anomaly_detection.domain.detector import Matrix
from anomaly_detection.domain.fitted_model import FittedModel
from data_platform.api import frame_table


@dataclass(frozen=True, slots=True)
class PreparedRows:
    features: Matrix
    frames: Frames

    @classmethod
    def of(cls, model: FittedModel, rows: SentRows) -> Self | Rows:
        """The rows themselves where they must become a frame. Raises MissingRefused, and what is wrong with them."""
        preprocessor = model.preprocessor
        columns = preprocessor.number_columns
        values = None if columns is None else rows.values(columns)
        if values is not None:
            return cls(preprocessor.transform_numbers(values), _of_values(values, preprocessor.sources))
        mappings = rows.mappings()
        features = preprocessor.transform_rows(mappings)
        return mappings if features is None else cls(features, _of_mappings(mappings, preprocessor.sources))

    def scored(self, served: ServedModel, model: FittedModel, *, explain: bool) -> ScoredRows:
        """``model`` is the served one, perhaps with another threshold."""
        raw = model.raw_scores_of(self.features)
        return ScoredRows.of(model, raw, served=served, frames=self.frames if explain else None)


def _of_values(values: Matrix, columns: Sequence[str]) -> Frames:
    def frame(numbers: NDArray[np.intp]) -> pl.DataFrame:
        return pl.from_numpy(values[numbers], schema=list(columns))

    return frame


def _of_mappings(rows: Rows, columns: Sequence[str]) -> Frames:
    """Each row has them all."""

    def frame(numbers: NDArray[np.intp]) -> pl.DataFrame:
        chosen = [rows[i] for i in numbers]
        return whole(frame_table({name: [row[name] for row in chosen] for name in columns}))

    return frame
