"""What all pages share: templates, the navigation, and what lies around each page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.application.browsers import Browsers
from core.application.kept_answers import KeptAnswers
from core.application.saved_views import SavedViews
from core.domain.ids import TenantId, UserId
from core.presentation.html import Templates
from core.presentation.parts import Link, Moment, Notice, Tab


@dataclass(frozen=True, slots=True)
class Destination:
    """An entry of the navigation, for who has the permissions. ``path`` is below the tenant's; g and ``key`` lead there."""

    text: str
    path: str
    permissions: tuple[str, ...]
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """``roles_with`` names the roles that have a permission, ``admins_of`` whom to ask in a tenant;
    ``name_of`` says who somebody is, also of who has left; ``check_tenant`` raises where one is suspended."""

    templates: Templates
    version: str
    public_url: str
    insecure_http: bool  # log-in over plain http is allowed
    max_upload_bytes: int
    destinations: Sequence[Destination]
    operator_destinations: Sequence[Destination]
    roles_with: Callable[[str], Sequence[str]]
    admins_of: Callable[[TenantId], Sequence[str]]
    name_of: Callable[[TenantId, UserId], str]
    check_tenant: Callable[[TenantId], None]
    saved_views: SavedViews
    browsers: Browsers
    answers: KeptAnswers  # to forms
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewLink:
    text: str
    href: str
    current: bool
    remove_action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Around every page. ``here`` is the page's own address."""

    title: str
    version: str
    here: str
    csrf: str
    theme: str = ""  # light, dark, or as the system has it
    zone: str = "UTC"
    shortcuts: bool = True
    home: str = "/"
    tenant_name: str = ""
    user_name: str = ""
    profile: str = ""
    navigation: tuple[Tab, ...] = ()
    tenants: tuple[Tab, ...] = ()
    crumbs: tuple[Link, ...] = ()
    notices: tuple[Notice, ...] = ()
    shortcut_help: tuple[tuple[str, str], ...] = ()
    look_ends: Moment | None = None  # of an operator's look into the tenant
    look_stop: str = ""
    views: tuple[ViewLink, ...] = ()  # saved ones of this list
    views_action: str = ""
    views_page: str = ""
    views_query: str = ""
    refresh_seconds: int = 0
    has_problem: bool = False
