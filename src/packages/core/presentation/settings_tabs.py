"""The tabs of a tenant's settings; several contexts have the pages behind them."""

from core.presentation.parts import Tab
from core.presentation.visit import Visit

TABS = (
    ("Usage", "", "tenant:read"),
    ("People", "people", "members:read"),
    ("Roles", "roles", "members:read"),
    ("API keys", "keys", "keys:read"),
    ("Single sign-on", "sso", "sso:write"),
    ("Retention", "retention", "tenant:write"),
    ("Audit", "audit", "audit:read"),
)


def settings_tabs(visit: Visit) -> tuple[Tab, ...]:
    """Those the visitor may open."""
    at = visit.request.url.path
    hrefs = [(text, visit.url("settings", *([word] if word else [])), asks) for text, word, asks in TABS]
    front = visit.url("settings")
    return tuple(
        Tab(text, href, at == href or (href != front and at.startswith(href + "/")))
        for text, href, asks in hrefs
        if visit.may(asks)
    )
