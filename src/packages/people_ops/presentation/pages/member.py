"""One of the people of a tenant: their roles, and what takes them out of it."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from core.domain.errors import Conflict, DomainError, Forbidden
from core.domain.public_ids import shown
from core.presentation.forms import problem
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
    roles, version = form.all("roles"), form.text("version")
    try:
        people.change_member(
            visit.actor, member, roles=roles, version=int(version) if version.isdecimal() else None
        )
    except REFUSALS as error:
        found = people.queries.member(visit.actor.tenant_id, member)
        return _page(visit, people, found, error, roles=roles)
    return visit.go(_at(visit, member), "The roles are changed, from their next request on.")


@router.post("/people/{member}/disable")
def disable(member: OneMember, visit: Here, people: Bundle) -> Response:
    return _switched(visit, people, member, disabled=True)


@router.post("/people/{member}/enable")
def enable(member: OneMember, visit: Here, people: Bundle) -> Response:
    return _switched(visit, people, member, disabled=False)


@router.get("/people/{member}/second-factor")
def confirm_reset(member: OneMember, visit: Here, people: Bundle) -> Response:
    found = people.queries.member(visit.actor.tenant_id, member)
    notes = (
        "Signing in asks for the password alone, until they set it up again.",
        "Do it only for somebody you have spoken to: whoever has stolen the password may ask for this, too.",
    )
    return _confirm(visit, found, "second-factor", f"Take away the second factor of {found.email}", notes)


@router.post("/people/{member}/second-factor")
def reset(member: OneMember, visit: Here, people: Bundle) -> Response:
    try:
        people.reset_second_factor(visit.actor, member)
    except REFUSALS as error:
        return _page(visit, people, people.queries.member(visit.actor.tenant_id, member), error)
    return visit.go(_at(visit, member), "The second factor is taken away.")


@router.get("/people/{member}/remove")
def confirm_removal(member: OneMember, visit: Here, people: Bundle) -> Response:
    found = people.queries.member(visit.actor.tenant_id, member)
    notes = (
        "They are out at once, from this tenant alone; what they made stays.",
        "Invite them again to let them back in.",
    )
    return _confirm(visit, found, "remove", f"Remove {found.email}", notes)


@router.post("/people/{member}/remove")
def remove(member: OneMember, visit: Here, people: Bundle) -> Response:
    return _out(visit, people, member, erase=False)


@router.get("/people/{member}/erase")
def confirm_erasure(member: OneMember, visit: Here, people: Bundle) -> Response:
    found = people.queries.member(visit.actor.tenant_id, member)
    notes = (
        "They are out at once, and what is personal of them is deleted: name, e-mail, addresses in the audit log.",
        "What they made stays, without their name. This cannot be undone.",
    )
    return _confirm(visit, found, "erase", f"Erase {found.email}", notes)


@router.post("/people/{member}/erase")
def erase(member: OneMember, visit: Here, people: Bundle) -> Response:
    return _out(visit, people, member, erase=True)


def _out(visit: Visit, people: PeopleOps, member: OneMember, *, erase: bool) -> Response:
    try:
        if erase:
            people.erase_member(visit.actor, member)
        else:
            people.remove_member(visit.actor, member)
    except REFUSALS as error:
        return _page(visit, people, people.queries.member(visit.actor.tenant_id, member), error)
    said = "They are out; a job deletes what is personal of them." if erase else "They are out."
    return visit.go(visit.url("settings", "people"), said)


def _switched(visit: Visit, people: PeopleOps, member: OneMember, *, disabled: bool) -> Response:
    try:
        people.change_member(visit.actor, member, disabled=disabled)
    except REFUSALS as error:
        return _page(visit, people, people.queries.member(visit.actor.tenant_id, member), error)
    said = (
        "They may not sign in any more, and their sessions have ended."
        if disabled
        else "They may sign in again."
    )
    return visit.go(_at(visit, member), said)


def _at(visit: Visit, member: OneMember, *steps: str) -> str:
    return visit.url("settings", "people", shown("usr", member), *steps)


def _confirm(visit: Visit, member: MemberView, step: str, title: str, notes: tuple[str, ...]) -> Response:
    page = ConfirmPage(
        title=title,
        notes=notes,
        action=_at(visit, member.id, step),
        button=title.partition(" ")[0] if step != "second-factor" else "Take it away",
        back=Link("Cancel", _at(visit, member.id)),
    )
    return confirm_page(visit, page)


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
    status = 200 if error is None else 422
    return visit.page("people_ops/member.html", page, title=member.email, crumbs=crumbs, status=status)


def _steps(visit: Visit, member: MemberView) -> list[Link]:
    steps = [
        Link("Remove …", _at(visit, member.id, "remove")),
        Link("Erase …", _at(visit, member.id, "erase")),
    ]
    if member.second_factor:
        steps.insert(0, Link("Take away the second factor …", _at(visit, member.id, "second-factor")))
    return steps
