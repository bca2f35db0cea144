"""The audit log of a tenant, and the platform's own."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from core.domain.errors import BadRequest
from core.domain.ids import UserId
from core.presentation.http import from_state, requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import PageRoute
from core.presentation.parts import EmptyState, Field, Link, Notice, Number, Tab, Table, Text
from core.presentation.settings_tabs import settings_tabs
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise
from enterprise.application.ports import AuditFilter, AuditView
from enterprise.presentation.object_ids import object_id

ASKS = [requires("audit:read")]
router = APIRouter(
    prefix="/t/{tenant}/settings", route_class=PageRoute, dependencies=ASKS, include_in_schema=False
)
platform_router = APIRouter(
    prefix="/admin", route_class=PageRoute, dependencies=ASKS, include_in_schema=False
)
Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
SHOWN_FACTS = 160  # characters


class InvalidFilter(BadRequest):
    title = "That filter cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    tabs: tuple[Tab, ...]
    fields: tuple[Field, ...]
    entries: Table
    action: str
    verify_href: str
    chips: tuple[Link, ...]
    verified: Notice | None


@dataclass(frozen=True, slots=True)
class AuditQuery:
    action: str
    since: str
    until: str

    def wanted(self) -> AuditFilter:
        """Raises InvalidFilter."""
        return AuditFilter(
            action=self.action or None, since=_day(self.since, "from"), until=_day(self.until, "to", end=True)
        )


async def audit_query(
    action: Annotated[str, Query(max_length=80)] = "",
    since: Annotated[str, Query(alias="from", max_length=10)] = "",
    until: Annotated[str, Query(alias="to", max_length=10)] = "",
) -> AuditQuery:
    return AuditQuery(action.strip(), since, until)


Asking = Annotated[AuditQuery, Depends(audit_query)]


@with_twins(router, "/audit")
@with_twins(platform_router, "/audit")
def audit(
    visit: Here,
    enterprise: Bundle,
    asked: Asked,
    query: Asking,
    verify: Annotated[bool, Query()] = False,
) -> Response:
    tenant_id, wanted, listing = visit.actor.tenant_id, query.wanted(), listing_of(visit)

    def read(cursor: str | None) -> Any:
        return enterprise.audit.page(tenant_id, wanted, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    page = AuditPage(
        tabs=settings_tabs(visit) if visit.request.path_params else (),
        fields=fields_of(query),
        entries=listing.table(visit, read(asked.cursor), empty=empty(visit, query)),
        action=visit.request.url.path,
        verify_href=visit.here(verify="true"),
        chips=tuple(chips(visit, query)),
        verified=verification(enterprise, visit) if verify else None,
    )
    return visit.page("enterprise/audit.html", page, title="Audit")


def listing_of(visit: Visit) -> Listing[AuditView]:
    def who(view: AuditView) -> str:
        if view.email:
            return view.email
        return (
            "an API key"
            if view.key_id
            else visit.name(UserId(view.user_id))
            if view.user_id
            else "the console"
        )

    columns: list[ListColumn[AuditView]] = [
        ListColumn(
            title="Number",
            name="number",
            cell=lambda v: Number(str(v.number)),
            value=lambda v: v.number,
            numeric=True,
        ),
        ListColumn(
            title="When", name="at", cell=lambda v: visit.moment(v.at, seconds=True), value=lambda v: v.at
        ),
        ListColumn(title="Who", name="who", cell=lambda v: Text(who(v)), value=who),
        ListColumn(
            title="What",
            name="action",
            cell=lambda v: Link(v.action, visit.here(action=v.action)),
            value=lambda v: v.action,
        ),
        ListColumn(title="On", name="object", cell=lambda v: Text(object_id(v) or "-"), value=object_id),
        ListColumn(title="Change", name="change", cell=lambda v: Text(_facts(v)[:SHOWN_FACTS]), value=_facts),
        ListColumn(
            title="From", name="address", cell=lambda v: Text(v.address or "-"), value=lambda v: v.address
        ),
        ListColumn(
            title="Request",
            name="request_id",
            cell=lambda v: Text(v.request_id or "-"),
            value=lambda v: v.request_id,
        ),
    ]
    return Listing(
        id="audit",
        caption="Audit entries, the newest first",
        columns=columns,
        key=lambda v: f"entry-{v.number}",
    )


def fields_of(query: AuditQuery) -> tuple[Field, ...]:
    return (
        Field(
            name="action", label="Action", kind="search", value=query.action, hint="As in the column What."
        ),
        Field(name="from", label="From day (UTC)", kind="date", value=query.since),
        Field(name="to", label="To day", kind="date", value=query.until),
    )


def chips(visit: Visit, query: AuditQuery) -> list[Link]:
    given = (("action", query.action), ("from", query.since), ("to", query.until))
    return [Link(f"{name} {value}", visit.here(**{name: None})) for name, value in given if value]


def empty(visit: Visit, query: AuditQuery) -> EmptyState:
    if chips(visit, query):
        text = "No entry matches these filters."
        return EmptyState(
            code="filtered",
            title="0 entries",
            text=text,
            actions=(Link("Clear filters", visit.request.url.path),),
        )
    return EmptyState(
        code="first-use", title="No entries yet", text="Who did what, and from where, will stand here."
    )


def verification(enterprise: Enterprise, visit: Visit) -> Notice:
    found = enterprise.audit.verification(visit.actor.tenant_id)
    if found.is_whole:
        text = f"{found.checked:,} entries checked up to number {found.head.number}; none was altered, removed or moved."
        return Notice(kind="success", title="The chain is whole", text=text)
    return Notice(kind="error", title=f"The chain is broken at entry {found.broken_at}", text=found.reason)


def _facts(view: AuditView) -> str:
    facts = {name: value for name, value in (("before", view.before), ("after", view.after)) if value}
    return json.dumps(facts, default=str, ensure_ascii=False) if facts else ""


def _day(text: str, name: str, *, end: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidFilter(f"{text!r} is no day.", fix="Write it as 2026-11-21.", parameter=name) from error
    return datetime.combine(day, time.max, UTC) if end else day
