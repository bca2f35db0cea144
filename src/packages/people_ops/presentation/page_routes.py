"""All pages of the context, the more special paths before the more general."""

from people_ops.presentation.pages import (
    account,
    account_security,
    invitation,
    invitations,
    invite,
    key,
    keys,
    look,
    member,
    password_reset,
    people,
    roles,
    saved_views,
    sign_in,
    single_sign_on,
    sso_settings,
)

ROUTERS = (
    sign_in.router,
    single_sign_on.router,
    invitation.router,
    password_reset.router,
    account.router,
    account_security.router,
    people.router,
    invitations.router,
    invite.router,
    member.router,
    roles.router,
    keys.router,
    key.router,
    sso_settings.router,
    saved_views.router,
    look.router,
)
