"""Signing in and out in a browser, and the choice of a tenant."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse

from core.domain.errors import DomainError, TooMany
from core.presentation import cookies
from core.presentation.forms import problem, refused
from core.presentation.http import PUBLIC
from core.presentation.navigation import front_of
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.parts import Field, Link, Notice
from core.presentation.visit import Here, Visit, local, with_query
from enterprise.api import TenantSuspended
from people_ops.api import PeopleOps
from people_ops.application.finish_log_in import ProofExpired
from people_ops.application.log_in import LogInRefused, OtpRequired
from people_ops.domain.second_factor import WrongCode
from people_ops.presentation.pages.session import (
    Bundle,
    agent_of,
    end_session,
    may_keep_cookies,
    signed_in,
    stranger,
    too_many,
    wait_seconds,
)

router = APIRouter(route_class=PageRoute, dependencies=[PUBLIC], include_in_schema=False)
Next = Annotated[str, Query(alias="next", max_length=2000)]
Tenant = Annotated[str, Query(max_length=63)]
CODE = Field(
    name="otp",
    label="Code",
    hint="Of your authenticator app, or one of your recovery codes.",
    autocomplete="one-time-code",
    required=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage:
    problem: Notice | None
    fields: tuple[Field, ...]
    after: str  # the page to go on to
    is_refused: bool  # cookies would not be safe here
    sso: Link | None  # of the tenant that was named
    company: Field | None  # the tenant, where some have an identity provider


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage:
    problem: Notice | None
    field: Field
    proof: str  # that the password was right
    after: str


@dataclass(frozen=True, slots=True)
class TenantsPage:
    tenants: tuple[tuple[Link, str], ...]  # with one's roles in them


@router.get("/")
def front(visit: Here) -> Response:
    return RedirectResponse("/login" if visit.visitor is None else first_page_of(visit), status_code=303)


@router.get("/login")
def login(visit: Here, people: Bundle, after: Next = "", tenant: Tenant = "") -> Response:
    return login_page(visit, people, after=after, tenant=tenant)


@router.post("/login")
def sign_in(visit: Here, form: Form, people: Bundle) -> Response:
    after = form.text("next")
    if not may_keep_cookies(visit):
        return login_page(visit, people, after=after)
    try:
        tokens = people.log_in(
            stranger(visit),
            email=form.text("email"),
            password=form.secret("password"),
            agent=agent_of(visit),
            any_tenant=True,
        )
    except OtpRequired as question:
        return code_page(visit, question.proof, after=after)
    except (LogInRefused, TooMany, TenantSuspended) as error:
        return login_page(visit, people, form, error, after=after)
    return signed_in(visit, people, tokens, after=after)


@router.post("/login/code")
def give_code(visit: Here, form: Form, people: Bundle) -> Response:
    proof, after = form.secret("proof"), form.text("next")
    if not may_keep_cookies(visit):
        return login_page(visit, people, after=after)
    try:
        tokens = people.finish_log_in(
            stranger(visit), proof=proof, otp=form.text("otp"), agent=agent_of(visit)
        )
    except (WrongCode, TooMany) as error:
        return code_page(visit, proof, error, after=after)
    except (ProofExpired, LogInRefused, TenantSuspended) as error:
        return login_page(visit, people, error=error, after=after)
    return signed_in(visit, people, tokens, after=after)


@router.post("/logout")
def sign_out(visit: Here, people: Bundle) -> Response:
    end_session(visit, people)
    answer = visit.go("/login", "You are signed out.")
    visit.cookies.delete(answer, cookies.SESSION)
    return answer


@router.get("/t/")
def tenants(visit: Here) -> Response:
    if visit.visitor is None:
        return RedirectResponse("/login", status_code=303)
    places = visit.visitor.places
    if len(places) == 1:
        return RedirectResponse(first_page_of(visit), status_code=303)
    links = tuple((Link(each.name, front_of(each)), ", ".join(each.roles)) for each in places)
    return visit.page("people_ops/tenants.html", TenantsPage(links), title="Your tenants")


def login_page(
    visit: Visit,
    people: PeopleOps,
    form: Posted | None = None,
    error: DomainError | None = None,
    *,
    after: str = "",
    tenant: str = "",
) -> Response:
    """Never says which field was wrong."""
    fields = (
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
    )
    start_oidc = people.ways_in.start_oidc
    tenant = tenant.strip().lower()
    named = bool(tenant) and start_oidc.is_possible(tenant)
    page = LoginPage(
        problem=too_many(error) if isinstance(error, TooMany) else problem(fields, error),
        fields=fields,
        after=local(after),
        is_refused=not may_keep_cookies(visit),
        sso=Link(f"Sign in by {tenant}'s account", _sso_href(tenant, after)) if named else None,
        company=_company(tenant) if not named and start_oidc.sso_of.anywhere() else None,
    )
    answer = visit.page("people_ops/login.html", page, title="Sign in", status=_status(error))
    return _with_wait(answer, error)


def code_page(visit: Visit, proof: str, error: DomainError | None = None, *, after: str) -> Response:
    """The password is not asked for again."""
    wrong = isinstance(error, WrongCode)
    (field,) = refused((CODE,), error, at="otp") if error and wrong else (CODE,)
    page = CodePage(
        problem=too_many(error) if isinstance(error, TooMany) else problem((field,)),
        field=field,
        proof=proof,
        after=local(after),
    )
    answer = visit.page("people_ops/code.html", page, title="Enter your code", status=_status(error))
    return _with_wait(answer, error)


def _status(error: DomainError | None) -> int:
    return 200 if error is None else 429 if isinstance(error, TooMany) else 422


def _with_wait(answer: Response, error: DomainError | None) -> Response:
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = wait_seconds(error)
    return answer


def _company(tenant: str) -> Field:
    """The form leads back to this page, which then has a link: no form may lead to another site."""
    return Field(
        name="tenant",
        label="Tenant",
        value=tenant,
        hint="Its short name, as in the address of its pages: /t/name/",
        error="No tenant of that name has an identity provider." if tenant else "",
        required=True,
    )


def _sso_href(tenant: str, after: str) -> str:
    return with_query("/login/sso", {"tenant": tenant, "next": local(after)})


def first_page_of(visit: Visit) -> str:
    """Of one tenant its overview, of several the choice."""
    places = visit.visitor.places if visit.visitor else ()
    if len(places) != 1:
        return "/t/"
    return front_of(places[0])
