"""What there is to say about a fitted model, as values and as sentences."""

from collections.abc import Iterator
from typing import Any

from anomaly_detection.domain.fitted_model import FittedModel
from core.domain.wording import count, listed
from data_platform.api import Decision, Role

PLAIN = "numeric"  # the reason of a feature that needs no word


def model_summary(model: FittedModel) -> dict[str, Any]:
    """What a model is and where its threshold lies; survives JSON."""
    return {
        "algorithm": model.algorithm.name,
        "parameters": dict(model.parameters),
        "seed": model.seed,
        "description": model.training.description,
        "features": len(model.preprocessor.features),
        "rows": model.training.rows,
        "rows_fitted": model.training.rows_fitted,
        "threshold": model.calibration.threshold,
        "threshold_choice": model.training.threshold_choice.value,
        "alert_rate": model.calibration.alert_rate,
    }


def decision_values(made: Decision) -> dict[str, str]:
    """A decision about a column; survives JSON."""
    return {"column": made.column, "kind": made.kind.value, "role": made.role.value, "reason": made.reason}


def model_notes(model: FittedModel) -> Iterator[str]:
    """The decisions about columns in few lines, like ones together, and what the algorithm did."""
    decisions = model.preprocessor.decisions
    plain = [d.column for d in decisions if d.role is Role.FEATURE and d.reason == PLAIN]
    if plain:
        yield f"{count(len(plain), 'numeric feature')}: {listed(plain)}"
    rest = [d for d in decisions if d.column not in set(plain)]
    for role, reason in dict.fromkeys((d.role, d.reason) for d in rest):
        yield f"{listed([d.column for d in rest if (d.role, d.reason) == (role, reason)])}: {role.value}, {reason}"
    if model.training.description:
        yield model.training.description
    if model.training.rows_fitted < model.training.rows:
        yield (
            f"{model.algorithm.name} was fitted on a random sample of {model.training.rows_fitted:,} of "
            f"{model.training.rows:,} rows (its limit)."
        )
