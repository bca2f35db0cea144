from dataclasses import dataclass

from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.application.labels.label_rows import LabelRows, RemoveLabel
from anomaly_detection.application.labels.ports import LabelPrecision, LabelQueries, LabelQueue
from anomaly_detection.application.labels.undo_labels import UndoLabels


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """People's verdicts on rows."""

    queries: LabelQueries
    queue: LabelQueue
    precision: LabelPrecision
    label: LabelRows
    remove: RemoveLabel
    undo: UndoLabels
    detectors: DetectorReader
