"""All pages of the context, the more special paths before the more general."""

from people_ops.presentation import sign_in_pages

ROUTERS = (sign_in_pages.router, sign_in_pages.own_router)
