"""A run's rows with the scores and flags of the alert rate in force."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.result_columns import SEVERITIES, USUAL
from anomaly_detection.application.runs.ports import ResultFile
from anomaly_detection.application.runs.reading import result_names
from anomaly_detection.domain.calibration import scores_at
from anomaly_detection.domain.severity import FLAGGED
from data_platform.api import BATCH_ROWS

NO_ROW = -1


@dataclass(frozen=True, slots=True)
class RecutResult:
    """A ``Table``: the file as it would be, had the run been cut at the model's present alert rate."""

    file: ResultFile
    explainer: RowExplainer
    name: str = "result"
    notes: tuple[str, ...] = ()

    @property
    def schema(self) -> Mapping[str, pl.DataType]:
        return next(self.file.batches()).schema

    def row_count(self) -> int | None:
        return None

    def batches(
        self, *, columns: Sequence[str] | None = None, rows: int = BATCH_ROWS
    ) -> Iterator[pl.DataFrame]:
        for frame in self.file.batches():
            recut = self._recut(frame)
            yield from (recut if columns is None else recut.select(columns)).iter_slices(rows)

    def _recut(self, frame: pl.DataFrame) -> pl.DataFrame:
        names = result_names(frame.columns)
        p = frame[names["tail_probability"]].to_numpy()
        scores = scores_at(self.explainer.model.calibration.alert_rate, p)
        flagged = scores >= FLAGGED
        reasons, contributions = self._explained(frame, names, flagged)
        return frame.with_columns(
            pl.Series(scores).alias(names["score"]),
            pl.Series(flagged).alias(names["is_anomaly"]),
            SEVERITIES.gather(self.explainer.cut_offs.ranks(scores)).alias(names["severity"]),
            reasons.alias(names["reason"]),
            contributions.alias(names["contributions"]),
        )

    def _explained(
        self,
        frame: pl.DataFrame,
        names: Mapping[str, str],
        flagged: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> tuple[pl.Series, pl.Series]:
        """The file's own words for rows that are still flagged, new ones for rows that were not."""
        written = frame[names["contributions"]]
        new = np.flatnonzero(flagged & written.is_null().to_numpy())
        added, sentences = self.explainer.reasons(frame[new])
        more = pl.from_numpy(added, schema=list(self.explainer.columns)).to_struct()
        position = np.arange(len(frame))
        position[~flagged] = NO_ROW
        position[new] = len(frame) + np.arange(len(new))
        rows = pl.Series(position)
        gathered = pl.concat([written, more.cast(written.dtype)]).gather(rows.set(rows == NO_ROW, None))
        reasons = frame[names["reason"]].set(pl.Series(~flagged), USUAL)
        return (
            reasons.scatter(new, pl.Series(sentences, dtype=pl.String)) if len(new) else reasons
        ), gathered
