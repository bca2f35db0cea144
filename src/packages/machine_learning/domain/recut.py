"""What an evaluation says once the model's threshold was moved: no row is scored again."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from machine_learning.domain.cuts import Cuts
from machine_learning.domain.evaluation import at_threshold
from machine_learning.domain.score_curve import ScoreCurve

MEASURED_AT = "model_alert_rate"  # the field of the model's alert rate when it was measured
BESIDE_METRICS = ("curve", "segments", "explanation", "days")
SEED = 0


def curve_of(document: Mapping[str, Any]) -> ScoreCurve:
    """At the alert rate it was measured at."""
    return ScoreCurve(**{name: tuple(values) for name, values in document["curve"].items()})


def metrics_at(document: Mapping[str, Any], cuts: Cuts, alert_rate: float) -> dict[str, Any]:
    """The document's figures as they are at this alert rate."""
    metrics = {name: value for name, value in document.items() if name not in BESIDE_METRICS}
    if metrics[MEASURED_AT] == alert_rate:
        return metrics
    found = cuts.at(alert_rate)
    measured = {name: asdict(estimate) for name, estimate in at_threshold(found, seed=SEED).items()}
    return metrics | measured | {"confusion": asdict(found)}
