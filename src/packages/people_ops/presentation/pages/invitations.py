"""Invitations of a tenant: which there are, and what became of them."""

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Response

from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.filters import Search, filters, nothing
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.parts import (
    Actions,
    Button,
    Cell,
    EmptyState,
    Filters,
    State,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from people_ops.api import PeopleOps
from people_ops.application.ports import PeopleFilter
from people_ops.application.ways_in_bundle import InvitationView
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import (
    search_field,
    settings_pages,
    state_field,
    tabs_of,
)

router: APIRouter = settings_pages("members:read")
STATES = ("open", "expired", "accepted", "revoked")
LOOKS = {"open": "running", "expired": "failed", "accepted": "succeeded", "revoked": "suspended"}
SHOWN_ALONG = 50  # on the page of people
Sort = Literal["email", "-email", "created_at", "-created_at", "expires_at", "-expires_at"]
InvitationState = Literal["", "open", "expired", "accepted", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsPage:
    tabs: tuple[Tab, ...]
    filters: Filters
    invitations: Table
    invite_href: str  # empty: they may not


@with_twins(router, "/invitations")
def invitations(
    visit: Here,
    people: Bundle,
    asked: Asked,
    q: Search = "",
    state: InvitationState = "",
    sort: Sort = "-created_at",
) -> Response:
    tenant_id, listing = visit.actor.tenant_id, listing_of(visit)
    wanted = PeopleFilter(q, state)

    def read(cursor: str | None) -> Page[InvitationView]:
        return people.ways_in.invitations.page(tenant_id, wanted, sort=sort, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    given = filters(visit, (search_field("E-mail", q), state_field(STATES, state)), sort=sort)
    nobody = EmptyState(
        code="first-use", title="Nobody was invited yet", text="Whom you invite appears here."
    )
    context = InvitationsPage(
        tabs=tabs_of(visit),
        filters=given,
        invitations=listing.table(
            visit, read(asked.cursor), empty=nothing(given, "invitations", nobody), sort=sort
        ),
        invite_href=visit.url("settings", "invite") if visit.may("members:write") else "",
    )
    return visit.page("people_ops/invitations.html", context, title="Invitations")


def waiting(visit: Visit, people: PeopleOps) -> Table:
    """The newest of those that nobody has answered."""
    found = people.ways_in.invitations.page(
        visit.actor.tenant_id, PeopleFilter(state="waiting"), limit=SHOWN_ALONG, cursor=None
    )
    return listing_of(visit).bare_table(found)


def listing_of(visit: Visit) -> Listing[InvitationView]:
    columns: list[ListColumn[InvitationView]] = [
        ListColumn(
            title="E-mail", name="email", cell=lambda i: Text(i.email), value=lambda i: i.email, sort="email"
        ),
        ListColumn(
            title="Roles", name="roles", cell=lambda i: Text(", ".join(i.roles)), value=lambda i: i.roles
        ),
        ListColumn(
            title="State",
            name="state",
            cell=lambda i: State(i.state, LOOKS[i.state]),
            value=lambda i: i.state,
        ),
        ListColumn(
            title="Invited",
            name="created_at",
            cell=lambda i: visit.moment(i.created_at),
            value=lambda i: i.created_at,
            sort="created_at",
        ),
        ListColumn(
            title="Open until",
            name="expires_at",
            cell=lambda i: visit.moment(i.expires_at),
            value=lambda i: i.expires_at,
            sort="expires_at",
        ),
    ]
    if visit.may("members:write"):
        columns.append(
            ListColumn(
                title="Action",
                name="id",
                cell=lambda i: _buttons(visit, i),
                value=lambda i: shown("inv", i.id),
            )
        )
    return Listing(id="invitations", caption="Invitations", columns=columns, key=lambda i: shown("inv", i.id))


def _buttons(visit: Visit, each: InvitationView) -> Cell:
    if each.state not in ("open", "expired"):
        return Text("-")
    base = ("settings", "invitations", shown("inv", each.id))
    again = Button(text="Send again", action=visit.url(*base, "resend"), label=f"Send again to {each.email}")
    gone = Button(
        text="Withdraw", action=visit.url(*base, "withdraw"), label=f"Withdraw the invitation of {each.email}"
    )
    return Actions((again, gone))
