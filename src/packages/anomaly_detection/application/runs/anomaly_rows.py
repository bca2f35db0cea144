"""Rows of a result file with their reasons, as JSON values of bounded size."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.runs.json_cells import json_cell, shortened
from anomaly_detection.application.runs.ports import ROW, ResultFile, ScoredRow, StoredAnomaly
from anomaly_detection.application.runs.reading import result_names
from anomaly_detection.domain.calibration import scores_at
from anomaly_detection.domain.severity import FLAGGED, Severity, SeverityCutOffs

MOST_CONTRIBUTIONS = 50
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class AnomalyRows:
    """``explainer`` gives the reasons of rows that were not flagged when the file was written: it has none for them."""

    file: ResultFile
    explainer: RowExplainer
    most_cells: int = 200  # of a row: those the model looks at before the others
    longest_cell: int = 1_000  # characters

    def __call__(self, numbers: Sequence[int], *, explain: Collection[int]) -> Iterator[list[StoredAnomaly]]:
        """In the file's order, in batches. Of rows without a reason, those of ``explain`` get one; the rest have none."""
        needed = set(explain)
        for frame in self.file.rows(numbers):
            names = result_names([name for name in frame.columns if name != ROW])
            silent = frame[names["contributions"]].is_null() & frame[ROW].is_in(needed)
            yield self._anomalies(frame, names, np.flatnonzero(silent.to_numpy()))

    def _anomalies(
        self, frame: pl.DataFrame, names: Mapping[str, str], silent: np.ndarray[Any, Any]
    ) -> list[StoredAnomaly]:
        contributions, sentences = self.explainer.reasons(frame[silent])
        said = {
            int(position): (
                sentences[i],
                dict(zip(self.explainer.columns, contributions[i].tolist(), strict=True)),
            )
            for i, position in enumerate(silent)
        }
        shown = self._shown_columns()
        id_column = self.explainer.model.preprocessor.id_column
        return [
            StoredAnomaly(
                row=row[ROW],
                raw_score=row[names["raw_score"]],
                tail_probability=row[names["tail_probability"]],
                row_id="" if id_column not in row else shortened(str(row[id_column]), LONGEST_ID),
                **self._explained(row, names, said.get(position)),
                cells={shortened(c, 500): json_cell(row[c], longest=self.longest_cell) for c in shown},
            )
            for position, row in enumerate(frame.iter_rows(named=True))
        ]

    @staticmethod
    def _explained(
        row: Mapping[str, Any], names: Mapping[str, str], said: tuple[str, dict[str, float]] | None
    ) -> dict[str, Any]:
        reason, contributions = said or (row[names["reason"]], row[names["contributions"]])
        if contributions is None:
            return {"reason": "", "contributions": {}}
        largest = sorted(contributions.items(), key=lambda pair: -pair[1])[:MOST_CONTRIBUTIONS]
        return {
            "reason": reason.replace("\x00", ""),
            "contributions": {shortened(column, 500): value for column, value in largest},
        }

    def _shown_columns(self) -> list[str]:
        """In the table's order."""
        preprocessor = self.explainer.model.preprocessor
        used = {*preprocessor.sources, preprocessor.id_column}
        every = self.file.columns
        chosen = sorted(every, key=lambda name: name not in used)[: self.most_cells]
        return (
            [name for name in every if name in set(chosen)] if len(every) > self.most_cells else list(every)
        )


def scored_rows(
    found: Sequence[StoredAnomaly],
    alert_rate: float,
    cut_offs: SeverityCutOffs,
    *,
    verdicts: Mapping[int, str] | None = None,
) -> list[ScoredRow]:
    """The rows as they count at that alert rate, with the largest contributions first."""
    scores = scores_at(alert_rate, np.array([each.tail_probability for each in found]))
    severities, ranks = list(Severity), cut_offs.ranks(scores)
    return [
        ScoredRow(
            row=each.row,
            score=float(scores[i]),
            raw_score=each.raw_score,
            tail_probability=each.tail_probability,
            is_anomaly=bool(scores[i] >= FLAGGED),
            severity=severities[ranks[i]],
            row_id=each.row_id,
            reason=each.reason,
            contributions=dict(sorted(each.contributions.items(), key=lambda pair: -pair[1])),
            cells=each.cells,
            verdict=(verdicts or {}).get(each.row),
        )
        for i, each in enumerate(found)
    ]
