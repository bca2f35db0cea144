from dataclasses import dataclass

from anomaly_detection.application.points.choose_model import RemoveSourceModel, SetSourceModel
from anomaly_detection.application.points.ports import PointQueries
from anomaly_detection.application.points.score_point import ScorePoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Measurements scored as they arrive."""

    queries: PointQueries
    score: ScorePoint
    set_model: SetSourceModel
    remove_model: RemoveSourceModel
