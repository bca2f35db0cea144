"""What all pages share, put together from the contexts."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader

from core.domain.ids import TenantId, UserId
from core.infrastructure.clock import utc_now
from core.presentation.html import Templates
from core.presentation.site import Destination, SavedView, Site
from core.presentation.visit import with_query
from enterprise.api import Enterprise
from interfaces.bootstrap.service import MEGABYTE, Service, public_url
from interfaces.presentation.assets import asset
from interfaces.presentation.docs_http import coded
from people_ops.api import PeopleOps
from people_ops.domain.permissions import PERMISSIONS, Role

PACKAGES = Path(__file__).parents[2]
CONTEXTS = (
    "interfaces",
    "enterprise",
    "people_ops",
    "data_platform",
    "anomaly_detection",
    "machine_learning",
)
ADMINS_NAMED = 3
DESTINATIONS = (
    Destination("Overview", "/", key="o"),
    Destination("Datasets", "/datasets", "datasets:read", "d"),
    Destination("Detectors", "/detectors", "detectors:read", "e"),
    Destination("Runs", "/runs", "runs:read", "r"),
    Destination("Models", "/models", "models:read", "m"),
    Destination("Labels", "/labels", "labels:read", "l"),
    Destination("Settings", "/settings", "tenant:read", "s"),
)
OPERATOR_DESTINATIONS = (
    Destination("Tenants", "/admin/tenants", "tenants:read"),
    Destination("Jobs", "/admin/jobs", "platform:read"),
    Destination("Workers", "/admin/workers", "platform:read"),
    Destination("Storage", "/admin/storage", "platform:read"),
    Destination("Health", "/admin/health", "platform:read"),
    Destination("Audit", "/admin/audit", "audit:read"),
)


class NoViews:
    def of(self, tenant_id: TenantId, user_id: UserId, page: str) -> Sequence[SavedView]:
        return ()


def site_of(service: Service) -> Site:
    setting, people = service.settings.get, service.bundles[PeopleOps]
    return Site(
        templates=templates(),
        version=version("anomaly_detection"),
        public_url=public_url(service.settings) if setting("service.public_url") else "",
        insecure_http=setting("security.insecure_http"),
        max_upload_bytes=int(setting("api.max_upload_mb") * MEGABYTE),
        destinations=DESTINATIONS,
        operator_destinations=OPERATOR_DESTINATIONS,
        roles_with=roles_with,
        admins_of=lambda tenant_id: admins_of(people, tenant_id),
        check_tenant=service.bundles[Enterprise].states.check,
        saved_views=NoViews(),
        clock=utc_now,
    )


def templates() -> Templates:
    folders = [PACKAGES / context / "presentation" / "templates" for context in CONTEXTS]
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders if folder.is_dir()])
    found = Templates.of(loader, {"asset": asset, "with_query": with_query})
    found.environment.filters["coded"] = coded
    return found


def roles_with(permission: str) -> list[str]:
    return [str(role) for role in Role if permission in PERMISSIONS[role]]


def admins_of(people: PeopleOps, tenant_id: TenantId) -> list[str]:
    """E-mails of the first few."""
    members = people.queries.members(tenant_id, limit=200, cursor=None).items
    admins = [each.email for each in members if Role.TENANT_ADMIN in each.roles and not each.disabled_at]
    return admins[:ADMINS_NAMED]
