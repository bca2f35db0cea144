"""The audit log of a tenant, and the platform's own."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from core.domain.ids import UserId
from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.filters import Search, filters, nothing
from core.presentation.http import from_state, requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import PageRoute
from core.presentation.parts import Cell, EmptyState, Field, Filters, Link, Notice, Number, Tab, Table, Text
from core.presentation.settings_tabs import settings_tabs
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise
from enterprise.application.ports import AuditFilter, AuditView
from enterprise.presentation.http.audit import InvalidFilter, object_id_of
from enterprise.presentation.object_ids import object_id

ASKS = [requires("audit:read")]
router = APIRouter(
    prefix="/t/{tenant}/settings", route_class=PageRoute, dependencies=ASKS, include_in_schema=False
)
platform_router = APIRouter(
    prefix="/admin", route_class=PageRoute, dependencies=ASKS, include_in_schema=False
)
Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
SHOWN_FACTS = 300  # characters
IDS = {"session_id": "ses", "tenant_id": "ten", "user_id": "usr", "version_id": "dsv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    tabs: tuple[Tab, ...]
    filters: Filters
    entries: Table
    verify_href: str
    verified: Notice | None


@dataclass(frozen=True, slots=True)
class AuditQuery:
    action: str
    who: str
    object: str
    since: str
    until: str

    def wanted(self) -> AuditFilter:
        """Raises InvalidFilter."""
        return AuditFilter(
            action=self.action or None,
            who=self.who or None,
            object_id=object_id_of(self.object) if self.object else None,
            since=_day(self.since, "from"),
            until=_day(self.until, "to", end=True),
        )


async def audit_query(
    action: Search = "",
    who: Search = "",
    object: Search = "",  # noqa: A002 - the parameter's public name
    since: Annotated[str, Query(alias="from", max_length=10)] = "",
    until: Annotated[str, Query(alias="to", max_length=10)] = "",
) -> AuditQuery:
    return AuditQuery(action, who, object, since, until)


Asking = Annotated[AuditQuery, Depends(audit_query)]
Sort = Literal["-number", "number"]


@with_twins(router, "/audit")
@with_twins(platform_router, "/audit")
def audit(
    visit: Here,
    enterprise: Bundle,
    asked: Asked,
    query: Asking,
    sort: Sort = "-number",
    verify: Annotated[bool, Query()] = False,
) -> Response:
    tenant_id, wanted, listing = visit.actor.tenant_id, query.wanted(), listing_of(visit)

    def read(cursor: str | None) -> Page[AuditView]:
        return enterprise.audit.page(tenant_id, wanted, sort=sort, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    given = filters(visit, fields_of(query), sort=sort)
    none = EmptyState(
        code="first-use", title="No entries yet", text="Who did what, and from where, will stand here."
    )
    page = AuditPage(
        tabs=settings_tabs(visit) if visit.request.path_params else (),
        filters=given,
        entries=listing.table(visit, read(asked.cursor), empty=nothing(given, "entries", none), sort=sort),
        verify_href=visit.here(verify="true"),
        verified=verification(enterprise, visit) if verify else None,
    )
    return visit.page("enterprise/audit.html", page, title="Audit")


def listing_of(visit: Visit) -> Listing[AuditView]:
    def who(view: AuditView) -> str:
        if view.email:
            return view.email
        if view.action.startswith("impersonation."):
            return "an operator"
        if view.key_id:
            return "an API key"
        return visit.name(UserId(view.user_id)) if view.user_id else "the console"

    def on(view: AuditView) -> Cell:
        id_ = object_id(view)
        return Link(_short(id_), visit.here(object=id_)) if id_ else Text("-")

    columns: list[ListColumn[AuditView]] = [
        ListColumn(
            title="Number",
            name="number",
            cell=lambda v: Number(str(v.number)),
            value=lambda v: v.number,
            numeric=True,
            sort="number",
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
        ListColumn(title="Change", name="change", cell=_change, value=change_of),
        ListColumn(title="On", name="object", cell=on, value=object_id),
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
        caption="Audit entries",
        columns=columns,
        key=lambda v: f"entry-{v.number}",
    )


def fields_of(query: AuditQuery) -> tuple[Field, ...]:
    return (
        Field(name="action", label="What", kind="search", value=query.action),
        Field(name="who", label="Who (e-mail)", kind="search", value=query.who),
        Field(name="object", label="On (id)", kind="search", value=query.object),
        Field(name="from", label="From day (UTC)", kind="date", value=query.since),
        Field(name="to", label="To day (UTC)", kind="date", value=query.until),
    )


def verification(enterprise: Enterprise, visit: Visit) -> Notice:
    found = enterprise.audit.verification(visit.actor.tenant_id)
    if found.is_whole:
        text = f"Entries checked: {found.checked:,}, up to number {found.head.number}; none was altered, removed or moved."
        return Notice(kind="success", title="The chain is whole", text=text)
    return Notice(kind="error", title=f"The chain is broken at entry {found.broken_at}", text=found.reason)


def _short(id_: str) -> str:
    """Its kind and the end, in which ids of the same time differ: usr_...KK0GAR."""
    kind, _, rest = id_.rpartition("_")
    return f"{kind}_...{rest[-6:]}"


def _change(view: AuditView) -> Cell:
    said = change_of(view)
    return Text(said if len(said) <= SHOWN_FACTS else f"{said[:SHOWN_FACTS]} …")


def change_of(view: AuditView) -> str:
    """What was before and what is now, by name."""
    before, after = view.before or {}, view.after or {}
    return "; ".join(
        _fact(name, before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    )


def _fact(name: str, old: Any, new: Any) -> str:
    said = name.removesuffix("_id").replace("_", " ")
    if name in IDS:
        old, new = (each and shown(IDS[name], UUID(each)) for each in (old, new))
    if old is None:
        return f"{said}: {_words(new)}"
    return f"{said}: {_words(old)} → {'-' if new is None else _words(new)}"


def _words(value: Any) -> str:
    match value:
        case list():
            return ", ".join(map(_words, value)) or "none"
        case dict():
            return (
                ", ".join(f"{name.replace('_', ' ')} {_words(each)}" for name, each in value.items())
                or "none"
            )
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
    return str(value)


def _day(text: str, name: str, *, end: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidFilter(f"{text!r} is no day.", fix="Write it as 2026-11-21.", parameter=name) from error
    return datetime.combine(day, time.max, UTC) if end else day
