"""Rows with their scores, and why the flagged ones are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.model_detectors import ServedModel
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.fitted_model import FittedModel
from anomaly_detection.domain.severity import FLAGGED, SeverityCutOffs

MOST_EXPLAINED = 1_000  # of the flagged rows, the highest scores first
CUT_OFFS = SeverityCutOffs()

Frames = Callable[[NDArray[np.intp]], pl.DataFrame]
"""The rows of those numbers, with the columns the model needs."""


@dataclass(frozen=True, slots=True)
class Reason:
    """``contributions`` to the raw score by column, the largest first."""

    sentence: str
    contributions: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRows:
    """``served`` is the registered version that scored; None: a detector fitted on these rows. ``model`` has the threshold
    asked for. ``ranks`` are of ``Severity``."""

    model: FittedModel
    served: ServedModel | None
    raw: Scores
    scores: Scores
    ranks: NDArray[np.intp]
    flagged: NDArray[np.intp]  # their numbers
    reasons: Mapping[int, Reason] = field(default_factory=dict)  # by the number of the row

    @classmethod
    def of(
        cls, model: FittedModel, raw: Scores, *, served: ServedModel | None, frames: Frames | None
    ) -> "ScoredRows":
        """Without ``frames`` no row is explained."""
        scores = model.calibration.calibrated(raw)
        flagged = np.flatnonzero(scores >= FLAGGED)
        return cls(
            model=model,
            served=served,
            raw=raw,
            scores=scores,
            ranks=CUT_OFFS.ranks(scores),
            flagged=flagged,
            reasons=reasons(model, raw, flagged, frames) if frames and len(flagged) else {},
        )

    def cut_at(self, cut_offs: SeverityCutOffs) -> "ScoredRows":
        """With the severities of a tenant's own cut-offs."""
        return self if cut_offs == CUT_OFFS else replace(self, ranks=cut_offs.ranks(self.scores))

    @property
    def reference(self) -> str | None:
        """The model's full name, ``pumps:3``."""
        return None if self.served is None else self.served.reference


def reasons(model: FittedModel, raw: Scores, flagged: NDArray[np.intp], frames: Frames) -> dict[int, Reason]:
    if len(flagged) > MOST_EXPLAINED:
        flagged = np.sort(flagged[np.argsort(-raw[flagged], kind="stable")[:MOST_EXPLAINED]])
    explainer = RowExplainer(model)
    columns = explainer.columns
    contributions, sentences = explainer.reasons(frames(flagged))
    largest_first = np.argsort(-contributions, axis=1, kind="stable")
    return {
        int(row): Reason(
            sentence, {columns[j]: value for j, value in zip(order, values[order].tolist(), strict=True)}
        )
        for row, sentence, order, values in zip(
            flagged, sentences, largest_first.tolist(), contributions, strict=True
        )
    }
