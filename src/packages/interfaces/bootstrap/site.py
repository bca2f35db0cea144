"""What all pages share, put together from the contexts."""

import shutil
from collections import Counter
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader

from anomaly_detection.api import Definitions, Labels, Runs
from core.api import Jobs
from core.domain.errors import NotFound
from core.domain.ids import TenantId, UserId
from core.infrastructure.clock import utc_now
from core.infrastructure.database import Purpose
from core.infrastructure.kept_answers import SqlAnswers
from core.infrastructure.sealed_answers import SealedAnswers
from core.presentation.html import Templates
from core.presentation.site import Destination, Site
from core.presentation.visit import with_query
from data_platform.api import Datasets
from enterprise.api import Enterprise
from interfaces.application.load_sample import LoadSample
from interfaces.application.overview import LookOver
from interfaces.bootstrap.administration import public_url
from interfaces.bootstrap.service import MEGABYTE, Service
from interfaces.infrastructure.schema_status import status
from interfaces.presentation.admin_pages import Storage, StorageDesk, Stored
from interfaces.presentation.assets import asset, drawing_style
from interfaces.presentation.docs_http import coded
from people_ops.api import PeopleOps
from people_ops.domain.permissions import PERMISSIONS, Role
from people_ops.infrastructure.saved_views import SqlSavedViews

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
MOST_MEASURED = 500  # tenants
DESTINATIONS = (
    Destination("Overview", "/", ("datasets:read", "runs:read"), "o"),
    Destination("Datasets", "/datasets", ("datasets:read",), "d"),
    Destination("Detectors", "/detectors", ("detectors:read",), "e"),
    Destination("Runs", "/runs", ("runs:read",), "r"),
    Destination("Models", "/models", ("models:read",), "m"),
    Destination("Labels", "/labels", ("labels:read", "runs:read"), "l"),
    Destination("Settings", "/settings", ("tenant:read",), "s"),
)
OPERATOR_DESTINATIONS = (
    Destination("Tenants", "/admin/tenants", ("tenants:read",)),
    Destination("Jobs", "/admin/jobs", ("platform:read",)),
    Destination("Workers", "/admin/workers", ("platform:read",)),
    Destination("Storage", "/admin/storage", ("platform:read",)),
    Destination("Health", "/admin/health", ("platform:read",)),
    Destination("Audit", "/admin/audit", ("audit:read",)),
)


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
        name_of=lambda tenant_id, user_id: name_of(people, tenant_id, user_id),
        check_tenant=service.bundles[Enterprise].states.check,
        saved_views=SqlSavedViews(service.storage.database),
        browsers=people.browsers,
        answers=SealedAnswers(SqlAnswers(service.storage.database, service.storage.clock), service.cipher),
        clock=utc_now,
    )


@cache
def templates() -> Templates:
    folders = [PACKAGES / context / "presentation" / "templates" for context in CONTEXTS]
    loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders if folder.is_dir()])
    found = Templates.of(loader, {"asset": asset, "with_query": with_query, "drawing_style": drawing_style()})
    found.environment.filters["coded"] = coded
    return found


def roles_with(permission: str) -> list[str]:
    """An operator's rights are none in a tenant."""
    found = [role for role in Role if permission in PERMISSIONS[role]]
    return [str(role) for role in found if role is not Role.OPERATOR or len(found) == 1]


def admins_of(people: PeopleOps, tenant_id: TenantId) -> list[str]:
    """E-mails of the first few."""
    members = people.queries.members(tenant_id, limit=200, cursor=None).items
    admins = [each.email for each in members if Role.TENANT_ADMIN in each.roles and not each.disabled_at]
    return admins[:ADMINS_NAMED]


def name_of(people: PeopleOps, tenant_id: TenantId, user_id: UserId) -> str:
    try:
        member = people.queries.member(tenant_id, user_id)
    except NotFound:
        return "somebody who has left"
    return member.name or member.email


def look_over(service: Service) -> LookOver:
    of = service.bundles
    return LookOver(of[Datasets], of[Runs], of[Labels], of[Jobs], of[Definitions])


def load_sample(service: Service) -> LoadSample:
    of = service.bundles
    return LoadSample(of[Datasets], of[Runs], service.files)


def storage_desk(service: Service) -> StorageDesk:
    return StorageDesk(lambda: measured(service))


def measured(service: Service) -> Storage:
    """Of the first tenants: it looks at every file."""
    enterprise, database = service.bundles[Enterprise], service.storage.database
    tenants = enterprise.tenants.of_all(limit=MOST_MEASURED, cursor=None).items
    stored = [Stored(slug=each.slug, sizes=sizes_of(service, each.id)) for each in tenants]
    disk = shutil.disk_usage(service.settings.get("data.dir"))
    with database.as_system(Purpose.OPERATOR) as session:
        schema = status(session.connection())
    return Storage(
        tenants=sorted(stored, key=lambda each: each.total, reverse=True),
        free=disk.free,
        total=disk.total,
        database="PostgreSQL" if database.is_postgresql else "SQLite",
        migration="up to date" if schema.is_current else "behind: anomaly_detection db migrate",
    )


def sizes_of(service: Service, tenant_id: TenantId) -> tuple[tuple[str, int], ...]:
    sizes: Counter[str] = Counter()
    for kind, _, path in service.files.of_tenant(tenant_id):
        with suppress(FileNotFoundError):  # deleted meanwhile
            sizes[str(kind)] += path.stat().st_size
    return tuple(sizes.most_common())
