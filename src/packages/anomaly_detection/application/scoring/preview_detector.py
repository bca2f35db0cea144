"""What a detector would flag in a dataset, from a sample of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from anomaly_detection.application.runs.json_cells import json_cell
from anomaly_detection.application.runs.start_run import chosen
from anomaly_detection.application.scoring.fit_and_score import FitAndScore
from anomaly_detection.application.scoring.limits import MOST_CELLS_FITTED, MOST_ROWS, MOST_ROWS_OF_PYOD
from anomaly_detection.application.scoring.scored_rows import ScoredRows, reasons
from anomaly_detection.domain.algorithm import Algorithm, Cost
from anomaly_detection.domain.fitted_model import DetectorConfiguration
from anomaly_detection.domain.severity import Severity
from core.domain.actor import Actor
from data_platform.api import DatasetReader, Sample, frame_table, sample_rows

MOST_ROWS_QUADRATIC = 2_000  # a second or two of work
EXAMPLES = 5
LONGEST_CELL = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewedRow:
    """``row`` is its number in the dataset, from 0."""

    row: int
    score: float
    severity: Severity
    reason: str
    cells: Mapping[str, Any]  # the columns that the detector looks at


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorPreview:
    """``flagged`` of the ``sampled`` rows, out of ``rows``; ``description`` is what the algorithm did, or empty."""

    rows: int
    sampled: int
    flagged: int
    algorithm: Algorithm
    description: str
    examples: tuple[PreviewedRow, ...]

    @property
    def expected(self) -> int:
        """Rows of the whole dataset that would be flagged, as far as the sample tells."""
        return round(self.flagged * self.rows / self.sampled)


@dataclass(frozen=True, slots=True)
class PreviewDetector:
    fit_and_score: FitAndScore
    datasets: DatasetReader

    def __call__(self, actor: Actor, configuration: DetectorConfiguration, dataset: str) -> DetectorPreview:
        """Raises DatasetNotFound, ColumnNotInDataset, RolesOutdated, ConflictingRoles, and what ``FitAndScore`` raises."""
        actor.require("detection:run")
        entry = self.fit_and_score.catalogue.algorithm(configuration.algorithm)
        opened = self.datasets.latest(actor.tenant_id, dataset)
        columns = opened.choices_with(chosen(configuration.columns))
        most = most_sampled(entry, len(opened.table.schema))
        sample = sample_rows(opened.table, most=most, seed=configuration.seed)
        found = self.fit_and_score(
            actor,
            frame_table(sample.frame, opened.slug),
            replace(configuration, columns=columns),
            explain=False,
        )
        return DetectorPreview(
            rows=sample.rows_seen,
            sampled=len(sample.frame),
            flagged=len(found.flagged),
            algorithm=entry,
            description=found.model.training.description,
            examples=tuple(examples(found, sample)),
        )


def most_sampled(entry: Algorithm, columns: int) -> int:
    """So few rows that fitting takes a second or two."""
    most = MOST_ROWS_QUADRATIC if entry.cost is Cost.QUADRATIC else MOST_ROWS
    if entry.name.startswith("pyod:"):
        most = MOST_ROWS_OF_PYOD
    return min(most, max(MOST_CELLS_FITTED // max(columns, 1), 1))


def examples(found: ScoredRows, sample: Sample) -> list[PreviewedRow]:
    """The highest scores among the flagged rows."""
    highest = found.flagged[np.argsort(-found.raw[found.flagged], kind="stable")[:EXAMPLES]]
    said = reasons(found.model, found.raw, highest, sample.frame.__getitem__) if len(highest) else {}
    severities, shown = list(Severity), found.model.preprocessor.sources
    return [
        PreviewedRow(
            row=int(sample.row_numbers[i]),
            score=float(found.scores[i]),
            severity=severities[found.ranks[i]],
            reason=said[i].sentence,
            cells={name: json_cell(sample.frame[name][i], longest=LONGEST_CELL) for name in shown[:6]},
        )
        for i in highest.tolist()
    ]
