from enterprise.presentation.http import admin, audit, tenant

ROUTERS = (tenant.router, audit.router, admin.router)
