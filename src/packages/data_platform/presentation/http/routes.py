"""All routes of the context, without the version's prefix. Routes of fixed names come before those of datasets."""

from data_platform.presentation.http import datasets, rows, sources, versions

ROUTERS = (versions.router, datasets.router, rows.router, sources.router)
