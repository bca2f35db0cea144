"""People of a tenant: who they are, and who is invited."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.filters import Search, filters, nothing
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import Cell, EmptyState, Field, Filters, Link, Option, State, Tab, Table, Text
from core.presentation.visit import Here, Visit
from people_ops.application.ports import MemberView, PeopleFilter
from people_ops.presentation.pages.invitations import waiting
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import search_field, settings_pages, state_field, tabs_of

router: APIRouter = settings_pages("members:read")
Sort = Literal["email", "-email", "name", "-name", "created_at", "-created_at"]
MemberState = Literal["", "active", "disabled"]
RoleName = Annotated[str, Query(max_length=60, pattern="^[a-z0-9_]*$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    tabs: tuple[Tab, ...]
    filters: Filters
    people: Table
    invitations: Table
    invitations_href: str
    invite_href: str  # empty: they may not


@with_twins(router, "/people")
def members(
    visit: Here,
    people: Bundle,
    asked: Asked,
    q: Search = "",
    role: RoleName = "",
    state: MemberState = "",
    sort: Sort = "email",
) -> Response:
    tenant_id, listing = visit.actor.tenant_id, _listing(visit)
    wanted = PeopleFilter(q, state, role)

    def read(cursor: str | None) -> Page[MemberView]:
        return people.queries.members(tenant_id, wanted, sort=sort, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    names = [each.name for each in people.queries.roles(tenant_id)]
    roles = (Option("", "any"), *(Option(each, each, each == role) for each in names))
    fields = (
        search_field("Name or e-mail", q),
        Field(name="role", label="Role", kind="select", options=roles),
        state_field(("active", "disabled"), state),
    )
    given = filters(visit, fields, sort=sort)
    nobody = EmptyState(
        code="first-use", title="Nobody yet", text="People appear here once they have joined."
    )
    context = PeoplePage(
        tabs=tabs_of(visit),
        filters=given,
        people=listing.table(visit, read(asked.cursor), empty=nothing(given, "people", nobody), sort=sort),
        invitations=waiting(visit, people),
        invitations_href=visit.url("settings", "invitations"),
        invite_href=visit.url("settings", "invite") if visit.may("members:write") else "",
    )
    return visit.page("people_ops/people.html", context, title="People")


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
            sort="email",
        ),
        ListColumn(
            title="Name", name="name", cell=lambda m: Text(m.name), value=lambda m: m.name, sort="name"
        ),
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
        ListColumn(
            title="Here since",
            name="created_at",
            cell=lambda m: visit.moment(m.created_at),
            value=lambda m: m.created_at,
            sort="created_at",
        ),
    ]
    if not visit.may("members:write"):
        columns[0] = replace(columns[0], cell=lambda m: Text(m.email))
    return Listing(
        id="people",
        caption="People of this tenant",
        columns=columns,
        key=lambda m: shown("usr", m.id),
        href=href if visit.may("members:write") else None,
    )


def _state(member: MemberView) -> State:
    return State("disabled", "suspended") if member.disabled_at else State("active", "active")
