"""People of a tenant: who they are, who is invited, and inviting."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.errors import DomainError
from core.domain.public_ids import parsed, shown
from core.presentation.forms import problem
from core.presentation.http import requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import Form, Posted
from core.presentation.parts import (
    Actions,
    Button,
    Cell,
    Column,
    EmptyState,
    Field,
    Link,
    Notice,
    Row,
    State,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from people_ops.api import PeopleOps
from people_ops.application.invite_member import (
    AlreadyInvited,
    AlreadyMember,
    MoreThanYouMay,
    TooManyInvitations,
)
from people_ops.application.ports import MemberView
from people_ops.application.ways_in_bundle import InvitationView
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

router: APIRouter = settings_pages("members:read")
WRITING = [requires("members:write")]
MOST_SHOWN = 200  # open invitations; there are never more
LOGGED = (
    "This installation sends no mail: whoever runs it finds the link in the service's log (mail_printed)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    tabs: tuple[Tab, ...]
    people: Table
    invitations: Table
    invite_href: str  # empty: they may not


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitePage:
    tabs: tuple[Tab, ...]
    problem: Notice | None
    fields: tuple[Field, ...]
    action: str
    back_href: str
    note: str


@with_twins(router, "/people")
def members(visit: Here, people: Bundle, asked: Asked) -> Response:
    tenant_id, listing = visit.actor.tenant_id, _listing(visit)
    if asked.form:
        return listing.twin(
            asked.form,
            lambda cursor: people.queries.members(tenant_id, limit=asked.limit, cursor=cursor),
            asked.cursor,
        )
    page = people.queries.members(tenant_id, limit=asked.limit, cursor=asked.cursor)
    nobody = EmptyState(
        code="first-use", title="Nobody yet", text="People appear here once they have joined."
    )
    context = PeoplePage(
        tabs=tabs_of(visit),
        people=listing.table(visit, page, empty=nobody),
        invitations=_invitations(visit, people),
        invite_href=visit.url("settings", "invite") if visit.may("members:write") else "",
    )
    return visit.page("people_ops/people.html", context, title="People")


@router.get("/invite", dependencies=WRITING)
def ask_whom(visit: Here, people: Bundle) -> Response:
    return _invite_page(visit, people)


@router.post("/invite", dependencies=WRITING)
def invite(visit: Here, form: Form, people: Bundle) -> Response:
    try:
        body = fitting(InvitationIn, {"email": form.text("email"), "roles": form.all("roles")})
        people.ways_in.invite(visit.actor, email=body.email, roles=body.roles)
    except Misfit as misfit:
        return _invite_page(visit, people, form, wrong=misfit)
    except (
        NotAnEmail,
        NoSuchRole,
        MoreThanYouMay,
        AlreadyMember,
        AlreadyInvited,
        TooManyInvitations,
    ) as error:
        return _invite_page(visit, people, form, error)
    return visit.go(visit.url("settings", "people"), f"{body.email} is invited. {_where(people)}")


@router.post("/invitations/{invitation}/resend", dependencies=WRITING)
def resend(invitation: str, visit: Here, people: Bundle) -> Response:
    return _changed(visit, people, invitation, resend=True)


@router.post("/invitations/{invitation}/withdraw", dependencies=WRITING)
def withdraw(invitation: str, visit: Here, people: Bundle) -> Response:
    return _changed(visit, people, invitation, resend=False)


def _changed(visit: Visit, people: PeopleOps, invitation: str, *, resend: bool) -> Response:
    wanted = parsed("inv", invitation)
    if wanted is None:
        raise NoSuchInvitation("There is none with that id.", fix="Open the list of people.")
    back = visit.url("settings", "people")
    try:
        if resend:
            people.ways_in.resend_invitation(visit.actor, InvitationId(wanted))
        else:
            people.ways_in.revoke_invitation(visit.actor, InvitationId(wanted))
    except InvitationIsClosed:
        return visit.go(back, "Nothing was changed: the invitation was accepted or withdrawn meanwhile.")
    return visit.go(back, f"Sent again, with a new link. {_where(people)}" if resend else "Withdrawn.")


def _where(people: PeopleOps) -> str:
    return LOGGED if people.ways_in.mails_are_logged else "A mail with the link is on its way."


def _listing(visit: Visit) -> Listing[MemberView]:
    def href(member: MemberView) -> str:
        return visit.url("settings", "people", shown("usr", member.id))

    def last(member: MemberView) -> Cell:
        return visit.moment(member.last_login_at) if member.last_login_at else Text("never")

    columns: list[ListColumn[MemberView]] = [
        ListColumn(
            title="E-mail",
            name="email",
            cell=lambda m: Link(m.email, href(m)),
            value=lambda m: m.email,
        ),
        ListColumn(title="Name", name="name", cell=lambda m: Text(m.name), value=lambda m: m.name),
        ListColumn(
            title="Roles", name="roles", cell=lambda m: Text(", ".join(m.roles)), value=lambda m: m.roles
        ),
        ListColumn(title="State", name="state", cell=_state, value=lambda m: _state(m).value),
        ListColumn(
            title="Second factor",
            name="second_factor",
            cell=lambda m: Text("on" if m.second_factor else "off"),
            value=lambda m: m.second_factor,
        ),
        ListColumn(title="Last sign-in", name="last_login_at", cell=last, value=lambda m: m.last_login_at),
    ]
    if not visit.may("members:write"):
        columns[0] = ListColumn(
            title="E-mail", name="email", cell=lambda m: Text(m.email), value=lambda m: m.email
        )
    return Listing(
        id="people",
        caption="People of this tenant",
        columns=columns,
        key=lambda m: shown("usr", m.id),
        href=href if visit.may("members:write") else None,
    )


def _state(member: MemberView) -> State:
    return State("disabled", "suspended") if member.disabled_at else State("active", "active")


def _invitations(visit: Visit, people: PeopleOps) -> Table:
    found = people.ways_in.invitations.page(visit.actor.tenant_id, limit=MOST_SHOWN, cursor=None)
    waiting = [each for each in found.items if each.state in ("open", "expired")]
    titles = ("E-mail", "Roles", "State", "Invited", "Open until", "Action")
    return Table(
        id="invitations",
        caption="People who are invited and have not joined yet",
        columns=tuple(map(Column, titles[: len(titles) if visit.may("members:write") else -1])),
        rows=tuple(_invitation(visit, each) for each in waiting),
    )


def _invitation(visit: Visit, each: InvitationView) -> Row:
    id_ = shown("inv", each.id)
    state = State("open", "running") if each.state == "open" else State("expired", "failed")
    cells: tuple[Cell, ...] = (
        Text(each.email),
        Text(", ".join(each.roles)),
        state,
        visit.moment(each.created_at),
        visit.moment(each.expires_at),
    )
    if visit.may("members:write"):
        base = ("settings", "invitations", id_)
        again = Button(
            text="Send again", action=visit.url(*base, "resend"), label=f"Send again to {each.email}"
        )
        gone = Button(
            text="Withdraw",
            action=visit.url(*base, "withdraw"),
            label=f"Withdraw the invitation of {each.email}",
        )
        cells = (*cells, Actions((again, gone)))
    return Row(id_, cells)


def _invite_page(
    visit: Visit,
    people: PeopleOps,
    form: Posted | None = None,
    error: DomainError | None = None,
    *,
    wrong: Misfit | None = None,
) -> Response:
    email = form.text("email") if form else ""
    fields: tuple[Field, ...] = (
        Field(name="email", label="E-mail", kind="email", value=email, required=True),
        roles_field(visit, people, form.all("roles") if form else ["viewer"]),
    )
    if wrong is not None:
        fields = marked(fields, wrong.wrong)
    page = InvitePage(
        tabs=tabs_of(visit),
        problem=problem(fields, error),
        fields=fields,
        action=visit.url("settings", "invite"),
        back_href=visit.url("settings", "people"),
        note=LOGGED
        if people.ways_in.mails_are_logged
        else "They get a mail with a link that works for 7 days.",
    )
    status = 422 if error or wrong else 200
    return visit.page("people_ops/invite.html", page, title="Invite somebody", status=status)
