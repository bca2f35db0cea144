"""Signing in and out in a browser, and the choice of a tenant."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import RedirectResponse

from core.domain.actor import Actor
from core.domain.errors import DomainError, TooMany
from core.domain.ids import PLATFORM
from core.presentation import cookies
from core.presentation.forms import problem
from core.presentation.http import PUBLIC, from_state, requires
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.parts import Field, Link, Notice
from core.presentation.visit import Here, Visit
from enterprise.api import TenantSuspended
from people_ops.api import PeopleOps
from people_ops.application.log_in import LogInRefused, OtpRequired
from people_ops.domain.session import SessionId

router = APIRouter(route_class=PageRoute, dependencies=[PUBLIC], include_in_schema=False)
own_router = APIRouter(route_class=PageRoute, dependencies=[requires(None)], include_in_schema=False)
Bundle = Annotated[PeopleOps, Depends(from_state(PeopleOps))]
Next = Annotated[str, Query(alias="next", max_length=2000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    problem: Notice | None
    fields: tuple[Field, ...]
    after: str  # the page to go on to
    is_refused: bool  # cookies would not be safe here
    sso: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class TenantsPage:
    tenants: tuple[tuple[Link, str], ...]  # with one's roles in them


@router.get("/")
def front(visit: Here) -> Response:
    if visit.visitor is None:
        return RedirectResponse("/login", status_code=303)
    return RedirectResponse(front_of(visit), status_code=303)


@router.get("/login")
def login(visit: Here, after: Next = "") -> Response:
    return login_page(visit, after=after)


@router.post("/login")
def sign_in(visit: Here, form: Form, people: Bundle) -> Response:
    after = form.text("next")
    if not may_keep_cookies(visit):
        return login_page(visit, after=after)
    try:
        tokens = people.log_in(
            stranger(visit),
            email=form.text("email"),
            password=form.secret("password"),
            otp=form.text("otp"),
            agent=visit.request.headers.get("user-agent", ""),
            any_tenant=True,
        )
    except (LogInRefused, OtpRequired, TooMany, TenantSuspended) as error:
        return login_page(visit, form, error, after=after)
    cookie = people.open_in_browser(stranger(visit), tokens, every_tenant=True)
    if visit.visitor is not None:
        end_session(visit, people)
    return signed_in(visit, cookie, after)


@own_router.post("/logout")
def sign_out(visit: Here, people: Bundle) -> Response:
    end_session(visit, people)
    answer = visit.go("/login", "You are signed out.")
    visit.cookies.delete(answer, cookies.SESSION)
    return answer


@own_router.get("/t/")
def tenants(visit: Here) -> Response:
    places = visit.visitor.places if visit.visitor else ()
    links = tuple(
        (Link(each.name, front_path(each.slug, each.tenant_id == PLATFORM)), ", ".join(each.roles))
        for each in places
    )
    return visit.page("people_ops/tenants.html", TenantsPage(links), title="Your tenants")


def login_page(
    visit: Visit, form: Posted | None = None, error: DomainError | None = None, *, after: str = ""
) -> Response:
    """Never says which field was wrong."""
    wants_code = isinstance(error, OtpRequired) or (form is not None and "otp" in form.values)
    fields = [
        Field(
            name="email",
            label="E-mail",
            kind="email",
            value=form.text("email") if form else "",
            autocomplete="username",
            required=True,
        ),
        Field(
            name="password", label="Password", kind="password", autocomplete="current-password", required=True
        ),
    ]
    if wants_code:
        hint = "Of your authenticator app, or a recovery code. Type your password again, too."
        fields.append(Field(name="otp", label="Code", hint=hint, autocomplete="one-time-code", required=True))
    page = LoginPage(
        problem=problem(fields, error),
        fields=tuple(fields),
        after=local(after),
        is_refused=not may_keep_cookies(visit),
    )
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 422
    return visit.page("people_ops/login.html", page, title="Sign in", status=status)


def signed_in(visit: Visit, cookie: str, after: str) -> Response:
    answer = visit.go(local(after) or "/")
    visit.cookies.set(answer, cookies.SESSION, cookie)
    visit.cookies.delete(answer, cookies.FORM)
    return answer


def end_session(visit: Visit, people: PeopleOps) -> None:
    if visit.visitor is not None:
        actor = Actor(
            tenant_id=visit.visitor.home,
            user_id=visit.visitor.user_id,
            address=visit.address,
            request_id=getattr(visit.request.state, "request_id", ""),
        )
        people.sign_out(actor, SessionId(visit.visitor.session_id))
        people.browsers.forget(visit.cookies.get(cookies.SESSION))


def stranger(visit: Visit) -> Actor:
    """Somebody we do not know yet."""
    request_id = getattr(visit.request.state, "request_id", "")
    return Actor(tenant_id=PLATFORM, address=visit.address, request_id=request_id)


def may_keep_cookies(visit: Visit) -> bool:
    return visit.cookies.is_secure or visit.site.insecure_http


def local(href: str) -> str:
    """A path of ours, else nothing: a link to the log-in must not lead elsewhere afterwards."""
    parts = urlsplit(href)
    is_ours = (
        href.startswith("/") and not href.startswith(("//", "/\\")) and not parts.netloc and "\\" not in href
    )
    return href if is_ours and href.isprintable() else ""


def front_of(visit: Visit) -> str:
    """Of one tenant its overview, of several the choice."""
    places = visit.visitor.places if visit.visitor else ()
    if len(places) != 1:
        return "/t/"
    return front_path(places[0].slug, places[0].tenant_id == PLATFORM)


def front_path(slug: str, is_platform: bool) -> str:
    return "/admin/tenants" if is_platform else f"/t/{slug}/"
