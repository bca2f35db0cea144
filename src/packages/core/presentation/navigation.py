"""Where the navigation leads: of all pages those that somebody may see."""

from collections.abc import Iterator, Sequence

from core.application.browsers import Place
from core.domain.ids import PLATFORM
from core.presentation.parts import Tab
from core.presentation.site import Destination, Site


def navigation(site: Site, place: Place, path: str) -> Iterator[Tab]:
    """``path`` is of the page that is shown."""
    front = front_of(place)
    for each in _destinations(site, place):
        if place.permissions.issuperset(each.permissions):
            href = _href(place, each)
            is_current = path == href or (href != front and path.startswith(href + "/"))
            yield Tab(each.text, href, is_current, each.key)


def front_of(place: Place) -> str:
    return "/admin/tenants" if place.tenant_id == PLATFORM else f"/t/{place.slug}/"


def instead_of_front(site: Site, place: Place, path: str) -> str:
    """The first page that somebody may see, where ``path`` is the front's and they may not see that; else empty."""
    allowed = [tab.href for tab in navigation(site, place, path)]
    return allowed[0] if path == front_of(place) and allowed and path not in allowed else ""


def _destinations(site: Site, place: Place) -> Sequence[Destination]:
    return site.operator_destinations if place.tenant_id == PLATFORM else site.destinations


def _href(place: Place, destination: Destination) -> str:
    return destination.path if place.tenant_id == PLATFORM else f"/t/{place.slug}{destination.path}"
