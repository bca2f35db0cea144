from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anomaly_detection.application.explain_rows import RowExplainer
from anomaly_detection.application.fit_model import FitModel
from anomaly_detection.application.result_columns import NAMES, ResultColumns
from anomaly_detection.application.score_table import ScoredBatch, ScoreTable, rate_of_at_most
from anomaly_detection.application.top_rows import TopRows
from anomaly_detection.domain.detector import Scores
from anomaly_detection.domain.explanation import Explanation
from anomaly_detection.domain.fitted_model import DetectorConfiguration, FittedModel, ThresholdChoice
from anomaly_detection.domain.severity import Severity, SeverityCutOffs
from core.domain.errors import Invalid, InvalidOption
from data_platform.api import RowSink, Table, drifted_columns


class NothingToScore(Invalid):
    title = "The table has no rows"


class InvalidAlertBudget(InvalidOption):
    title = "The number of alerts is not at least one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a detection is to give besides counts."""

    top: int | None = 20  # rows explained, the highest scores first; None: all
    max_alerts: int | None = None  # flag at most so many rows, in place of the model's threshold
    output: Path | None = None  # a file with every row
    force: bool = False  # it may replace one
    results: tuple[str, ...] = NAMES  # its columns beside the input's
    cut_offs: SeverityCutOffs = field(default_factory=SeverityCutOffs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many rows of a table are how severe."""

    rows: int
    by_severity: dict[Severity, int]

    @property
    def anomalies(self) -> int:
        """Rows flagged."""
        return sum(n for severity, n in self.by_severity.items() if severity.rank >= Severity.MEDIUM.rank)

    def reaches(self, severity: Severity) -> bool:
        """Is there a row of this severity or a higher one?"""
        return any(n for level, n in self.by_severity.items() if level.rank >= severity.rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection(Counted):
    """The anomalies of a table. ``top`` holds explained rows, the highest raw scores first."""

    model: FittedModel
    top: tuple[Explanation, ...]
    top_ids: tuple[object, ...]  # the id column's values of ``top``; empty without such a column
    drifted: dict[str, float]  # columns that moved since the model was trained, with their stability index
    renamed: dict[str, str]  # results whose name in the output file is another, because the table has theirs


@dataclass(frozen=True, slots=True)
class DetectAnomalies:
    """Score every row of a table by a model, or by one fitted on that table first."""

    fit: FitModel
    open_sink: Callable[..., RowSink]
    batch_rows: int

    def __call__(
        self,
        table: Table,
        detector: DetectorConfiguration | FittedModel,
        report: Report,
        *,
        advance: Callable[[int], None] = lambda rows: None,
    ) -> Detection:
        """Goes through the table in batches; memory does not grow with its rows unless ``report.top`` is None.

        ``advance`` is told how many more rows are done.

        Raises what ``FitModel`` raises, SchemaMismatch, NothingToScore, InvalidAlertBudget and Unwritable.
        """
        if report.max_alerts is not None and report.max_alerts < 1:
            raise InvalidAlertBudget(f"--max-alerts is {report.max_alerts}.", fix="Allow at least 1 alert.")
        sink = None if report.output is None else self.open_sink(report.output, force=report.force)
        if isinstance(detector, FittedModel):
            fit, model = None, detector
        else:
            fit = self.fit(table, detector)
            model = fit.model
        scored = ScoreTable(table, model, fit, all_columns=sink is not None, batch_rows=self.batch_rows)
        if report.max_alerts is not None:
            rate = rate_of_at_most(report.max_alerts, model, scored())
            model = model.with_alert_rate(rate, ThresholdChoice.MAX_ALERTS)
        tally = Tally(RowExplainer(model, report.cut_offs), TopRows(report.top))
        columns = ResultColumns(tally.explainer, tuple(table.schema), report.results)
        with sink or nullcontext():
            for batch in scored():
                scores = tally.add(batch)
                if sink is not None:
                    sink.write(columns(batch, scores))
                advance(len(scores))
            tally.require_rows(table)
        renamed = {name: used for name, used in columns.names.items() if sink and used != name}
        return tally.detection(drifted=tally.drifted if fit is None else {}, renamed=renamed)


@dataclass(slots=True)
class Tally:
    """What is kept of the rows that went by: counts, the highest scores, and how far the first batch has drifted."""

    explainer: RowExplainer
    top: TopRows
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(Severity), dtype=np.int64))
    drifted: dict[str, float] = field(default_factory=dict)

    def add(self, batch: ScoredBatch) -> Scores:
        """The batch's calibrated scores, counted."""
        model = self.explainer.model
        if batch.first_row == 0:
            self.drifted = drifted_columns(model.preprocessor, batch.frame)
        scores = model.calibration.calibrated(batch.raw)
        self.counts += np.bincount(self.explainer.cut_offs.ranks(scores), minlength=len(Severity))
        self.top.add(batch)
        return scores

    def require_rows(self, table: Table) -> None:
        """Raises NothingToScore."""
        if not self.counts.any():
            raise NothingToScore(f"{table.name} has no rows.", fix="Give a table with at least one row.")

    def detection(self, *, drifted: dict[str, float], renamed: dict[str, str]) -> Detection:
        """The answer, with the highest scores explained."""
        model, top = self.explainer.model, self.top
        id_column = model.preprocessor.id_column
        return Detection(
            model=model,
            rows=int(self.counts.sum()),
            by_severity=dict(zip(Severity, self.counts.tolist(), strict=True)),
            top=self.explainer.explain(top.frame, top.raw, rows=top.rows),
            top_ids=tuple(top.frame[id_column].to_list()) if id_column in top.frame.columns else (),
            drifted=drifted,
            renamed=renamed,
        )
