"""Tenants, as the operators of the platform see and change them."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from core.application.quota import Quota
from core.domain.errors import DomainError
from core.domain.page import Page
from core.domain.public_ids import shown
from core.presentation.forms import problem, refused
from core.presentation.http import from_state, requires
from core.presentation.listing import Asked, ListColumn, Listing, with_twins
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.parts import Button, EmptyState, Field, Link, Notice, Option, State, Table, Text
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise, Plan, TenantState, TenantView
from enterprise.domain.tenant import no_such_tenant
from enterprise.presentation.pages.settings import QUOTAS, usage_table

router = APIRouter(
    prefix="/admin/tenants",
    route_class=PageRoute,
    dependencies=[requires("tenants:read")],
    include_in_schema=False,
)
Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
WRITES = [requires("tenants:write")]
ADMIN = "/admin/tenants"


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantsPage:
    tenants: Table
    problem: Notice | None
    fields: tuple[Field, ...]  # of a new one; empty: not for this visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPage:
    tenant: TenantView
    state: State
    usage: Table
    problem: Notice | None
    fields: tuple[Field, ...]
    buttons: tuple[Button, ...]
    deletion: Field | None
    action: str
    version: int


@with_twins(router, "")
def tenants(visit: Here, enterprise: Bundle, asked: Asked) -> Response:
    listing = listing_of(visit)

    def read(cursor: str | None) -> Page[TenantView]:
        return enterprise.tenants.of_all(limit=asked.limit, cursor=cursor)

    if asked.form:
        return listing.twin(asked.form, read, asked.cursor)
    return tenants_page(
        visit, enterprise, new_fields() if visit.may("tenants:write") else (), cursor=asked.cursor
    )


@router.post("", dependencies=WRITES)
def create(visit: Here, form: Form, enterprise: Bundle) -> Response:
    fields = new_fields(form)
    slug = form.text("slug")
    if not (slug.isascii() and slug.replace("-", "").isalnum() and slug == slug.lower() and len(slug) < 63):
        wrong = "Lower-case letters, digits and hyphens; it becomes part of addresses."
        fields = tuple(replace(field, error=wrong) if field.name == "slug" else field for field in fields)
        return tenants_page(visit, enterprise, fields, problem(fields))
    try:
        enterprise.create_tenant(
            visit.actor, slug, name=form.text("name"), plan=Plan(form.text("plan") or Plan.FREE)
        )
    except DomainError as error:
        fields = refused(fields, error, at="slug")
        return tenants_page(visit, enterprise, fields, problem(fields, error))
    return visit.go(f"{ADMIN}/{slug}", f"The tenant {slug} is there. Invite its first administrator.")


@router.get("/{name}")
def tenant(name: str, visit: Here, enterprise: Bundle) -> Response:
    return tenant_page(visit, enterprise, named(enterprise, name))


@router.post("/{name}", dependencies=WRITES)
def change(name: str, visit: Here, form: Form, enterprise: Bundle) -> Response:
    found = named(enterprise, name)
    try:
        quotas = {quota: limit_of(form.text(quota)) for quota in Quota}
    except ValueError as error:
        return tenant_page(
            visit, enterprise, found, Notice(kind="error", title="There is a problem", text=str(error))
        )
    changed = {quota: limit for quota, limit in quotas.items() if limit != found.quotas[quota]}
    plan = Plan(form.text("plan")) if form.text("plan") in set(Plan) else None
    try:
        enterprise.change_plan(
            visit.actor,
            found.id,
            version=int(form.text("version") or 0) or None,
            name=form.text("name") or None,
            plan=plan,
            quotas=changed,
        )
    except DomainError as error:
        return tenant_page(visit, enterprise, found, problem((), error))
    return visit.go(visit.request.url.path, "The tenant is changed.")


@router.post("/{name}/suspend", dependencies=WRITES)
def suspend(name: str, visit: Here, enterprise: Bundle) -> Response:
    enterprise.suspend(visit.actor, named(enterprise, name).id)
    return visit.go(f"{ADMIN}/{name}", "The tenant is suspended: its people and keys are refused.")


@router.post("/{name}/resume", dependencies=WRITES)
def resume(name: str, visit: Here, enterprise: Bundle) -> Response:
    enterprise.resume(visit.actor, named(enterprise, name).id)
    return visit.go(f"{ADMIN}/{name}", "The tenant works again.")


@router.post("/{name}/delete", dependencies=WRITES)
def delete(name: str, visit: Here, form: Form, enterprise: Bundle) -> Response:
    found = named(enterprise, name)
    try:
        enterprise.close(visit.actor, found.id, confirm=form.text("confirm"))
    except DomainError as error:
        return tenant_page(visit, enterprise, found, problem((), error))
    return visit.go(ADMIN, f"{name} is being deleted with all that is its.")


def named(enterprise: Enterprise, name: str) -> TenantView:
    """Raises NoSuchTenant."""
    found = enterprise.tenants.named(name) if name.isprintable() else None
    if found is None:
        raise no_such_tenant()
    return found


def tenants_page(
    visit: Visit,
    enterprise: Enterprise,
    fields: tuple[Field, ...],
    wrong: Notice | None = None,
    cursor: str | None = None,
) -> Response:
    page = enterprise.tenants.of_all(limit=50, cursor=cursor)
    empty = EmptyState(code="first-use", title="No tenants yet", text="Create the first one below.")
    context = TenantsPage(
        tenants=listing_of(visit).table(visit, page, empty=empty), problem=wrong, fields=fields
    )
    return visit.page("enterprise/tenants.html", context, title="Tenants", status=422 if wrong else 200)


def listing_of(visit: Visit) -> Listing[TenantView]:
    def href(view: TenantView) -> str:
        return f"{ADMIN}/{view.slug}"

    columns: list[ListColumn[TenantView]] = [
        ListColumn(title="Tenant", name="slug", cell=lambda v: Link(v.slug, href(v)), value=lambda v: v.slug),
        ListColumn(title="Name", name="name", cell=lambda v: Text(v.name), value=lambda v: v.name),
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
        ),
    ]
    return Listing(
        id="tenants", caption="Tenants, the newest first", columns=columns, key=lambda v: v.slug, href=href
    )


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


def tenant_page(
    visit: Visit, enterprise: Enterprise, view: TenantView, wrong: Notice | None = None
) -> Response:
    at, may = f"{ADMIN}/{view.slug}", visit.may("tenants:write")
    is_suspended = view.state is TenantState.SUSPENDED
    button = (
        Button(text="Resume", action=f"{at}/resume")
        if is_suspended
        else Button(text="Suspend", action=f"{at}/suspend", style="danger")
    )
    page = TenantPage(
        tenant=view,
        state=State(view.state, view.state),
        usage=usage_table(visit, enterprise.tenants.usage(view.id)),
        problem=wrong,
        fields=quota_fields(view) if may else (),
        buttons=(button,) if may and view.state is not TenantState.CLOSED else (),
        deletion=Field(name="confirm", label=f"Type {view.slug} to confirm", required=True) if may else None,
        action=at,
        version=view.version,
    )
    crumbs = (Link("Tenants", ADMIN), Link(view.slug, ""))
    return visit.page(
        "enterprise/tenant.html", page, title=view.name, crumbs=crumbs, status=422 if wrong else 200
    )


def quota_fields(view: TenantView) -> tuple[Field, ...]:
    plans = tuple(Option(plan, plan, plan == view.plan) for plan in Plan)
    fields = [
        Field(name="name", label="Name", value=view.name, required=True),
        Field(
            name="plan",
            label="Plan",
            kind="select",
            options=plans,
            hint="Changes the limits that are not set below.",
        ),
    ]
    fields += [
        Field(
            name=quota,
            label=QUOTAS[quota],
            value="" if view.quotas[quota] is None else str(view.quotas[quota]),
            hint="Empty: unlimited." if quota is Quota.ROWS_STORED else "",
        )
        for quota in Quota
    ]
    return tuple(fields)


def limit_of(text: str) -> int | None:
    """Raises ValueError, with what to say."""
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise ValueError(f"{text[:30]!r} is no limit: write a whole number, or nothing for unlimited.")
    return int(digits)
