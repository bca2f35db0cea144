"""What there is to say about a fitted model, as values and as sentences."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from anomaly_detection.domain.fitted_model import FittedModel, ThresholdChoice
from anomaly_detection.domain.threshold import FEWEST_SCORES
from core.domain.wording import count, listed
from data_platform.api import Decision, Role

PLAIN = "numeric"  # the reason of a feature that needs no word
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?![\w.]*\w)")  # whole ones, thousands separated


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


def common_words(reasons: Sequence[str]) -> str:
    """Reasons that differ in numbers only as one, with the numbers' range: ``1 to 29 of 500 missing``."""
    words = NUMBER.split(reasons[0])
    numbers = [[int(n.replace(",", "")) for n in NUMBER.findall(reason)] for reason in reasons]
    ranges = [(min(n), max(n)) for n in zip(*numbers, strict=True)]
    texts = [f"{low:,}" if low == high else f"{low:,} to {high:,}" for low, high in ranges]
    return "".join(word + text for word, text in zip(words, [*texts, ""], strict=True))


def model_notes(model: FittedModel) -> Iterator[str]:
    """The decisions about columns in few lines, like ones together, and what the algorithm did."""
    decisions = model.preprocessor.decisions
    plain = [d.column for d in decisions if d.role is Role.FEATURE and d.reason == PLAIN]
    if plain:
        yield f"{count(len(plain), 'numeric feature')}: {listed(plain)}"
    alike: dict[tuple[Role, str], list[Decision]] = {}
    for made in decisions:
        if made.role is not Role.FEATURE or made.reason != PLAIN:
            alike.setdefault((made.role, NUMBER.sub("#", made.reason)), []).append(made)
    for (role, _), group in alike.items():
        yield f"{listed([d.column for d in group])}: {role.value}, {common_words([d.reason for d in group])}"
    if model.training.description:
        yield model.training.description
    if model.training.threshold_choice is ThresholdChoice.AUTO and model.training.rows_fitted < FEWEST_SCORES:
        yield (
            f"{model.training.rows_fitted:,} rows are too few to find where unusual begins ({FEWEST_SCORES} are needed), so "
            "none is flagged: look at the highest scores, or give the share of rows to flag (contamination)."
        )
    if model.training.rows_fitted < model.training.rows:
        yield (
            f"{model.algorithm.name} was fitted on a random sample of {model.training.rows_fitted:,} of "
            f"{model.training.rows:,} rows (its limit)."
        )
