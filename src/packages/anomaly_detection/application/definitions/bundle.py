from dataclasses import dataclass

from anomaly_detection.application.definitions.change_detector import ChangeDetector, DeleteDetector
from anomaly_detection.application.definitions.define_detector import DefineDetector
from anomaly_detection.application.definitions.ports import DetectorQueries
from anomaly_detection.application.definitions.reading import DetectorReader
from anomaly_detection.application.ports import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """Named detectors of tenants. ``reader`` is what runs and scores use."""

    catalogue: Catalogue
    queries: DetectorQueries
    reader: DetectorReader
    define: DefineDetector
    change: ChangeDetector
    delete: DeleteDetector
