"""Single measurements, scored as they arrive, and the models that score them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anomaly_detection.domain.ids import PointId
from core.domain.errors import Conflict, NotFound

DEFAULT_SOURCE = ""  # its model scores the points of sources without one of their own
Cell = int | float | str | bool | None


class NoModelForSource(Conflict):
    title = "No model is set for the source"


class SourceHasNoModel(NotFound):
    title = "The source has no model of its own"


class PointDiffers(Conflict):
    title = "The source has another point of that time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """There is one per source and time. ``severity`` is a rank of ``Severity``."""

    id: PointId
    source_id: str
    at: datetime
    cells: Mapping[str, Cell]
    score: float  # calibrated, [0, 1]
    raw_score: float
    is_anomaly: bool
    severity: int
    model_version_id: UUID
    created_at: datetime

    def require_same(self, cells: Mapping[str, Cell]) -> None:
        """Raises PointDiffers."""
        if dict(self.cells) != dict(cells):
            raise PointDiffers(
                f"The point of {self.at.isoformat()} was stored with other values.",
                fix="Points never change: send corrected values under another time or source.",
            )
