"""Detectors in words that several pages use."""

from collections.abc import Mapping
from typing import Any

from anomaly_detection.application.definitions.ports import DetectorView
from anomaly_detection.domain.labels.precision import Precision
from core.domain.public_ids import shown
from core.domain.wording import count, listed, share
from core.presentation.visit import Visit

RESERVED = "new"  # the wizard's address


def detector_href(visit: Visit, detector: DetectorView, *steps: str) -> str:
    reference = shown("det", detector.id) if detector.slug == RESERVED else detector.slug
    return visit.url("detectors", reference, *steps)


def sensitivity_text(contamination: float | None) -> str:
    return "Found from the scores" if contamination is None else f"{share(contamination)} of the rows"


def parameters_text(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in parameters.items()) or "As usual"


def changes_text(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """``contamination 0.01, now 0.02``: what the detector asks for otherwise than a run of it did. Columns that it leaves to
    the dataset are none of its own."""
    own = {name: value for name, value in now["columns"].items() if value not in (None, [], "")}
    pairs = [(name, before.get(name), now[name]) for name in ("algorithm", "contamination", "seed")]
    was, given = before.get("parameters", {}), now["parameters"]
    pairs += [(name, was.get(name), given.get(name)) for name in {**was, **given}]
    pairs += [(name, before.get("columns", {}).get(name), value) for name, value in own.items()]
    return "; ".join(f"{name} {_plain(a)}, now {_plain(b)}" for name, a, b in pairs if a != b)


def _plain(value: Any) -> str:
    if value is None or value == []:
        return "not set"
    return listed([str(each) for each in value]) if isinstance(value, list) else str(value)


def columns_text(columns: Mapping[str, Any]) -> str:
    chosen = columns.get("features")
    words = listed(chosen) if chosen else "Chosen by what they hold"
    if ignored := columns.get("ignore"):
        words += f", without {listed(ignored)}"
    return words


def precision_text(precision: Precision | None) -> str:
    """``0.81 [0.75-0.86] of 212 labels``; empty without any."""
    if precision is None or precision.value is None or precision.interval is None:
        return ""
    low, high = precision.interval
    return f"{precision.value:.2f} [{low:.2f}-{high:.2f}] of {count(precision.judged, 'label')}"
