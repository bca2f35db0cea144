"""All routes of the context, without the version's prefix."""

from anomaly_detection.presentation.http import (
    algorithms,
    detect,
    detectors,
    explanations,
    labels,
    points,
    run_results,
    run_thresholds,
    runs,
)

ROUTERS = (
    detect.router,
    points.router,
    algorithms.router,
    detectors.router,
    labels.router,
    explanations.router,
    runs.router,
    run_results.router,
    run_thresholds.router,
)
