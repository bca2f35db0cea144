"""Inviting somebody, sending it again, withdrawing it."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.errors import DomainError
from core.domain.public_ids import parsed
from core.presentation.forms import problem
from core.presentation.page_routes import Form, Posted
from core.presentation.parts import Field, Notice, Tab
from core.presentation.visit import Here, Visit
from people_ops.api import PeopleOps
from people_ops.application.invite_member import (
    AlreadyInvited,
    AlreadyMember,
    Invited,
    MoreThanYouMay,
    TooManyInvitations,
)
from people_ops.domain.email import NotAnEmail
from people_ops.domain.invitation import InvitationId, InvitationIsClosed, NoSuchInvitation
from people_ops.domain.role import NoSuchRole
from people_ops.presentation.invitations_http import InvitationIn
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import (
    Misfit,
    fitting,
    marked,
    roles_field,
    settings_pages,
    tabs_of,
)

router: APIRouter = settings_pages("members:write")
FIELD_OF = {NotAnEmail: "email", AlreadyMember: "email", AlreadyInvited: "email", NoSuchRole: "roles"}
LOGGED = (
    "This installation sends no mail: whoever runs it finds the link in the service's log (mail_printed)."
)
BY_HAND = "This installation sends no mail: you get the link here, to pass it on."


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitePage:
    tabs: tuple[Tab, ...]
    problem: Notice | None
    fields: tuple[Field, ...]
    action: str
    back_href: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitedPage:
    """The only time that the link is shown."""

    email: str
    link: str
    back_href: str


@router.get("/invite")
def ask_whom(visit: Here, people: Bundle) -> Response:
    return _invite_page(visit, people, _fields(visit, people))


@router.post("/invite")
def invite(visit: Here, form: Form, people: Bundle) -> Response:
    fields, by_hand = _fields(visit, people, form), people.ways_in.shows_links()
    try:
        body = fitting(InvitationIn, {"email": form.text("email"), "roles": form.all("roles")})
        made = people.ways_in.invite(visit.actor, email=body.email, roles=body.roles, by_mail=not by_hand)
    except Misfit as misfit:
        return _invite_page(visit, people, marked(fields, misfit.wrong), status=422)
    except (*FIELD_OF, MoreThanYouMay, TooManyInvitations) as error:
        fields = marked(fields, {FIELD_OF.get(type(error), ""): f"{error.title}. {error.detail}"})
        return _invite_page(visit, people, fields, error)
    if by_hand:
        return _invited_page(visit, made)
    return visit.go(visit.url("settings", "people"), f"{body.email} is invited. {_where(people)}")


@router.post("/invitations/{invitation}/resend")
def resend(invitation: str, visit: Here, people: Bundle) -> Response:
    by_hand = people.ways_in.shows_links()
    try:
        made = people.ways_in.resend_invitation(visit.actor, _id(invitation), by_mail=not by_hand)
    except InvitationIsClosed:
        return _closed(visit)
    if by_hand:
        return _invited_page(visit, made)
    return visit.go(visit.url("settings", "people"), f"Sent again, with a new link. {_where(people)}")


@router.post("/invitations/{invitation}/withdraw")
def withdraw(invitation: str, visit: Here, people: Bundle) -> Response:
    try:
        people.ways_in.revoke_invitation(visit.actor, _id(invitation))
    except InvitationIsClosed:
        return _closed(visit)
    return visit.go(visit.url("settings", "people"), "Withdrawn.")


def _id(text: str) -> InvitationId:
    """Raises NoSuchInvitation."""
    found = parsed("inv", text)
    if found is None:
        raise NoSuchInvitation("There is none with that id.", fix="Open the list of people.")
    return InvitationId(found)


def _closed(visit: Visit) -> Response:
    said = "Nothing was changed: the invitation was accepted or withdrawn meanwhile."
    return visit.go(visit.url("settings", "people"), said)


def _where(people: PeopleOps) -> str:
    return LOGGED if people.ways_in.mails_are_logged else "A mail with the link is on its way."


def _fields(visit: Visit, people: PeopleOps, form: Posted | None = None) -> tuple[Field, ...]:
    email = form.text("email") if form else ""
    return (
        Field(name="email", label="E-mail", kind="email", value=email, required=True),
        roles_field(visit, people, form.all("roles") if form else ["viewer"]),
    )


def _invite_page(
    visit: Visit,
    people: PeopleOps,
    fields: tuple[Field, ...],
    error: DomainError | None = None,
    *,
    status: int = 200,
) -> Response:
    by_mail = "They get a mail with a link that works for 7 days."
    note = LOGGED if people.ways_in.mails_are_logged else by_mail
    page = InvitePage(
        tabs=tabs_of(visit),
        problem=problem(fields, error),
        fields=fields,
        action=visit.url("settings", "invite"),
        back_href=visit.url("settings", "people"),
        note=BY_HAND if people.ways_in.shows_links() else note,
    )
    return visit.page(
        "people_ops/invite.html", page, title="Invite somebody", status=422 if error else status
    )


def _invited_page(visit: Visit, made: Invited) -> Response:
    page = InvitedPage(email=made.email, link=made.link, back_href=visit.url("settings", "people"))
    return visit.page("people_ops/invited.html", page, title="The link of the invitation")
