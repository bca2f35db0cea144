"""Why rows score as they do: for a few in full, for many as columns of a frame."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.attribution import contributions_by_column
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.explanation import NAMED, Explanation, ranked, sentence
from anomaly_detection.domain.fitted_model import FittedModel
from anomaly_detection.domain.severity import FLAGGED, Severity, SeverityCutOffs
from core.domain.errors import NotFound
from data_platform.api import Table


class NoSuchRow(NotFound):
    title = "The table has no such row"


@dataclass(frozen=True, slots=True)
class RowExplainer:
    """Explanations by one model. Rows come as frames with the model's columns."""

    model: FittedModel
    cut_offs: SeverityCutOffs = field(default_factory=SeverityCutOffs)

    def contributions(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """Shape (n_rows, n_source_columns), in ``columns`` order; see ``contributions_by_column``."""
        return contributions_by_column(
            self.model.detector,
            self.model.prepared(frame),
            typical=self.model.typical,
            groups=list(self.model.feature_groups().values()),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns that can contribute."""
        return tuple(self.model.feature_groups())

    def reasons(self, frame: pl.DataFrame) -> tuple[NDArray[np.float64], list[str]]:
        """The contributions, and each row's sentence: those of ``explain``, without its other words."""
        columns, usual = self.columns, self.model.preprocessor.usual
        if not len(frame):
            return np.empty((0, len(columns))), []
        contributions = self.contributions(frame)
        named = np.argsort(-contributions, axis=1, kind="stable")[:, :NAMED]
        sentences = [
            sentence(
                ranked(
                    [columns[j] for j in named[i]],
                    contributions[i, named[i]].tolist(),
                    observed=observed,
                    usual=usual,
                )
            )
            for i, observed in enumerate(self.model.preprocessor.observed(frame))
        ]
        return contributions, sentences

    def explain(
        self, frame: pl.DataFrame, raw: Scores, *, rows: NDArray[np.int64]
    ) -> tuple[Explanation, ...]:
        """One explanation per row of the frame. ``rows`` are their numbers in the table, ``raw`` their raw scores."""
        if not len(frame):
            return ()
        scores = self.model.calibration.calibrated(raw)
        severities = list(Severity)
        ranks = self.cut_offs.ranks(scores)
        columns, contributions = self.columns, self.contributions(frame)
        observed = self.model.preprocessor.observed(frame)
        return tuple(
            Explanation(
                row=int(rows[i]),
                score=float(scores[i]),
                raw_score=float(raw[i]),
                is_anomaly=bool(scores[i] >= FLAGGED),
                severity=severities[ranks[i]],
                contributions=ranked(
                    columns,
                    contributions[i].tolist(),
                    observed=observed[i],
                    usual=self.model.preprocessor.usual,
                ),
            )
            for i in range(len(frame))
        )


@dataclass(frozen=True, slots=True)
class ExplainRow:
    """Explain one row of a table by its number."""

    def __call__(
        self, table: Table, model: FittedModel, *, row: int, cut_offs: SeverityCutOffs
    ) -> Explanation:
        """``row`` counts from 0. Raises NoSuchRow, SchemaMismatch, and what reading the table raises."""
        first_row = 0
        for frame in table.batches():
            if first_row <= row < first_row + len(frame):
                one = frame[row - first_row : row - first_row + 1]
                return RowExplainer(model, cut_offs).explain(
                    one, model.raw_scores(one), rows=np.array([row])
                )[0]
            first_row += len(frame)
        raise NoSuchRow(
            f"{table.name} has no row {row}: it has {first_row:,}.",
            fix=f"Rows are numbered 0 to {first_row - 1}.",
        )
