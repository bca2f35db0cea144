"""What an evaluation says once the model's threshold was moved, by its curve: no row is scored again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from anomaly_detection.api import FLAGGED
from machine_learning.domain.evaluation import at_threshold
from machine_learning.domain.score_curve import ScoreCurve

MEASURED_AT = "model_alert_rate"  # the field of the model's alert rate when it was measured
OF_THE_THRESHOLD = ("precision", "recall", "f1", "alert_rate", "confusion")
BESIDE_METRICS = ("curve", "segments", "explanation")
SEED = 0


def curve_of(document: Mapping[str, Any]) -> ScoreCurve:
    return ScoreCurve(**{name: tuple(values) for name, values in document["curve"].items()})


def metrics_at(document: Mapping[str, Any], alert_rate: float) -> dict[str, Any]:
    """The document's figures as they are at this alert rate. Those that depend on the threshold are left out where
    the curve does not tell them exactly."""
    metrics = {name: value for name, value in document.items() if name not in BESIDE_METRICS}
    if metrics[MEASURED_AT] == alert_rate:
        return metrics
    kept = {name: value for name, value in metrics.items() if name not in OF_THE_THRESHOLD}
    found = curve_of(document).recut(metrics[MEASURED_AT], alert_rate).exactly_at(FLAGGED)
    if found is None:
        return kept
    measured = {name: asdict(estimate) for name, estimate in at_threshold(found, seed=SEED).items()}
    return kept | measured | {"confusion": asdict(found)}
