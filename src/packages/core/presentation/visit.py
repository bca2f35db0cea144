"""One request of a browser for a page: who, where, how they want it, and how it is answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from secrets import token_hex, token_urlsafe
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import QueryParams

from core.application.authenticator import Credentials
from core.application.browsers import Place, Visitor
from core.domain.actor import Actor
from core.domain.errors import Forbidden, NotFound, Unauthenticated
from core.domain.ids import PLATFORM, UserId
from core.domain.public_ids import shown
from core.presentation import cookies
from core.presentation.charts.points import chart_of, points_csv
from core.presentation.cookies import Cookies
from core.presentation.look import Look
from core.presentation.navigation import front_of, instead_of_front, navigation
from core.presentation.parts import Button, Link, Moment, Notice, Tab
from core.presentation.shortcuts import SHORTCUTS
from core.presentation.site import Shell, Site, ViewLink

PROOF_LENGTH = 40
CHART = "chart"  # the query parameter that asks for a chart's points as CSV


class SignInNeeded(Unauthenticated):
    title = "Sign in first"


class FormExpired(Forbidden):
    title = "This form is too old, or of another site"


class ReadingOnly(Forbidden):
    title = "You are only looking"


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
        """Proves that a form is of this session; of who is signed in the end is another each time: it tells pages apart."""
        return self._proof + (token_hex(8) if self.visitor else "")

    @property
    def _proof(self) -> str:
        return sha256(f"csrf:{self.secret}".encode()).hexdigest()[:PROOF_LENGTH]

    def check_csrf(self, token: str) -> None:
        """Raises FormExpired."""
        site = self.request.headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") or not compare_digest(
            token[:PROOF_LENGTH].encode(), self._proof.encode()
        ):
            raise FormExpired(
                "It does not carry the token of your session.", fix="Open the page again, then send the form."
            )

    def check_not_looking(self) -> None:
        """Raises ReadingOnly for an operator's look into a tenant."""
        if self.place is not None and self.place.until is not None:
            raise ReadingOnly("An operator's look reads, and changes nothing.", fix="Stop looking first.")

    @property
    def leads_on_to(self) -> str:
        """A page to go to at once, for who asks for a front page that they may not see."""
        return instead_of_front(self.site, self.place, self.request.url.path) if self.place else ""

    def is_look_over(self) -> bool:
        """Of an operator's look into a tenant, which may end while something of it is still being sent."""
        if self.place is None or self.place.until is None:
            return False
        token, browsers = self.cookies.get(cookies.SESSION), self.site.browsers
        try:
            now = browsers.remembered(token) or browsers(Credentials(token, self.address, ""))
        except Unauthenticated:
            return True
        return now.place(self.place.slug) is None

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
        ``?chart=id`` the chart's points as CSV, with ``?chart=id.svg`` its drawing. ``status`` 422 marks a form that was refused; ``navigation`` replaces the site's."""
        chart_id = self.request.query_params.get(CHART)
        if chart_id and status < HTTPStatus.BAD_REQUEST:  # a page that tells of a problem has no charts
            return self._chart(context, *chart_id.split(".", 1))
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

    def _chart(self, context: Any, chart_id: str, kind: str = "csv") -> Response:
        """Raises NoSuchChart."""
        chart, headers = chart_of(context, chart_id), {"Cache-Control": "no-store"}
        if kind != "svg":
            return Response(points_csv(chart), media_type="text/csv", headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="{chart.id}.svg"'
        return Response(
            self.site.templates.part("picture", chart), media_type="image/svg+xml", headers=headers
        )

    def go(self, href: str, say: str = "", *, undo: str = "") -> Response:
        """On to another page after a form was obeyed; ``say`` stands on top of it, once, with a button that posts to ``undo``."""
        answer: Response
        if self.is_fragment:
            answer = Response(headers={"HX-Redirect": href})
        else:
            answer = RedirectResponse(href, status_code=303)
        if say:
            self.cookies.set(answer, cookies.NOTE, f"{quote(say[:300])}|{quote(undo)}", max_age=60)
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
            navigation=tuple(navigation(self.site, place, self.request.url.path)) if place else (),
            tenants=tuple(
                Tab(each.name, front_of(each), each == place) for each in (visitor.places if visitor else ())
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
            say, _, undo = note.partition("|")
            href, own = local(unquote(undo)), self.url("")
            button = Button(text="Undo", action=href, values=(("back", self.here()),), key="u")
            is_own = self.place is not None and href.startswith(own) and href.endswith("/undo")
            yield Notice(kind="success", title=unquote(say)[:300], action=button if is_own else None)

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


async def visit_of(request: Request) -> Visit:
    found: Visit = request.state.visit
    return found


Here = Annotated[Visit, Depends(visit_of)]
