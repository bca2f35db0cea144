"""Signing in by the tenant's identity provider, in a browser: the way there and the way back."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from core.domain.errors import DomainError, TooMany
from core.presentation import cookies
from core.presentation.forms import told
from core.presentation.http import PUBLIC
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Link, Notice
from core.presentation.site import Site
from core.presentation.visit import Here, Visit, local
from people_ops.api import PeopleOps
from people_ops.application.ports import Tokens
from people_ops.presentation.oidc_cookie import keep_ticket
from people_ops.presentation.pages.session import (
    Bundle,
    may_keep_cookies,
    signed_in,
    too_many,
    wait_seconds,
)
from people_ops.presentation.pages.sign_in import login_page

router = APIRouter(route_class=PageRoute, dependencies=[PUBLIC], include_in_schema=False)
NEXT_LIFE_S = 600


@dataclass(frozen=True, slots=True)
class NoWayInPage:
    problem: Notice
    links: tuple[Link, ...]


@router.get("/login/sso")
def start(
    visit: Here,
    people: Bundle,
    tenant: Annotated[str, Query(max_length=63)] = "",
    after: Annotated[str, Query(alias="next", max_length=2000)] = "",
) -> Response:
    if not may_keep_cookies(visit):
        return login_page(visit, people, after=after)
    try:
        url, ticket = people.ways_in.start_oidc(visit.address, tenant=tenant.strip().lower())
    except DomainError as error:
        return no_way_in(visit, error)
    answer = RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})
    keep_ticket(answer, ticket, secure=people.ways_in.cookies_secure)
    if local(after):
        visit.cookies.set(answer, cookies.NEXT, local(after), max_age=NEXT_LIFE_S)
    return answer


def landed(request: Request, tokens: Tokens) -> Response:
    """A browser that has come back: it is signed in to the one tenant whose provider vouched."""
    people: PeopleOps = request.app.state.services[PeopleOps]
    visit = _visit(request)
    answer = signed_in(visit, people, tokens, after=visit.cookies.get(cookies.NEXT), every_tenant=False)
    visit.cookies.delete(answer, cookies.NEXT)
    return answer


def turned_away(request: Request, error: DomainError) -> Response:
    """A browser that has come back with what is no proof."""
    return no_way_in(_visit(request), error)


def no_way_in(visit: Visit, error: DomainError) -> Response:
    busy = isinstance(error, TooMany)
    page = NoWayInPage(
        too_many(error) if isinstance(error, TooMany) else told(error),
        (Link("Back to the sign-in", "/login"),),
    )
    answer = visit.page("people_ops/no_way_in.html", page, title="Not signed in", status=429 if busy else 422)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = wait_seconds(error)
    return answer


def _visit(request: Request) -> Visit:
    """The callback is a route of the API: nobody has looked at its cookies yet."""
    site: Site = request.app.state.services[Site]
    return Visit.of(request, site)
