"""The context's pages, the more special paths before the more general."""

from data_platform.presentation.pages import (
    changes,
    checks,
    listed,
    new,
    profile,
    rows,
    schema,
    sources,
    versions,
)

ROUTERS = (
    listed.router,
    new.router,
    schema.router,
    rows.router,
    versions.router,
    changes.router,
    checks.router,
    profile.router,
    sources.router,
)
