"""Tenants, as the operators of the platform see and change them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from core.domain.errors import DomainError
from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.filters import Search, filters, nothing
from core.presentation.forms import problem, refused
from core.presentation.http import from_state, requires
from core.presentation.listing import PAGE, Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.parts import (
    EmptyState,
    Field,
    Filters,
    Link,
    Notice,
    Option,
    State,
    Table,
    Text,
)
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise, Plan, TenantState, TenantView
from enterprise.application.create_tenant import SLUG
from enterprise.application.ports import EVERY_TENANT, TenantFilter
from enterprise.presentation.pages.settings import wrong_name

Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
WRITES = [requires("tenants:write")]
ADMIN = "/admin/tenants"


def admin_tenants() -> APIRouter:
    return APIRouter(
        prefix=ADMIN,
        route_class=PageRoute,
        dependencies=[requires("tenants:read")],
        include_in_schema=False,
    )


router = admin_tenants()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantsPage:
    filters: Filters
    tenants: Table
    problem: Notice | None
    fields: tuple[Field, ...]  # of a new one; empty: not for this visitor


@dataclass(frozen=True, slots=True)
class TenantsQuery:
    wanted: TenantFilter = EVERY_TENANT
    sort: str = "-created_at"


async def tenants_query(
    q: Search = "",
    state: Annotated[TenantState | Literal[""], Query()] = "",
    plan: Annotated[Plan | Literal[""], Query()] = "",
    sort: Literal["slug", "-slug", "name", "-name", "created_at", "-created_at"] = "-created_at",
) -> TenantsQuery:
    return TenantsQuery(TenantFilter(q, state, plan), sort)


@with_twins(router, "")
def tenants(
    visit: Here, enterprise: Bundle, asked: Asked, query: Annotated[TenantsQuery, Depends(tenants_query)]
) -> Response:
    def read(cursor: str | None) -> Page[TenantView]:
        return enterprise.tenants.of_all(query.wanted, sort=query.sort, limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing_of(visit).twin(asked.form, read, asked.cursor)
    fields = new_fields() if visit.may("tenants:write") else ()
    return tenants_page(visit, fields, read(asked.cursor), query)


@router.post("", dependencies=WRITES)
def create(visit: Here, form: Form, enterprise: Bundle) -> Response:
    fields = tuple(replace(field, error=_wrong(field)) for field in new_fields(form))
    slug = form.text("slug")
    if any(field.error for field in fields):
        return again(visit, enterprise, fields, problem(fields))
    plan = Plan(form.text("plan")) if form.text("plan") in set(Plan) else Plan.FREE
    try:
        enterprise.create_tenant(visit.actor, slug, name=form.text("name"), plan=plan)
    except DomainError as error:
        fields = refused(fields, error, at="slug")
        return again(visit, enterprise, fields, problem(fields, error))
    return visit.go(f"{ADMIN}/{slug}", f"The tenant {slug} is there. Invite its first administrator.")


def _wrong(field: Field) -> str:
    """Empty: nothing."""
    if field.name == "slug" and not SLUG.fullmatch(field.value):
        return "Lower-case letters, digits and hyphens; it becomes part of addresses."
    return wrong_name(field.value) if field.name == "name" and field.value else ""


def again(visit: Visit, enterprise: Enterprise, fields: tuple[Field, ...], wrong: Notice | None) -> Response:
    page = enterprise.tenants.of_all(limit=PAGE, cursor=None)
    return tenants_page(visit, fields, page, TenantsQuery(), wrong)


def tenants_page(
    visit: Visit,
    fields: tuple[Field, ...],
    page: Page[TenantView],
    query: TenantsQuery,
    wrong: Notice | None = None,
) -> Response:
    given = filters(visit, filter_fields(query.wanted), sort=query.sort)
    none = EmptyState(code="first-use", title="No tenants yet", text="Create the first one below.")
    context = TenantsPage(
        filters=given,
        tenants=listing_of(visit).table(visit, page, empty=nothing(given, "tenants", none), sort=query.sort),
        problem=wrong,
        fields=fields,
    )
    return visit.page("enterprise/tenants.html", context, title="Tenants", status=422 if wrong else 200)


def filter_fields(wanted: TenantFilter) -> tuple[Field, ...]:
    def choice(name: str, label: str, values: Iterable[str], chosen: str) -> Field:
        options = (Option("", "any"), *(Option(each, each, each == chosen) for each in values))
        return Field(name=name, label=label, kind="select", options=options)

    return (
        Field(name="q", label="Short name or name", kind="search", value=wanted.search),
        choice("state", "State", TenantState, wanted.state),
        choice("plan", "Plan", Plan, wanted.plan),
    )


def listing_of(visit: Visit) -> Listing[TenantView]:
    def href(view: TenantView) -> str:
        return f"{ADMIN}/{view.slug}"

    columns: list[ListColumn[TenantView]] = [
        ListColumn(
            title="Tenant",
            name="slug",
            cell=lambda v: Link(v.slug, href(v)),
            value=lambda v: v.slug,
            sort="slug",
        ),
        ListColumn(
            title="Name", name="name", cell=lambda v: Text(v.name), value=lambda v: v.name, sort="name"
        ),
        ListColumn(
            title="Id", name="id", cell=lambda v: Text(shown("ten", v.id)), value=lambda v: shown("ten", v.id)
        ),
        ListColumn(title="Plan", name="plan", cell=lambda v: Text(v.plan), value=lambda v: str(v.plan)),
        ListColumn(
            title="State", name="state", cell=lambda v: State(v.state, v.state), value=lambda v: str(v.state)
        ),
        ListColumn(
            title="Since",
            name="created_at",
            cell=lambda v: visit.moment(v.created_at),
            value=lambda v: v.created_at,
            sort="created_at",
        ),
    ]
    return Listing(id="tenants", caption="Tenants", columns=columns, key=lambda v: v.slug, href=href)


def new_fields(form: Posted | None = None) -> tuple[Field, ...]:
    chosen = form.text("plan") if form else Plan.FREE
    return (
        Field(
            name="slug",
            label="Short name",
            value=form.text("slug") if form else "",
            required=True,
            hint="Part of its addresses: /t/acme",
        ),
        Field(name="name", label="Name", value=form.text("name") if form else ""),
        Field(
            name="plan",
            label="Plan",
            kind="select",
            options=tuple(Option(plan, plan, plan == chosen) for plan in Plan),
        ),
    )
