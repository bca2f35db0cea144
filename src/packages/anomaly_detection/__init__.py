"""Find anomalies in tables, scored, calibrated and explained.

>>> from anomaly_detection import AnomalyDetector
>>> detector = AnomalyDetector().fit(X)  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anomaly_detection.domain.explanation import Contribution, Explanation
    from anomaly_detection.domain.severity import Severity
    from anomaly_detection.infrastructure.estimator import AnomalyDetector

__all__ = ["AnomalyDetector", "Contribution", "Explanation", "Severity", "__version__"]

_HOMES = {
    "AnomalyDetector": "anomaly_detection.infrastructure.estimator",
    "Contribution": "anomaly_detection.domain.explanation",
    "Explanation": "anomaly_detection.domain.explanation",
    "Severity": "anomaly_detection.domain.severity",
}


def __getattr__(name: str) -> Any:
    """Public names are imported when they are first used: `import anomaly_detection` costs nothing."""
    from importlib import import_module
    from importlib.metadata import version

    if name == "__version__":
        return version("anomaly_detection")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
