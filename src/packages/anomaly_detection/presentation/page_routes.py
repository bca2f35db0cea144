"""The context's pages, the more special paths before the more general."""

from anomaly_detection.presentation.pages import (
    baseline,
    compare,
    detectors,
    detectors_page,
    labels,
    labels_history,
    labels_precision,
    labels_undo,
    run_map,
    run_result,
    run_result_changes,
    run_row,
    run_row_bulk,
    runs,
    wizard,
    wizard_save,
)

ROUTERS = (
    wizard.router,
    wizard_save.router,
    baseline.router,
    detectors.router,
    detectors_page.router,
    compare.router,
    runs.router,
    run_map.router,
    run_result.router,
    run_result_changes.router,
    run_row.router,
    run_row_bulk.router,
    labels.router,
    labels_history.router,
    labels_precision.router,
    labels_undo.router,
)
