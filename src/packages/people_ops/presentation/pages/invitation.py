"""Joining a tenant by the link of a mail."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.application.quota import QuotaExceeded
from core.domain.errors import DomainError, TooMany
from core.domain.names import InvalidName, checked_name
from core.presentation import cookies
from core.presentation.forms import problem, refused, told
from core.presentation.http import PUBLIC
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.parts import Field, Link, Moment, Notice
from core.presentation.visit import Here, Visit, with_query
from people_ops.api import PeopleOps
from people_ops.application.accept_invitation import NamePasswordNeeded, UserDisabled
from people_ops.application.log_in import LogInRefused, OtpRequired
from people_ops.application.look_at_link import Offer
from people_ops.domain.links import LinkNotValid
from people_ops.domain.password import LONGEST, SHORTEST, PasswordRefused
from people_ops.presentation.pages.session import (
    Bundle,
    agent_of,
    may_keep_cookies,
    signed_in,
    stranger,
    too_many,
)

router = APIRouter(route_class=PageRoute, dependencies=[PUBLIC], include_in_schema=False)
PASSWORD_RULES = (
    f"{SHORTEST} to {LONGEST} characters; not one that is tried first, such as password123 or a row of keys."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPage:
    problem: Notice | None
    tenant: str
    email: str
    roles: str
    until: Moment
    fields: tuple[Field, ...]  # none where they have an account
    action: str
    has_account: bool
    by_sso: bool


@dataclass(frozen=True, slots=True)
class DeadLinkPage:
    title: str
    text: str
    next_step: str
    link: Link | None


@router.get("/invitation/{token}")
def show(token: str, visit: Here, people: Bundle) -> Response:
    try:
        offer = people.ways_in.look_at_invitation(token)
    except LinkNotValid:
        return dead_invitation(visit)
    return _page(visit, token, offer)


@router.post("/invitation/{token}")
def accept(token: str, visit: Here, form: Form, people: Bundle) -> Response:
    by_sso, name, password = form.has("by_sso"), form.text("name"), form.secret("password")
    try:
        offer = people.ways_in.look_at_invitation(token)
    except LinkNotValid:
        return dead_invitation(visit)
    if offer.has_account or by_sso:
        name = password = ""
    else:
        try:
            name = checked_name(name)
        except InvalidName as error:
            return _page(visit, token, offer, form, error)
    try:
        people.ways_in.accept_invitation(
            visit.address, token=token, name=name, password=password, by_sso=by_sso
        )
    except LinkNotValid:
        return dead_invitation(visit)
    except (NamePasswordNeeded, PasswordRefused, UserDisabled, QuotaExceeded, TooMany) as error:
        return _page(visit, token, offer, form, error)
    return _welcome(visit, people, offer, password, by_sso=by_sso)


def _welcome(visit: Visit, people: PeopleOps, offer: Offer, password: str, *, by_sso: bool) -> Response:
    """Signed in where they have just proven a password; an account from before still asks for its own."""
    front, said = f"/t/{offer.tenant_slug}/", f"You have joined {offer.tenant_name}."
    if by_sso:
        return visit.go(with_query("/login", {"tenant": offer.tenant_slug, "next": front}), said)
    if visit.visitor is not None and visit.visitor.email == offer.email:
        people.browsers.forget(visit.cookies.get(cookies.SESSION))
        return visit.go("/t/", said)
    if password and may_keep_cookies(visit):
        try:
            tokens = people.log_in(
                stranger(visit),
                email=offer.email,
                password=password,
                tenant=offer.tenant_slug,
                agent=agent_of(visit),
            )
        except (LogInRefused, OtpRequired, TooMany):
            return visit.go(with_query("/login", {"next": front}), f"{said} Sign in to go on.")
        return signed_in(visit, people, tokens, after=front, say=said)
    return visit.go(with_query("/login", {"next": front}), f"{said} Sign in to go on.")


def _page(
    visit: Visit, token: str, offer: Offer, form: Posted | None = None, error: DomainError | None = None
) -> Response:
    fields: tuple[Field, ...] = () if offer.has_account else _fields(form.text("name") if form else "")
    if isinstance(error, InvalidName | PasswordRefused):
        fields = refused(fields, error, at="name" if isinstance(error, InvalidName) else "password")
    page = InvitationPage(
        problem=too_many(error) if isinstance(error, TooMany) else problem(fields, error),
        tenant=offer.tenant_name,
        email=offer.email,
        roles=", ".join(offer.roles),
        until=visit.moment(offer.expires_at),
        fields=fields,
        action=f"/invitation/{token}",
        has_account=offer.has_account,
        by_sso=offer.by_sso,
    )
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 422
    return visit.page("people_ops/invitation.html", page, title=f"Join {offer.tenant_name}", status=status)


def _fields(name: str) -> tuple[Field, ...]:
    return (
        Field(name="name", label="Your name", value=name, autocomplete="name", required=True),
        Field(
            name="password",
            label="Password",
            kind="password",
            hint=PASSWORD_RULES,
            autocomplete="new-password",
            required=True,
        ),
    )


def dead_invitation(visit: Visit) -> Response:
    said = told(LinkNotValid())
    page = DeadLinkPage(
        said.title,
        "The invitation was used, has expired (it lasts 7 days) or was withdrawn.",
        "Ask whoever invited you to send it again. If you have joined already, sign in.",
        Link("Sign in", "/login"),
    )
    return visit.page("people_ops/dead_link.html", page, title=said.title, status=410)
