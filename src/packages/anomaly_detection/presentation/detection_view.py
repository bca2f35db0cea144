"""A detection as rows, as a JSON document and as sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from anomaly_detection.api import Counted, Detection, Explanation, Severity, decision_values, model_summary
from core.domain.wording import count, listed, share
from data_platform.api import Usual, UsualCategories

DIGITS = 4  # of scores on stdout; files have them all


def rows(detection: Detection) -> list[dict[str, Any]]:
    """One flat row per explained row of the detection, the highest scores first."""
    return [
        {"row": explanation.row, **_id(detection, position)}
        | {
            "score": round(explanation.score, DIGITS),
            "severity": explanation.severity.value,
            "reason": explanation.sentence,
        }
        for position, explanation in enumerate(detection.top)
    ]


def full_rows(detection: Detection) -> list[dict[str, Any]]:
    """As ``rows``, with raw score, flag and every contribution."""
    return [
        {"row": explanation.row, **_id(detection, position)} | result(explanation)
        for position, explanation in enumerate(detection.top)
    ]


def result(explanation: Explanation) -> dict[str, Any]:
    """What a row's result is called everywhere: on stdout, in files, in the API."""
    return {
        "score": explanation.score,
        "raw_score": explanation.raw_score,
        "is_anomaly": explanation.is_anomaly,
        "severity": explanation.severity.value,
        "reason": explanation.sentence,
        "contributions": {c.column: c.contribution for c in explanation.contributions},
    }


def document(detection: Detection, table: str, notes: Iterable[str]) -> dict[str, Any]:
    """The detection as one JSON object, ``anom.detection/1``."""
    model = detection.model
    return {
        "schema": "anom.detection/1",
        "input": table,
        "rows": detection.rows,
        "anomalies": detection.anomalies,
        "by_severity": {severity.value: n for severity, n in detection.by_severity.items()},
        "model": model_summary(model),
        "preparation": [decision_values(d) for d in model.preprocessor.decisions],
        "drifted": detection.drifted,
        "notes": list(notes),
        "results": full_rows(detection),
    }


def summary(detection: Counted) -> str:
    """``12 of 368 rows are unusual (3.3 %): 2 critical, 4 high, 6 medium.``"""
    if not detection.anomalies:
        return f"None of {count(detection.rows, 'row')} stands out: nothing is flagged."
    levels = [
        f"{n:,} {severity.value}"
        for severity, n in reversed(detection.by_severity.items())
        if n and severity.rank >= Severity.MEDIUM.rank
    ]
    verb = "is" if detection.anomalies == 1 else "are"
    part = share(detection.anomalies / detection.rows)
    return f"{detection.anomalies:,} of {count(detection.rows, 'row')} {verb} unusual ({part}): {', '.join(levels)}."


def drift_words(drifted: Mapping[str, float]) -> str:
    """Which columns moved since training."""
    said = [f"{column} ({index:.2g})" for column, index in drifted.items()]
    return (
        f"Since training these columns have shifted (population stability index, 0.25 and above): {listed(said)}. "
        "Their scores may say so rather than anything about single rows; consider training anew."
    )


def headline(explanation: Explanation) -> str:
    """``Row 17 scores 0.973 (critical): amount 9,820 is far above its usual 40-310.``"""
    flag = explanation.severity.value if explanation.is_anomaly else "not flagged"
    return f"Row {explanation.row} scores {explanation.score:.3f} ({flag}): {explanation.sentence}."


def explanation_document(explanation: Explanation) -> dict[str, Any]:
    """One explained row as a JSON object, ``anom.explanation/1``."""
    return (
        {"schema": "anom.explanation/1", "row": explanation.row}
        | result(explanation)
        | {"columns": contribution_rows(explanation)}
    )


def contribution_rows(explanation: Explanation) -> list[dict[str, Any]]:
    """One row per column of an explanation: its value, what is usual, what it adds to the raw score."""
    return [
        {
            "column": c.column,
            "value": c.value,
            "usual": usual_text(c.usual),
            "contribution": c.contribution,
            "reading": c.words,
        }
        for c in explanation.contributions
    ]


def usual_text(usual: Usual) -> str:
    """``40 - 310`` or the commonest categories with their shares."""
    if isinstance(usual, UsualCategories):
        common = sorted(usual.shares.items(), key=lambda pair: -pair[1])[:3]
        return ", ".join(f"{value} {share(part)}" for value, part in common)
    return f"{usual.low:.6g} - {usual.high:.6g}"


def _id(detection: Detection, position: int) -> dict[str, Any]:
    column = detection.model.preprocessor.id_column
    return {str(column): detection.top_ids[position]} if detection.top_ids else {}
