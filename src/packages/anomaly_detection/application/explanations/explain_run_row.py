"""Why a row of a run scores as it does, what usual rows resemble it, and what would have to be otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from anomaly_detection.application.explain_rows import NoSuchRow, RowExplainer
from anomaly_detection.application.explanations.find_counterfactual import FindCounterfactual
from anomaly_detection.application.explanations.ports import RARITY, OpenResult, ResultRows
from anomaly_detection.application.runs.ports import ROW
from anomaly_detection.application.runs.reading import FinishedRun, RunReader
from anomaly_detection.domain.calibration import scores_at
from anomaly_detection.domain.explanation import Contribution, Explanation
from anomaly_detection.domain.explanations.counterfactual import Counterfactual
from anomaly_detection.domain.explanations.neighbours import Space, most_different, nearest
from anomaly_detection.domain.ids import RunId
from core.domain.ids import TenantId

MOST_ROWS = 20_000  # usual ones that are compared with
MOST_CELLS = 4_000_000  # of them, prepared: 32 MB
NEAREST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalRow:
    """A row that is not flagged. ``differs``: the columns in which it differs most from the one explained."""

    row: int
    score: float
    distance: float
    cells: Mapping[str, Any]
    differs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowExplanation:
    """``percentile``: the share of the run's rows that score lower. ``cells`` are all of the row's."""

    explanation: Explanation
    percentile: float
    alert_rate: float
    cells: Mapping[str, Any]
    nearest_normal: tuple[NormalRow, ...]
    counterfactual: Counterfactual | None


@dataclass(frozen=True, slots=True)
class ExplainRunRow:
    runs: RunReader
    open: OpenResult

    def __call__(
        self, tenant_id: TenantId, run_id: RunId, row: int, *, compared: bool = True
    ) -> RowExplanation:
        """``compared`` False leaves out what costs most: the nearest normal rows and the counterfactual. Raises RunNotFound,
        RunNotFinished, ResultLost, NoSuchRow."""
        run = self.runs.finished(tenant_id, run_id)
        if row >= run.rows:
            raise NoSuchRow(
                f"The run has no row {row}: it has {run.rows:,}.",
                fix=f"Rows are numbered 0 to {run.rows - 1}.",
            )
        result = self.open(run.result)
        frame, raw = result.row(row)
        [explanation] = RowExplainer(run.model, run.cut_offs).explain(
            frame, np.array([raw]), rows=np.array([row])
        )
        near, counterfactual = _compared(run, result, frame, explanation) if compared else ((), None)
        return RowExplanation(
            explanation=explanation,
            percentile=result.share_below(raw),
            alert_rate=run.alert_rate,
            cells=frame.row(0, named=True),
            nearest_normal=near,
            counterfactual=counterfactual,
        )


def _compared(
    run: FinishedRun, result: ResultRows, frame: pl.DataFrame, explanation: Explanation
) -> tuple[tuple[NormalRow, ...], Counterfactual | None]:
    model, columns = run.model, list(run.model.preprocessor.sources)
    features = model.preprocessor.features
    most = max(NEAREST, min(MOST_ROWS, MOST_CELLS // len(features)))
    usual = result.usual(columns, alert_rate=run.alert_rate, most=most + 1)
    usual = usual.filter(pl.col(ROW) != explanation.row).head(most)
    if not len(usual):
        return (), None
    prepared = model.prepared(usual)
    space = Space.of(model.scaler.scaling, prepared, [feature.part for feature in features])
    places, at = space.placed(prepared), space.placed(model.prepared(frame))
    found, distances = nearest(places, at, NEAREST)
    near = usual[found]
    scores = scores_at(run.alert_rate, near[RARITY].to_numpy())
    groups = model.feature_groups()
    rows = tuple(
        NormalRow(
            row=near[ROW][i],
            score=float(scores[i]),
            distance=float(distances[i]),
            cells=near.select(columns).row(i, named=True),
            differs=most_different(at[0], places[index], groups),
        )
        for i, index in enumerate(found)
    )
    if not explanation.is_anomaly:
        return rows, None
    search = FindCounterfactual(model, space, frame.select(columns), at, usual, near)
    odd = _by_contribution([each for each in explanation.contributions if each.material], columns)
    every = _by_contribution(explanation.contributions, columns)
    return rows, search(odd, [column for column in every if column not in odd])


def _by_contribution(contributions: Sequence[Contribution], columns: Sequence[str]) -> list[str]:
    """The table's columns, what contributes most first. A date contributes by its parts: ``paid_at hour``."""
    dates = sorted(columns, key=len, reverse=True)
    ordered: dict[str, None] = {}
    for contribution in contributions:
        source = contribution.column
        column = source if source in columns else next((c for c in dates if source.startswith(f"{c} ")), None)
        if column is not None:
            ordered[column] = None
    return list(ordered)
