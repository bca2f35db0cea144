"""All pages of the context, the more special paths before the more general."""

from machine_learning.presentation.pages import (
    changes,
    compare,
    downloads,
    history,
    imports,
    model,
    model_list,
    training,
    version_changes,
    versions,
)

ROUTERS = (
    model_list.router,
    training.router,
    imports.router,
    downloads.router,
    version_changes.router,
    versions.router,
    history.router,
    compare.router,
    changes.router,
    model.router,
)
