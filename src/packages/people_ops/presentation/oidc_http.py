"""Single sign-on over HTTP: its settings, and log-in by the tenant's identity provider."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from core.application.quota import QuotaExceeded
from core.domain.actor import Actor
from core.domain.errors import DomainError, Stale, TooMany
from core.domain.ids import TenantId
from core.presentation.http import PUBLIC, IfMatch, Route, Slug, from_state, requires, set_etag
from core.presentation.problems import responses
from people_ops.application.configure_sso import ClientSecretNeeded, SsoChoice
from people_ops.application.invite_member import MoreThanYouMay
from people_ops.application.oidc import IdentityRefused, NotInvited, ProviderFailed
from people_ops.application.ports import Tokens
from people_ops.application.ways_in_bundle import WaysIn
from people_ops.domain.single_sign_on import InvalidIssuer, NoSingleSignOn
from people_ops.presentation.oidc_cookie import COOKIE, drop_ticket, keep_ticket
from people_ops.presentation.pages.single_sign_on import landed, turned_away
from people_ops.presentation.sso_bodies import SsoIn

router = APIRouter(prefix="/sso", route_class=Route, tags=["sso"])
start_router = APIRouter(prefix="/auth/oidc", route_class=Route, tags=["auth"], dependencies=[PUBLIC])
# Not ``Route``: providers add parameters of their own (session_state, scope, authuser ...).
callback_router = APIRouter(prefix="/auth/oidc", tags=["auth"], dependencies=[PUBLIC])
Bundle = Annotated[WaysIn, Depends(from_state(WaysIn))]
Keeper = Annotated[Actor, requires("sso:write")]


class SignedInOut(BaseModel):
    access_token: str = Field(examples=["eyJhbGciOiJIUzI1NiIs..."])
    token_type: str = "bearer"  # noqa: S105 - OAuth2's name
    expires_in: int = Field(description="Seconds.", examples=[900])
    refresh_token: str = Field(examples=["5o7cJ1QGm0Yy0cXb1kTq3x9vZ2l8R4w6"])


class SsoOut(BaseModel):
    """The client secret is never shown."""

    issuer: str
    client_id: str
    domains: list[str]
    default_roles: list[str]
    auto_provision: bool
    updated_at: datetime


@router.get("", summary="Show single sign-on", responses=responses(NoSingleSignOn))
def show(people: Bundle, actor: Keeper, response: Response) -> SsoOut:
    found = people.sso_of(actor.tenant_id)
    if found is None:
        raise NoSingleSignOn("This tenant has none.", fix="Set it up with PUT.")
    set_etag(response, found.version)
    return SsoOut.model_validate(found, from_attributes=True)


@router.put(
    "",
    summary="Set up single sign-on",
    responses=responses(InvalidIssuer, ClientSecretNeeded, MoreThanYouMay, Stale),
)
def configure(body: SsoIn, people: Bundle, actor: Keeper, version: IfMatch, response: Response) -> SsoOut:
    choice = SsoChoice(
        issuer=body.issuer,
        client_id=body.client_id,
        client_secret=body.client_secret.get_secret_value(),
        domains=body.domains,
        default_roles=body.default_roles,
        auto_provision=body.auto_provision,
    )
    configured = people.configure_sso(actor, choice, version=version)
    set_etag(response, configured.version)
    return SsoOut.model_validate(configured, from_attributes=True)


@router.delete(
    "", status_code=204, summary="Remove single sign-on", responses=responses(NoSingleSignOn, Stale)
)
def remove(people: Bundle, actor: Keeper, version: IfMatch) -> None:
    people.remove_sso(actor, version=version)


@start_router.get(
    "/{tenant}/start",
    status_code=302,
    response_class=RedirectResponse,
    summary="Log in by the tenant's identity provider",
    responses=responses(NoSingleSignOn, ProviderFailed, TooMany),
)
def start(tenant: Slug, people: Bundle, request: Request) -> RedirectResponse:
    url, ticket = people.start_oidc(peer(request), tenant=tenant)
    answer = RedirectResponse(url, status_code=302, headers={"Cache-Control": "no-store"})
    keep_ticket(answer, ticket, secure=people.cookies_secure)
    return answer


@callback_router.get(
    "/callback",
    summary="Where the identity provider sends the browser back to: gives tokens",
    description="A browser (Accept: text/html) is signed in to the web pages instead, and led on to them.",
    response_model=SignedInOut,
    responses=responses(IdentityRefused, NotInvited, ProviderFailed, QuotaExceeded, TooMany),
)
def callback(people: Bundle, request: Request, response: Response) -> SignedInOut | Response:
    if "text/html" in request.headers.get("accept", ""):
        answer = browser_answer(people, request)
        drop_ticket(answer, secure=people.cookies_secure)
        return answer
    tokens = SignedInOut.model_validate(finished(people, request), from_attributes=True)
    drop_ticket(response, secure=people.cookies_secure)
    response.headers["Cache-Control"] = "no-store"
    return tokens


def browser_answer(people: WaysIn, request: Request) -> Response:
    try:
        return landed(request, finished(people, request))
    except DomainError as error:
        return turned_away(request, error)


def finished(people: WaysIn, request: Request) -> Tokens:
    """The session that a return from the provider starts. Raises IdentityRefused, NotInvited, ProviderFailed."""
    asked = request.query_params
    if "error" in asked or not asked.get("code"):
        raise IdentityRefused("The provider did not log you in.", fix="Log in again.", check="code")
    state = request.state

    def actor_at(tenant_id: TenantId) -> Actor:
        return Actor(
            tenant_id=tenant_id, address=peer(request), request_id=str(getattr(state, "request_id", ""))
        )

    return people.finish_oidc(
        actor_at, ticket=request.cookies.get(COOKIE, ""), state=asked.get("state", ""), code=asked["code"]
    )


def peer(request: Request) -> str:
    return request.client.host if request.client else ""
