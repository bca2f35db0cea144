"""All routes of the context, the more special before the more general."""

from people_ops.presentation import (
    auth_http,
    invitations_http,
    keys_http,
    members_http,
    oidc_http,
    totp_http,
)

ROUTERS = (
    auth_http.router,
    auth_http.own_router,
    totp_http.router,
    oidc_http.router,
    oidc_http.start_router,
    oidc_http.callback_router,
    invitations_http.auth_router,
    invitations_http.router,  # before /members/{member}
    members_http.router,
    members_http.roles_router,
    members_http.admin_router,
    keys_http.router,
)
