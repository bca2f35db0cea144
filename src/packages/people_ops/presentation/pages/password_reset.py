"""A forgotten password: asking for a link, and setting a new one by it."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.errors import DomainError, TooMany
from core.presentation import cookies
from core.presentation.forms import problem, refused, told
from core.presentation.http import PUBLIC
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import Field, Link, Notice
from core.presentation.visit import Here, Visit
from people_ops.domain.email import NotAnEmail
from people_ops.domain.links import LinkNotValid
from people_ops.domain.password import PasswordRefused
from people_ops.presentation.pages.invitation import PASSWORD_RULES, DeadLinkPage
from people_ops.presentation.pages.session import Bundle, too_many, wait_seconds

router = APIRouter(route_class=PageRoute, dependencies=[PUBLIC], include_in_schema=False)
LOGGED = "This installation sends no mail: whoever runs it finds the link in the service's log."
ASKED = "If somebody has that address, a link is on its way. It works once, for an hour."
PASSWORD = Field(
    name="password",
    label="New password",
    kind="password",
    hint=PASSWORD_RULES,
    autocomplete="new-password",
    required=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPage:
    title: str
    lead: str
    problem: Notice | None
    done: Notice | None
    field: Field | None
    action: str
    button: str


@router.get("/password-reset")
def ask(visit: Here, people: Bundle) -> Response:
    return _asking(visit, "", None, is_logged=people.ways_in.mails_are_logged)


@router.post("/password-reset")
def send(visit: Here, form: Form, people: Bundle) -> Response:
    """The same answer whether or not somebody has that address."""
    email, is_logged = form.text("email"), people.ways_in.mails_are_logged
    try:
        people.ways_in.ask_for_reset(visit.address, email=email)
    except (NotAnEmail, TooMany) as error:
        return _asking(visit, email, error, is_logged=is_logged)
    done = Notice(
        kind="success", title="Look into your mailbox", text=f"{ASKED} {LOGGED if is_logged else ''}"
    )
    page = ResetPage(
        title="Reset your password", lead="", problem=None, done=done, field=None, action="", button=""
    )
    return visit.page("people_ops/password_reset.html", page, title=page.title)


@router.get("/password-reset/{token}")
def show(token: str, visit: Here, people: Bundle) -> Response:
    try:
        people.ways_in.look_at_reset(token)
    except LinkNotValid:
        return _dead(visit)
    return _setting(visit, token, None)


@router.post("/password-reset/{token}")
def complete(token: str, visit: Here, form: Form, people: Bundle) -> Response:
    try:
        people.ways_in.complete_reset(visit.address, token=token, password=form.secret("password"))
    except LinkNotValid:
        return _dead(visit)
    except (PasswordRefused, TooMany) as error:
        return _setting(visit, token, error)
    if visit.visitor is not None:
        people.browsers.forget(visit.cookies.get(cookies.SESSION))
    answer = visit.go("/login", "Your password is set, and all your sessions have ended. Sign in with it.")
    visit.cookies.delete(answer, cookies.SESSION)
    return answer


def _asking(visit: Visit, email: str, error: DomainError | None, *, is_logged: bool) -> Response:
    field = Field(
        name="email", label="E-mail", kind="email", value=email, autocomplete="username", required=True
    )
    lead = f"We send a link to your address. {LOGGED if is_logged else ''}"
    return _page(visit, field, error, action="/password-reset", button="Send the link", lead=lead)


def _setting(visit: Visit, token: str, error: DomainError | None) -> Response:
    lead = "All your sessions end. A second factor stays as it is."
    return _page(
        visit, PASSWORD, error, action=f"/password-reset/{token}", button="Set the password", lead=lead
    )


def _page(
    visit: Visit, field: Field, error: DomainError | None, *, action: str, button: str, lead: str
) -> Response:
    is_busy = isinstance(error, TooMany)
    if error is not None and not is_busy:
        (field,) = refused((field,), error, at=field.name)
    page = ResetPage(
        title="Reset your password",
        lead=lead,
        problem=too_many(error) if isinstance(error, TooMany) else problem((field,)),
        done=None,
        field=field,
        action=action,
        button=button,
    )
    status = 200 if error is None else 429 if is_busy else 422
    answer = visit.page("people_ops/password_reset.html", page, title=page.title, status=status)
    if isinstance(error, TooMany):
        answer.headers["Retry-After"] = wait_seconds(error)
    return answer


def _dead(visit: Visit) -> Response:
    said = told(LinkNotValid())
    page = DeadLinkPage(
        said.title,
        "It was used, has expired (it lasts an hour), or a newer one was sent.",
        "Ask for another one.",
        Link("Send a new link", "/password-reset"),
    )
    return visit.page("people_ops/dead_link.html", page, title=said.title, status=410)
