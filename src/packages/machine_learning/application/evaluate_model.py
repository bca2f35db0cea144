from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anomaly_detection.api import FLAGGED, FittedModel, RowExplainer, ScoreTable, scores_at
from core.domain.errors import InvalidOption
from data_platform.api import Kind, LabelColumn, Role, Table
from machine_learning.domain.cuts import Cuts
from machine_learning.domain.evaluation import Evaluation, evaluate
from machine_learning.domain.ranking import Labels, Scores
from machine_learning.domain.recut import MEASURED_AT
from machine_learning.domain.score_curve import ScoreCurve
from machine_learning.domain.segments import Segment, SegmentCounts
from machine_learning.domain.time_span import TimeSpan

MOST_EXPLAINED = 500  # rows
LabelFinder = Callable[
    [Table, str | None], LabelColumn | None
]  # by name; None: the one that looks like labels


class NoLabelColumn(InvalidOption):
    title = "No column says which rows are anomalies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A model on labelled rows. ``contributions``: mean absolute ones of the highest-scoring flagged rows, by column, the
    largest first; empty where none is flagged."""

    column: LabelColumn
    alert_rate: float  # the model's
    evaluation: Evaluation
    curve: ScoreCurve
    cuts: Cuts
    segments: tuple[Segment, ...]
    contributions: Mapping[str, float]
    explained: int  # rows
    days: float | None  # over which the rows lie

    @property
    def metrics(self) -> dict[str, Any]:
        return {"label": self.column.name, MEASURED_AT: self.alert_rate} | asdict(self.evaluation)

    @property
    def document(self) -> dict[str, Any]:
        """The metrics, and what goes beyond figures."""
        beside = {
            "curve": asdict(self.curve),
            "segments": [
                asdict(one) | {"precision": one.precision, "recall": one.recall} for one in self.segments
            ],
            "days": self.days,
            "explanation": {"rows": self.explained, "contributions": dict(self.contributions)},
        }
        return self.metrics | beside


@dataclass(frozen=True, slots=True)
class EvaluateModel:
    """Measure a model on a labelled table."""

    label_column: LabelFinder

    def __call__(
        self, table: Table, model: FittedModel, *, label: str | None, seed: int
    ) -> tuple[Evaluation, LabelColumn]:
        """``label`` names the column; None: the one that looks like labels.

        Raises NoLabelColumn, UnknownColumn, SchemaMismatch, OneClassOnly, and what reading the table raises.
        """
        column = found_label(self.label_column, table, label)
        raw, labels = [], []
        for batch in ScoreTable(table, model)():
            raw.append(batch.raw)
            labels.append(column.is_anomaly(batch.frame))
        scores = model.calibration.calibrated(np.concatenate(raw))
        return evaluate(scores, scores >= FLAGGED, np.concatenate(labels), seed=seed), column

    def measured(self, table: Table, model: FittedModel, *, label: str | None, seed: int) -> Measured:
        """The same, and what other thresholds would do, where it does worst, and what it goes by."""
        column = found_label(self.label_column, table, label)
        segments, highest = SegmentCounts(segment_columns(model)), HighestRows(model)
        span = TimeSpan.of(model.preprocessor)
        shares, truth = [], []
        for batch in ScoreTable(table, model)():
            share, labels = model.calibration.tail_probability(batch.raw), column.is_anomaly(batch.frame)
            scores = scores_at(model.calibration.alert_rate, share)
            segments.add(batch.frame, flagged=scores >= FLAGGED, labels=labels)
            highest.add(batch.frame, batch.raw, flagged=scores >= FLAGGED)
            span.add(batch.frame)
            shares.append(share)
            truth.append(labels)
        rarities, labels = np.concatenate(shares), np.concatenate(truth)
        scores = scores_at(model.calibration.alert_rate, rarities)
        return Measured(
            column=column,
            alert_rate=model.calibration.alert_rate,
            evaluation=evaluate(scores, scores >= FLAGGED, labels, seed=seed),
            curve=ScoreCurve.of(scores, labels),
            cuts=Cuts.of(rarities, labels),
            segments=segments.worst(),
            contributions=highest.contributions(),
            explained=len(highest.raw),
            days=span.days,
        )


@dataclass(slots=True)
class HighestRows:
    """The flagged rows that score highest, as many as are explained."""

    model: FittedModel
    frame: pl.DataFrame | None = None
    raw: Scores = field(default_factory=lambda: np.empty(0))

    def add(self, frame: pl.DataFrame, raw: Scores, *, flagged: Labels) -> None:
        if not flagged.any():
            return
        chosen = frame.select(self.model.preprocessor.sources).filter(flagged)
        rows = chosen if self.frame is None else pl.concat([self.frame, chosen], how="vertical_relaxed")
        scores = np.concatenate([self.raw, raw[flagged]])
        kept = np.argsort(-scores, kind="stable")[:MOST_EXPLAINED]
        self.frame, self.raw = rows[kept], scores[kept]

    def contributions(self) -> dict[str, float]:
        if self.frame is None:
            return {}
        explainer = RowExplainer(self.model)
        means: NDArray[np.float64] = np.abs(explainer.contributions(self.frame)).mean(axis=0)
        by_column = zip(explainer.columns, means.tolist(), strict=True)
        return dict(sorted(by_column, key=lambda one: -one[1]))


def segment_columns(model: FittedModel) -> list[str]:
    """Those of few texts or of truth values, learned from or not."""
    return [
        each.column
        for each in model.preprocessor.decisions
        if each.kind in (Kind.CATEGORY, Kind.BOOLEAN) and each.role in (Role.FEATURE, Role.IGNORED)
    ]


def found_label(label_column: LabelFinder, table: Table, label: str | None) -> LabelColumn:
    """The label column named or inferred. Raises NoLabelColumn, UnknownColumn."""
    column = label_column(table, label)
    if column is None:
        raise NoLabelColumn(
            f"{table.name} has no column that looks like labels.", fix="Name the label column."
        )
    return column
