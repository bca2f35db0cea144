"""Evaluations as rows and as JSON documents."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from typing import Any

from data_platform.api import LabelColumn
from machine_learning.api import Compared, Estimate, Evaluation

DIGITS = 4


def document(evaluation: Evaluation, column: LabelColumn) -> dict[str, Any]:
    """``anom.evaluation/1``; every estimate has value, low and high."""
    return {"schema": "anom.evaluation/1", "label": column.name} | asdict(evaluation)


def estimates(evaluation: Evaluation) -> Iterator[tuple[str, Estimate]]:
    """The measures by name, in the order they are shown."""
    for field in fields(evaluation):
        value = getattr(evaluation, field.name)
        if isinstance(value, Estimate):
            yield field.name, value


def rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One row per measure with the ends of its 95 % interval, then the counts."""
    measured = [
        {
            "measure": name.replace("_at_k", f"@{evaluation.k}"),
            "value": round(estimate.value, DIGITS),
            "low": round(estimate.low, DIGITS),
            "high": round(estimate.high, DIGITS),
        }
        for name, estimate in estimates(evaluation)
    ]
    counts = {"rows": evaluation.rows, "anomalies": evaluation.anomalies} | asdict(evaluation.confusion)
    return [
        *measured,
        *({"measure": name, "value": value, "low": None, "high": None} for name, value in counts.items()),
    ]


def comparison_rows(compared: Iterable[Compared]) -> list[dict[str, Any]]:
    """One row per algorithm; a refused one has its reason and no figures."""
    return [
        {"algorithm": one.algorithm}
        | {
            name: _value(one.evaluation, name)
            for name in ("auroc", "average_precision", "precision", "recall", "f1")
        }
        | {"auroc_interval": _interval(one.evaluation, "auroc")}
        | {"average_precision_interval": _interval(one.evaluation, "average_precision")}
        | {
            "alert_rate": _value(one.evaluation, "alert_rate"),
            "seconds": round(one.seconds, 2),
            "refusal": one.refusal,
        }
        for one in compared
    ]


def label_note(column: LabelColumn) -> str:
    """Which column was taken for the labels, and which of its values for an anomaly."""
    return f"Labels: column {column.name!r}, anomaly is {column.anomaly!r} ({column.reason})."


def _value(evaluation: Evaluation | None, name: str) -> float | None:
    return None if evaluation is None else round(getattr(evaluation, name).value, DIGITS)


def _interval(evaluation: Evaluation | None, name: str) -> str:
    if evaluation is None:
        return ""
    estimate = getattr(evaluation, name)
    return f"{estimate.low:.3f}-{estimate.high:.3f}"
