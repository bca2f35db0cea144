"""API keys: which there are, making one, showing it once, replacing and revoking."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response

from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.filters import Search, filters, nothing
from core.presentation.forms import problem, refused
from core.presentation.http import requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import Form
from core.presentation.parts import (
    Cell,
    EmptyState,
    Field,
    Filters,
    Link,
    Notice,
    Option,
    State,
    Tab,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from people_ops.application.api_keys import NewKey, ScopeWithoutRights
from people_ops.application.ports import KeyView, PeopleFilter
from people_ops.domain.api_key import LONGEST_DAYS, InvalidExpiry
from people_ops.presentation.keys_http import KeyIn
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import (
    Misfit,
    fitting,
    marked,
    search_field,
    settings_pages,
    state_field,
    tabs_of,
)

router: APIRouter = settings_pages("keys:read")
WRITING = [requires("keys:write")]
DAYS = "90"
STATES = ("active", "expired", "revoked")
Sort = Literal["name", "-name", "created_at", "-created_at", "expires_at", "-expires_at"]
KeyState = Literal["", "active", "expired", "revoked"]
SCOPES = (
    ("ingest", "Send data and have it scored"),
    ("read", "Read everything: datasets, runs, labels, models"),
    ("label", "Read runs, write labels"),
    ("manage", "All but people, roles, keys and single sign-on"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysPage:
    tabs: tuple[Tab, ...]
    filters: Filters
    keys: Table
    new_href: str  # empty: they may not


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKeyPage:
    tabs: tuple[Tab, ...]
    problem: Notice | None
    fields: tuple[Field, ...]
    action: str
    back_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyMadePage:
    name: str
    key: str
    commands: str
    back_href: str


@with_twins(router, "/keys")
def keys(
    visit: Here,
    people: Bundle,
    asked: Asked,
    q: Search = "",
    state: KeyState = "",
    sort: Sort = "-created_at",
) -> Response:
    tenant_id, listing = visit.actor.tenant_id, _listing(visit)
    wanted = PeopleFilter(q, state)

    def read(cursor: str | None) -> Page[KeyView]:
        return people.queries.keys(tenant_id, wanted, sort=sort, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    given = filters(visit, (search_field("Name", q), state_field(STATES, state)), sort=sort)
    new_href = visit.url("settings", "keys", "new") if visit.may("keys:write") else ""
    none = EmptyState(
        code="first-use",
        title="No API keys yet",
        text="Keys by which programs send and read data appear here, with their last use.",
        actions=(Link("Make a key", new_href),) if new_href else (),
    )
    context = KeysPage(
        tabs=tabs_of(visit),
        filters=given,
        keys=listing.table(visit, read(asked.cursor), empty=nothing(given, "keys", none), sort=sort),
        new_href=new_href,
    )
    return visit.page("people_ops/keys.html", context, title="API keys")


@router.get("/keys/new", dependencies=WRITING)
def ask(visit: Here) -> Response:
    return _new_page(visit, _fields("", ["read"], DAYS))


@router.post("/keys/new", dependencies=WRITING)
def create(visit: Here, form: Form, people: Bundle) -> Response:
    name, scopes, days = form.text("name"), form.all("scopes"), form.text("days")
    fields = _fields(name, scopes, days)
    try:
        body = fitting(KeyIn, {"name": name, "scopes": scopes, "days": days})
        made = people.create_key(visit.actor, name=body.name, scopes=body.scopes, days=body.days)
    except Misfit as misfit:
        return _new_page(visit, marked(fields, misfit.wrong), status=422)
    except (ScopeWithoutRights, InvalidExpiry) as error:
        at = "days" if isinstance(error, InvalidExpiry) else "scopes"
        return _new_page(visit, refused(fields, error, at=at), status=422)
    return made_page(visit, made, body.name)


def _listing(visit: Visit) -> Listing[KeyView]:
    def at(moment: datetime | None, otherwise: str = "never") -> Cell:
        return visit.moment(moment) if moment else Text(otherwise)

    def href(key: KeyView) -> str:
        return visit.url("settings", "keys", shown("key", key.id))

    def column(title: str, name: str) -> ListColumn[KeyView]:
        return ListColumn(
            title=title,
            name=name,
            cell=lambda key: at(getattr(key, name)),
            value=lambda key: getattr(key, name),
            sort="" if name == "last_used_at" else name,
        )

    columns: list[ListColumn[KeyView]] = [
        ListColumn(
            title="Name",
            name="name",
            cell=lambda k: Link(k.name, href(k)),
            value=lambda k: k.name,
            sort="name",
        ),
        ListColumn(
            title="Begins with", name="start", cell=lambda k: Text(f"{k.start}…"), value=lambda k: k.start
        ),
        ListColumn(
            title="Scopes", name="scopes", cell=lambda k: Text(", ".join(k.scopes)), value=lambda k: k.scopes
        ),
        ListColumn(
            title="State",
            name="state",
            cell=lambda k: state_of(visit, k),
            value=lambda k: state_of(visit, k).value,
        ),
        column("Last used", "last_used_at"),
        column("Made", "created_at"),
        column("Expires", "expires_at"),
    ]
    return Listing(
        id="keys", caption="API keys", columns=columns, key=lambda k: shown("key", k.id), href=href
    )


def state_of(visit: Visit, key: KeyView) -> State:
    if key.revoked_at is not None:
        return State("revoked", "suspended")
    if key.expires_at <= visit.site.clock():
        return State("expired", "failed")
    return State("active", "active")


def _fields(name: str, scopes: Sequence[str], days: str) -> tuple[Field, ...]:
    options = tuple(Option(scope, scope, scope in scopes, hint=words) for scope, words in SCOPES)
    return (
        Field(name="name", label="Name", value=name, hint="What it is for: nightly import.", required=True),
        Field(name="scopes", label="What it may do", kind="checkboxes", options=options),
        days_field(days),
    )


def days_field(days: str) -> Field:
    return Field(
        name="days",
        label="Days until it expires",
        kind="number",
        value=days,
        lowest="1",
        highest=str(LONGEST_DAYS),
        required=True,
    )


def _new_page(visit: Visit, fields: tuple[Field, ...], *, status: int = 200) -> Response:
    page = NewKeyPage(
        tabs=tabs_of(visit),
        problem=problem(fields),
        fields=fields,
        action=visit.url("settings", "keys", "new"),
        back_href=visit.url("settings", "keys"),
    )
    return visit.page("people_ops/key_new.html", page, title="Make an API key", status=status)


def made_page(visit: Visit, made: NewKey, name: str) -> Response:
    """The only time that the key is shown."""
    base = visit.site.public_url or str(visit.request.base_url)
    api = f"{base.rstrip('/')}/api/v1"
    commands = (
        f"export ANOM_KEY={made.key}\n"
        f'curl -H "Authorization: Bearer $ANOM_KEY" {api}/me\n'
        f'curl -H "Authorization: Bearer $ANOM_KEY" {api}/datasets\n'
    )
    page = KeyMadePage(name=name, key=made.key, commands=commands, back_href=visit.url("settings", "keys"))
    return visit.page("people_ops/key_made.html", page, title="Your new API key")
