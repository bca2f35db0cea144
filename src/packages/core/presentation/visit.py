"""One request of a browser for a page: who, where, how they want it, and how it is answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from secrets import token_urlsafe
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import QueryParams

from core.application.browsers import Place, Visitor
from core.domain.actor import Actor
from core.domain.errors import Forbidden, NotFound, Unauthenticated
from core.domain.ids import PLATFORM, UserId
from core.domain.public_ids import shown
from core.presentation import cookies
from core.presentation.charts.chart import Chart
from core.presentation.cookies import Cookies
from core.presentation.look import Look
from core.presentation.parts import Link, Moment, Notice, Tab
from core.presentation.shortcuts import SHORTCUTS
from core.presentation.site import Destination, Shell, Site, ViewLink
from core.presentation.spreadsheets import csv_text

CHART = "chart"  # the query parameter that asks for a chart's points as CSV


class SignInNeeded(Unauthenticated):
    title = "Sign in first"


class FormExpired(Forbidden):
    title = "This form is too old, or of another site"


class ReadingOnly(Forbidden):
    title = "You are only looking"


class NoSuchChart(NotFound):
    title = "The page has no such chart"


class NoSuchPlace(NotFound):
    title = "No such tenant"


@dataclass(frozen=True, slots=True)
class Visit:
    """Handlers take it as ``visit: Here``."""

    request: Request
    site: Site
    visitor: Visitor | None
    place: Place | None
    look: Look
    cookies: Cookies
    secret: str  # of the session, or of somebody who is not signed in: forms prove that they know it

    @classmethod
    def of(cls, request: Request, site: Site) -> "Visit":
        """Without a place: see ``entered``."""
        found = getattr(request.state, "visitor", None)
        visitor = found if isinstance(found, Visitor) else None
        kept = Cookies.of(request.scope, site.public_url)
        secret = kept.get(cookies.SESSION) if visitor else kept.get(cookies.FORM) or new_secret()
        return cls(request, site, visitor, None, Look.of(kept.get(cookies.LOOK)), kept, secret)

    def entered(self) -> "Visit":
        """With the place that the address names: another's and none are the same. Raises SignInNeeded, NoSuchPlace,
        Forbidden, and what is in the way of a tenant."""
        if self.visitor is None:
            raise SignInNeeded(
                "This page is for people who are signed in.", fix="Sign in, then open it again."
            )
        slug = self.request.path_params.get("tenant")
        if slug is not None:
            place = self.visitor.place(slug)
            if place is None:
                raise NoSuchPlace(
                    "There is no such tenant, or you are not one of its people.", fix="Choose yours at /t/."
                )
        elif self.request.url.path.startswith("/admin"):
            place = next((each for each in self.visitor.places if each.tenant_id == PLATFORM), None)
            if place is None:
                raise Forbidden(
                    "This part is for operators.",
                    fix="Ask whoever runs this installation for the role operator.",
                    permission="platform:read",
                )
        else:
            place = next(iter(self.visitor.places), None)
            if place is None:
                raise Forbidden(
                    "You belong to no tenant any more.", fix="Ask an administrator to invite you."
                )
            return replace(self, place=place)  # a page of their own, whatever happens to the tenant
        self.site.check_tenant(place.tenant_id)
        return replace(self, place=place)

    @property
    def actor(self) -> Actor:
        """Raises SignInNeeded."""
        if self.visitor is None or self.place is None:
            raise SignInNeeded("This is for people who are signed in.", fix="Sign in.")
        return Actor(
            tenant_id=self.place.tenant_id,
            permissions=self.place.permissions,
            user_id=self.visitor.user_id,
            request_id=getattr(self.request.state, "request_id", ""),
            address=self.address,
        )

    @property
    def address(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def is_fragment(self) -> bool:
        """htmx asks for its own swap; a browser, a boosted link and htmx restoring history need whole pages."""
        headers = self.request.headers
        return (
            headers.get("HX-Request") == "true"
            and headers.get("HX-Boosted") != "true"
            and headers.get("HX-History-Restore-Request") != "true"
        )

    @property
    def csrf(self) -> str:
        return sha256(f"csrf:{self.secret}".encode()).hexdigest()[:40]

    def check_csrf(self, token: str) -> None:
        """Raises FormExpired."""
        site = self.request.headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") or not compare_digest(token.encode(), self.csrf.encode()):
            raise FormExpired(
                "It does not carry the token of your session.", fix="Open the page again, then send the form."
            )

    def check_not_looking(self) -> None:
        """Raises ReadingOnly for an operator's look into a tenant."""
        if self.place is not None and self.place.until is not None:
            raise ReadingOnly("An operator's look reads, and changes nothing.", fix="Stop looking first.")

    def may(self, permission: str) -> bool:
        return self.place is not None and permission in self.place.permissions

    def url(self, *steps: str, **query: object) -> str:
        """Of a page of this tenant: ``url("runs", shown_id)``. Query values of None and "" are left out."""
        base = f"/t/{self.place.slug}" if self.place else ""
        path = "".join("/" + quote(step, safe="") for step in steps)
        return with_query(f"{base}{path}" or "/", query)

    def here(self, **changes: object) -> str:
        """This address with other query values; None takes one out. A cursor is of the old query: it goes, too."""
        asked = self.query_lists
        asked.pop("cursor", None)
        return with_query(self.request.url.path, asked | changes)

    @property
    def query_lists(self) -> dict[str, object]:
        params: QueryParams = self.request.query_params
        return {name: params.getlist(name) for name in params}

    def moment(self, at: Any, *, seconds: bool = False) -> Moment:
        """``at``: a datetime."""
        return self.look.moment(at, seconds=seconds)

    def name(self, user_id: UserId | None) -> str:
        """Of one of the tenant's people; empty where it was no person."""
        return self.site.name_of(self.actor.tenant_id, user_id) if user_id else ""

    def page(
        self,
        template: str,
        context: Any,
        *,
        title: str,
        crumbs: Sequence[Link] = (),
        status: int = 200,
        along: Sequence[str] = (),
        notices: Sequence[Notice] = (),
        refresh_seconds: int = 0,
        navigation: Sequence[Tab] | None = None,
    ) -> Response:
        """The whole page; to htmx the block with the name of its target, with those ``along`` out of band; with
        ``?chart=id`` the chart's points as CSV. ``status`` 422 marks a form that was refused; ``navigation`` replaces the site's."""
        chart_id = self.request.query_params.get(CHART)
        if chart_id and status < HTTPStatus.BAD_REQUEST:  # a page that tells of a problem has no charts
            return _chart_csv(context, chart_id)
        shell = self._shell(title, crumbs, notices)
        shell = replace(shell, refresh_seconds=refresh_seconds, has_problem=status >= HTTPStatus.BAD_REQUEST)
        if navigation is not None:
            shell = replace(shell, navigation=tuple(navigation))
        templates = self.site.templates
        if not self.is_fragment:
            answer = templates.page(template, context, around=shell, status=status)
            if self.cookies.get(cookies.NOTE):
                self.cookies.delete(answer, cookies.NOTE)
            return answer
        block = self.request.headers.get("HX-Target", "content")
        return templates.fragment(template, block, context, around=shell, along=along, status=status)

    def go(self, href: str, say: str = "") -> Response:
        """On to another page after a form was obeyed; ``say`` stands on top of it, once."""
        answer: Response
        if self.is_fragment:
            answer = Response(headers={"HX-Redirect": href})
        else:
            answer = RedirectResponse(href, status_code=303)
        if say:
            self.cookies.set(answer, cookies.NOTE, quote(say[:300]), max_age=60)
        return answer

    def _shell(self, title: str, crumbs: Sequence[Link], notices: Sequence[Notice]) -> Shell:
        note = () if self.is_fragment else tuple(self._note())
        place, visitor = self.place, self.visitor
        return Shell(
            title=title,
            version=self.site.version,
            here=self.here(),
            csrf=self.csrf,
            theme=self.look.theme,
            zone=self.look.zone,
            shortcuts=self.look.shortcuts,
            home=self.url("") if place and place.tenant_id != PLATFORM else "/",
            tenant_name=place.name if place else "",
            user_name=(visitor.name or visitor.email) if visitor else "",
            profile="/account" if visitor else "",
            navigation=tuple(self._navigation()),
            tenants=tuple(
                Tab(each.name, _front(each), each == place) for each in (visitor.places if visitor else ())
            ),
            crumbs=tuple(crumbs),
            notices=(*note, *notices),
            shortcut_help=SHORTCUTS,
            look_ends=self.moment(place.until) if place and place.until else None,
            look_stop=f"/admin/tenants/{place.slug}/look/stop" if place else "",
            views=tuple(self._views()) if place and visitor else (),
            views_action=self.url("views") if place and not place.until else "",
            views_page=self._page_path,
            views_query=self.here().partition("?")[2],
        )

    def _note(self) -> Iterator[Notice]:
        if note := self.cookies.get(cookies.NOTE):
            yield Notice(kind="success", title=unquote(note)[:300])

    def _navigation(self) -> Iterator[Tab]:
        if self.place is None:
            return
        platform = self.place.tenant_id == PLATFORM
        entries: Sequence[Destination] = (
            self.site.operator_destinations if platform else self.site.destinations
        )
        path = self.request.url.path
        hrefs = [(each, each.path if platform else f"/t/{self.place.slug}{each.path}") for each in entries]
        for each, href in hrefs:
            if each.permission is None or self.may(each.permission):
                is_front = each.path == "/"
                current = path == href or (not is_front and path.startswith(href + "/"))
                yield Tab(each.text, href, current, each.key)

    @property
    def _page_path(self) -> str:
        """Below the tenant's."""
        return self.request.url.path.removeprefix(f"/t/{self.place.slug}") if self.place else ""

    def _views(self) -> Iterator[ViewLink]:
        """The visitor's saved views of this list."""
        if self.place is None or self.visitor is None or self.is_fragment:
            return
        query = self.here().partition("?")[2]
        for view in self.site.saved_views.of(self.place.tenant_id, self.visitor.user_id, self._page_path):
            yield ViewLink(
                text=view.name,
                href=f"{self.request.url.path}?{view.query}" if view.query else self.request.url.path,
                current=view.query == query,
                remove_action=self.url("views", shown("viw", view.id), "delete"),
            )


def with_query(path: str, query: Mapping[str, object]) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(name, str(each)) for each in values if each is not None and each != ""]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def local(href: str) -> str:
    """A path of ours, else nothing: what leads on after a form must not lead elsewhere."""
    parts = urlsplit(href)
    is_ours = (
        href.startswith("/") and not href.startswith(("//", "/\\")) and not parts.netloc and "\\" not in href
    )
    return href if is_ours and href.isprintable() else ""


def new_secret() -> str:
    return token_urlsafe(24)


def _front(place: Place) -> str:
    return "/admin/tenants" if place.tenant_id == PLATFORM else f"/t/{place.slug}/"


def _chart_csv(context: Any, chart_id: str) -> Response:
    chart = next((each for each in _charts(context) if each.id == chart_id), None)
    if chart is None:
        raise NoSuchChart("It has none with that id.", fix="Open the page without ?chart=.")
    text = csv_text([chart.twin.headers, *chart.twin.rows])
    return Response(text, media_type="text/csv", headers={"Cache-Control": "no-store"})


def _charts(context: Any) -> Iterator[Chart]:
    if isinstance(context, Chart):
        yield context
    elif isinstance(context, tuple | list):
        for each in context:
            yield from _charts(each)
    elif is_dataclass(context) and not isinstance(context, type):
        for field in fields(context):
            yield from _charts(getattr(context, field.name))


async def visit_of(request: Request) -> Visit:
    found: Visit = request.state.visit
    return found


Here = Annotated[Visit, Depends(visit_of)]
