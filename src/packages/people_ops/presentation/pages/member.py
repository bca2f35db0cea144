"""One of the people of a tenant: their roles, and what takes them out of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fastapi import APIRouter, Response

from core.domain.actor import Actor
from core.domain.errors import Conflict, DomainError, Forbidden
from core.domain.ids import UserId
from core.domain.public_ids import shown
from core.presentation.forms import problem, status_of
from core.presentation.page_routes import Form
from core.presentation.parts import Button, Field, Link, Moment, Notice, State, Tab
from core.presentation.visit import Here, Visit
from people_ops.api import PeopleOps
from people_ops.application.ports import MemberView
from people_ops.domain.role import NoSuchRole
from people_ops.presentation.members_http import OneMember
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import (
    ConfirmPage,
    confirm_page,
    roles_field,
    settings_pages,
    tabs_of,
)

router: APIRouter = settings_pages("members:write")
REFUSALS = (Conflict, Forbidden, NoSuchRole)  # what the page can say, with the form as it was
Act = Callable[[Actor, UserId], object]


@dataclass(frozen=True, slots=True)
class Step:
    """What asks once more before it is done."""

    link: str
    title: str  # before the person's e-mail
    notes: tuple[str, ...]
    button: str


STEPS = {
    "second-factor": Step(
        "Take away the second factor",
        "Take away the second factor of",
        (
            "Signing in asks for the password alone, until they set it up again.",
            "Do it only for somebody you have spoken to: whoever has stolen the password may ask for this, too.",
        ),
        "Take it away",
    ),
    "remove": Step(
        "Remove",
        "Remove",
        (
            "They are out at once, from this tenant alone; what they made stays.",
            "Invite them again to let them back in.",
        ),
        "Remove",
    ),
    "erase": Step(
        "Erase",
        "Erase",
        (
            "They are out at once, and what is personal of them is deleted: name, e-mail, addresses in the audit log.",
            "What they made stays, without their name. This cannot be undone.",
        ),
        "Erase",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPage:
    tabs: tuple[Tab, ...]
    problem: Notice | None
    email: str
    name: str
    state: State
    joined: Moment
    last_login: Moment | None
    has_factor: bool
    roles: Field
    action: str
    version: int
    switch: Button
    steps: tuple[Link, ...]


@router.get("/people/{member}")
def show(member: OneMember, visit: Here, people: Bundle) -> Response:
    return _page(visit, people, people.queries.member(visit.actor.tenant_id, member))


@router.post("/people/{member}")
def change_roles(member: OneMember, visit: Here, form: Form, people: Bundle) -> Response:
    roles = form.all("roles")
    try:
        people.change_member(visit.actor, member, roles=roles, version=form.version)
    except REFUSALS as error:
        found = people.queries.member(visit.actor.tenant_id, member)
        return _page(visit, people, found, error, roles=roles)
    return visit.go(_at(visit, member), "The roles are changed, from their next request on.")


@router.post("/people/{member}/disable")
def disable(member: OneMember, visit: Here, people: Bundle) -> Response:
    said = "They may not sign in any more, and their sessions have ended."
    act = partial(people.change_member, disabled=True)
    return _done(visit, people, member, act, _at(visit, member), said)


@router.post("/people/{member}/enable")
def enable(member: OneMember, visit: Here, people: Bundle) -> Response:
    act = partial(people.change_member, disabled=False)
    return _done(visit, people, member, act, _at(visit, member), "They may sign in again.")


@router.get("/people/{member}/second-factor")
@router.get("/people/{member}/remove")
@router.get("/people/{member}/erase")
def confirm(member: OneMember, visit: Here, people: Bundle) -> Response:
    found = people.queries.member(visit.actor.tenant_id, member)
    name = visit.request.url.path.rpartition("/")[2]
    step = STEPS[name]
    page = ConfirmPage(
        title=f"{step.title} {found.email}",
        notes=step.notes,
        action=_at(visit, member, name),
        button=step.button,
        back=Link("Cancel", _at(visit, member)),
    )
    return confirm_page(visit, page)


@router.post("/people/{member}/second-factor")
def reset(member: OneMember, visit: Here, people: Bundle) -> Response:
    said = "The second factor is taken away."
    return _done(visit, people, member, people.reset_second_factor, _at(visit, member), said)


@router.post("/people/{member}/remove")
def remove(member: OneMember, visit: Here, people: Bundle) -> Response:
    back = visit.url("settings", "people")
    return _done(visit, people, member, people.remove_member, back, "They are out.")


@router.post("/people/{member}/erase")
def erase(member: OneMember, visit: Here, people: Bundle) -> Response:
    said = "They are out; a job deletes what is personal of them."
    return _done(visit, people, member, people.erase_member, visit.url("settings", "people"), said)


def _done(visit: Visit, people: PeopleOps, member: OneMember, act: Act, href: str, said: str) -> Response:
    """Or the page again, with why not."""
    try:
        act(visit.actor, member)
    except REFUSALS as error:
        return _page(visit, people, people.queries.member(visit.actor.tenant_id, member), error)
    return visit.go(href, said)


def _at(visit: Visit, member: OneMember, *steps: str) -> str:
    return visit.url("settings", "people", shown("usr", member), *steps)


def _page(
    visit: Visit,
    people: PeopleOps,
    member: MemberView,
    error: DomainError | None = None,
    *,
    roles: list[str] | None = None,
) -> Response:
    is_out = member.disabled_at is not None
    page = MemberPage(
        tabs=tabs_of(visit),
        problem=problem((), error),
        email=member.email,
        name=member.name,
        state=State("disabled", "suspended") if is_out else State("active", "active"),
        joined=visit.moment(member.created_at),
        last_login=visit.moment(member.last_login_at) if member.last_login_at else None,
        has_factor=member.second_factor,
        roles=roles_field(visit, people, member.roles if roles is None else roles),
        action=_at(visit, member.id),
        version=member.version,
        switch=Button(
            text="Let them in again" if is_out else "Disable",
            action=_at(visit, member.id, "enable" if is_out else "disable"),
        ),
        steps=tuple(_steps(visit, member)),
    )
    crumbs = (Link("People", visit.url("settings", "people")), Link(member.email, ""))
    return visit.page(
        "people_ops/member.html", page, title=member.email, crumbs=crumbs, status=status_of(error)
    )


def _steps(visit: Visit, member: MemberView) -> list[Link]:
    return [
        Link(f"{step.link} …", _at(visit, member.id, name))
        for name, step in STEPS.items()
        if name != "second-factor" or member.second_factor
    ]
