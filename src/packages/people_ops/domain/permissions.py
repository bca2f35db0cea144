"""Everything that can be permitted, and the roles that come with the product: ``docs/guides/roles.md`` is this as a table.

A permission is ``resource:action``. READ, WRITE and ADMIN of the founding document are groups of them.
"""

from collections.abc import Mapping
from enum import StrEnum

READ = frozenset(
    {
        "datasets:read",
        "sources:read",
        "detectors:read",
        "runs:read",
        "labels:read",
        "models:read",
        "jobs:read",
        "tenant:read",  # name, plan, quotas and usage
    }
)
ANALYSE = frozenset(
    {
        "datasets:write",  # create, upload, append, schema and roles, delete
        "detectors:write",
        "detection:run",  # POST /detect, /data, scores of a detector or model
        "runs:write",  # start, cancel, delete
        "thresholds:write",  # of a run
        "labels:write",
        "models:train",
        "models:evaluate",
        "jobs:write",  # cancel and retry
    }
)
DECIDE = frozenset({"models:write"})  # promote, roll back, alias, delete, import
ADMIN = frozenset(
    {
        "sources:write",  # database connections, models of data sources
        "models:accept",  # imported ones, out of quarantine
        "members:read",
        "members:write",  # invite, roles, disable, erase
        "roles:write",
        "keys:read",
        "keys:write",
        "sso:write",
        "audit:read",
        "tenant:write",  # retention, export
    }
)
OPERATE = frozenset(
    {
        "tenants:read",
        "tenants:write",
        "platform:read",  # jobs of all tenants, health in detail, metrics
        "platform:write",
        "audit:read",  # the platform's own chain
        "impersonation:start",
    }
)
WRITE = ANALYSE | DECIDE
ALL = READ | WRITE | ADMIN


class Role(StrEnum):
    """The roles every tenant has; OPERATOR exists in the platform's tenant alone."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    DATA_SCIENTIST = "data_scientist"
    TENANT_ADMIN = "tenant_admin"
    OPERATOR = "operator"


PERMISSIONS: Mapping[Role, frozenset[str]] = {
    Role.VIEWER: READ,
    Role.ANALYST: READ | ANALYSE,
    Role.DATA_SCIENTIST: READ | ANALYSE | DECIDE,
    Role.TENANT_ADMIN: ALL,
    Role.OPERATOR: OPERATE,
}

SCOPES: Mapping[str, frozenset[str]] = {
    "ingest": frozenset({"datasets:write", "detection:run", "jobs:read"}),
    "read": READ,
    "label": frozenset({"labels:read", "labels:write", "runs:read"}),
    "manage": ALL - {"members:write", "roles:write", "keys:write", "sso:write"},
}
"""What an API key may be made for: named groups of permissions (a key never has more than its maker)."""
