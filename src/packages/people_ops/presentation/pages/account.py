"""One's own page: who one is, how pages look, password, second factor, sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from zoneinfo import available_timezones

from fastapi import APIRouter, Response

from core.domain.errors import DomainError, TooMany
from core.domain.ids import TenantId
from core.domain.names import InvalidName
from core.domain.public_ids import shown
from core.presentation import cookies
from core.presentation.forms import problem, refused
from core.presentation.http import requires
from core.presentation.look import Look, zone_named
from core.presentation.navigation import front_of
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import (
    Actions,
    Button,
    Cell,
    Column,
    Field,
    Link,
    Notice,
    Option,
    Row,
    State,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from people_ops.api import PeopleOps
from people_ops.application.ports import SessionView
from people_ops.domain.browser_name import browser_name
from people_ops.presentation.pages.session import Bundle, too_many, visitor_of

router = APIRouter(route_class=PageRoute, dependencies=[requires(None)], include_in_schema=False)
THEMES = (("", "As the system has it"), ("light", "Light"), ("dark", "Dark"))
PASSWORD_FIELDS = (
    Field(
        name="old", label="Current password", kind="password", autocomplete="current-password", required=True
    ),
    Field(name="new", label="New password", kind="password", autocomplete="new-password", required=True),
)
FACTOR_PASSWORD = Field(
    name="password", label="Your password", kind="password", autocomplete="current-password", required=True
)
FACTOR_CODE = Field(
    name="code",
    label="Code",
    hint="Of your app, or a recovery code.",
    autocomplete="one-time-code",
    required=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    problem: Notice | None
    email: str
    tenants: Table
    name: Field
    look: tuple[Field, ...]
    password: tuple[Field, ...]
    has_factor: bool
    factor: tuple[Field, ...]
    sessions: Table


@router.get("/account")
def show(visit: Here, people: Bundle) -> Response:
    return account_page(visit, people)


@router.post("/account/name")
def rename(visit: Here, form: Form, people: Bundle) -> Response:
    try:
        people.change_name(visit.actor, name=form.text("name"))
    except InvalidName as error:
        return account_page(visit, people, error, at="name", name=form.text("name"))
    people.browsers.forget(visit.cookies.get(cookies.SESSION))
    return visit.go("/account", "Your name is changed.")


@router.post("/account/look")
def look(visit: Here, form: Form) -> Response:
    """Kept in the browser alone."""
    zone = form.text("zone")
    asked = Look(form.text("theme"), zone if zone_named(zone) else "UTC", form.has("shortcuts"))
    answer = visit.go("/account", "Saved for this browser.")
    visit.cookies.set(answer, cookies.LOOK, Look.of(asked.cookie).cookie, max_age=cookies.YEAR_S)
    return answer


def account_page(
    visit: Visit,
    people: PeopleOps,
    error: DomainError | None = None,
    *,
    at: str = "",
    name: str | None = None,
) -> Response:
    """``at`` names the field that ``error`` is about, where there is one."""
    visitor = visitor_of(visit)
    has_factor = people.queries.member(visit.actor.tenant_id, visitor.user_id).second_factor
    shown_name = visitor.name if name is None else name
    fields = (
        Field(name="name", label="Name", value=shown_name, autocomplete="name", required=True),
        *PASSWORD_FIELDS,
        *((FACTOR_PASSWORD, FACTOR_CODE) if has_factor else (FACTOR_PASSWORD,)),
    )
    if error is not None and at:
        fields = refused(fields, error, at=at)
    page = AccountPage(
        problem=too_many(error) if isinstance(error, TooMany) else problem(fields, error),
        email=visitor.email,
        tenants=_tenants(visit),
        name=fields[0],
        look=_look_fields(visit.look),
        password=fields[1:3],
        has_factor=has_factor,
        factor=fields[3:],
        sessions=_sessions(visit, people),
    )
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 422
    return visit.page("people_ops/account.html", page, title="Profile", status=status)


def own_sessions(visit: Visit, people: PeopleOps) -> Iterator[tuple[TenantId, str, SessionView]]:
    """Of all tenants that this session may enter, each with the tenant's id and name."""
    visitor = visitor_of(visit)
    for place in visitor.places:
        for each in people.queries.sessions(place.tenant_id, visitor.user_id):
            yield place.tenant_id, place.name, each


def _tenants(visit: Visit) -> Table:
    rows = (
        Row(
            each.slug,
            (Link(each.name, front_of(each)), Text(", ".join(each.roles))),
        )
        for each in visitor_of(visit).places
    )
    columns = (Column("Tenant"), Column("Your roles"))
    return Table(id="tenants", caption="Tenants you belong to", columns=columns, rows=tuple(rows))


def _sessions(visit: Visit, people: PeopleOps) -> Table:
    own = visitor_of(visit).session_id
    titles = ("Browser or program", "From", "Tenant", "Began", "Last used", "Action")
    found = sorted(own_sessions(visit, people), key=lambda each: each[2].last_used_at, reverse=True)
    rows = (
        Row(
            shown("ses", each.id),
            (
                Text(browser_name(each.agent)),
                Text(each.address),
                Text(tenant),
                visit.moment(each.created_at),
                visit.moment(each.last_used_at),
                State("this one", "active") if each.id == own else _end(each),
            ),
        )
        for _, tenant, each in found
    )
    return Table(id="sessions", caption="Your sessions", columns=tuple(map(Column, titles)), rows=tuple(rows))


def _end(session: SessionView) -> Cell:
    id_ = shown("ses", session.id)
    label = f"End the session of {browser_name(session.agent)}"
    return Actions((Button(text="End", action=f"/account/sessions/{id_}/end", label=label),))


def _look_fields(look: Look) -> tuple[Field, ...]:
    themes = tuple(Option(value, text, value == look.theme) for value, text in THEMES)
    zones = tuple(Option(zone, zone.replace("_", " "), zone == look.zone) for zone in _zones())
    return (
        Field(name="theme", label="Theme", kind="radio", options=themes),
        Field(
            name="zone", label="Time zone", kind="select", options=zones, hint="All times are shown in it."
        ),
        Field(
            name="shortcuts",
            label="Keyboard shortcuts of a single key",
            kind="checkbox",
            value="yes" if look.shortcuts else "",
            hint="Press ? for the list.",
        ),
    )


@cache
def _zones() -> tuple[str, ...]:
    """Those that are named by a place, UTC first."""
    places = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return ("UTC", *sorted(places))
