"""All routes of the context, without the version's prefix. Routes of fixed names come before those of models."""

from machine_learning.presentation.http import (
    evaluations,
    imports,
    models,
    training,
    version_thresholds,
    versions,
)

ROUTERS = (
    training.router,
    imports.router,
    models.router,
    versions.router,
    version_thresholds.router,
    evaluations.router,
)
