"""All pages of the context, the more special paths before the more general."""

from machine_learning.presentation.pages import (
    changes,
    compare,
    downloads,
    history_lists,
    imports,
    model,
    model_list,
    training,
    version_changes,
    version_thresholds,
    versions,
)

ROUTERS = (
    model_list.router,
    training.router,
    imports.router,
    downloads.router,
    version_changes.router,
    version_thresholds.router,
    versions.router,
    history_lists.router,
    compare.router,
    changes.router,
    model.router,
)
