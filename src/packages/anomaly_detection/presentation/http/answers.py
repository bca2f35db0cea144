"""Scored rows as answers."""

from collections.abc import Iterable
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from fastapi import Response
from msgspec import UNSET, Struct, UnsetType
from pydantic import BaseModel

from anomaly_detection.api import FLAGGED, Severity
from anomaly_detection.application.scoring.scored_rows import ScoredRows
from anomaly_detection.presentation.http.arrow_rows import ARROW, arrow_bytes

SEVERITIES = tuple(severity.value for severity in Severity)
ENCODER = msgspec.json.Encoder()


class RowResult(Struct, gc=False):
    index: int
    score: float
    raw_score: float
    is_anomaly: bool
    severity: str
    reason: str | UnsetType | None = UNSET
    contributions: Any = UNSET


class Detected(Struct):
    run_id: str | None
    model: str | None
    algorithm: str
    threshold: float
    alert_rate: float
    count: int
    anomaly_count: int
    results: list[RowResult]


class ScoredRowOut(BaseModel):
    """``score`` is in [0, 1], flagged from 0.8 on; ``raw_score`` is the algorithm's own. ``reason`` and ``contributions``
    (to the raw score, the largest first) are null for rows that are not flagged, and absent with ``explain: false``."""

    index: int
    score: float
    raw_score: float
    is_anomaly: bool
    severity: str
    reason: str | None = None
    contributions: dict[str, float] | None = None


class DetectionOut(BaseModel):
    """``model`` is null where a detector was fitted on the rows; ``run_id`` is null: nothing was stored. ``threshold`` is the
    lowest raw score that is flagged, ``alert_rate`` the share of usual rows that reach it."""

    run_id: str | None
    model: str | None
    algorithm: str
    threshold: float
    alert_rate: float
    count: int
    anomaly_count: int
    results: list[ScoredRowOut]


def json_answer(found: ScoredRows, *, explain: bool) -> Response:
    scores, flags = found.scores.tolist(), (found.scores >= FLAGGED).tolist()
    severities = [SEVERITIES[rank] for rank in found.ranks.tolist()]
    columns: list[Iterable[Any]] = [range(len(scores)), scores, found.raw.tolist(), flags, severities]
    if explain:
        columns += [repeat(None), repeat(None)]
    results = list(map(RowResult, *columns))
    for i, reason in found.reasons.items():
        results[i].reason, results[i].contributions = reason.sentence, reason.contributions
    calibration = found.model.calibration
    body = Detected(
        run_id=None,
        model=found.reference,
        algorithm=found.model.algorithm.name,
        threshold=calibration.threshold,
        alert_rate=calibration.alert_rate,
        count=len(results),
        anomaly_count=len(found.flagged),
        results=results,
    )
    return Response(ENCODER.encode(body), media_type="application/json")


def arrow_answer(found: ScoredRows, *, explain: bool) -> Response:
    """The columns of ``results``; what is said of all of them is in the schema's metadata. Contributions are JSON text."""
    columns: dict[str, Any] = {
        "index": pa.array(np.arange(len(found.raw))),
        "score": pa.array(found.scores),
        "raw_score": pa.array(found.raw),
        "is_anomaly": pa.array(found.scores >= FLAGGED),
        "severity": pa.array([SEVERITIES[rank] for rank in found.ranks.tolist()], pa.string()),
    }
    if explain:
        reasons = [found.reasons.get(i) for i in range(len(found.raw))]
        columns["reason"] = pa.array([r and r.sentence for r in reasons], pa.string())
        columns["contributions"] = pa.array(
            [r and ENCODER.encode(r.contributions).decode() for r in reasons], pa.string()
        )
    calibration = found.model.calibration
    metadata = {
        "model": found.reference or "",
        "algorithm": found.model.algorithm.name,
        "threshold": repr(calibration.threshold),
        "alert_rate": repr(calibration.alert_rate),
        "count": str(len(found.raw)),
        "anomaly_count": str(len(found.flagged)),
    }
    return Response(arrow_bytes(pa.table(columns, metadata=metadata)), media_type=ARROW)
