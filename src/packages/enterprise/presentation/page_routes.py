"""All pages of the context."""

from enterprise.presentation.pages import audit, settings, tenant, tenants

ROUTERS = (settings.router, audit.router, audit.platform_router, tenants.router, tenant.router)
