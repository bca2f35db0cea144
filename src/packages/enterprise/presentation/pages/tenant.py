"""One tenant, as the operators of the platform see and change it."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Response

from core.application.quota import Quota
from core.domain.errors import DomainError
from core.domain.ids import PLATFORM
from core.presentation.forms import problem, status_of, told
from core.presentation.page_routes import Form, Posted
from core.presentation.parts import Button, Field, Link, Notice, Option, State, Table
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise, Plan, TenantState, TenantView
from enterprise.domain.tenant import no_such_tenant
from enterprise.presentation.pages.settings import QUOTAS, usage_table, wrong_name
from enterprise.presentation.pages.tenants import ADMIN, WRITES, Bundle, admin_tenants

router = admin_tenants()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPage:
    tenant: TenantView
    state: State
    usage: Table
    problem: Notice | None
    fields: tuple[Field, ...]
    buttons: tuple[Button, ...]
    look_href: str  # empty: it is not for this visitor, or not to be looked into
    deletion: Field | None
    action: str
    version: int


@router.get("/{name}")
def tenant(name: str, visit: Here, enterprise: Bundle) -> Response:
    return tenant_page(visit, enterprise, named(enterprise, name))


@router.post("/{name}", dependencies=WRITES)
def change(name: str, visit: Here, form: Form, enterprise: Bundle) -> Response:
    found = named(enterprise, name)
    fields = quota_fields(found, form)
    if any(each.error for each in fields):
        return tenant_page(visit, enterprise, found, problem(fields), fields)
    quotas = {quota: limit_of(form.text(quota)) for quota in Quota}
    changed = {quota: limit for quota, limit in quotas.items() if limit != found.quotas[quota]}
    plan = Plan(form.text("plan")) if form.text("plan") in set(Plan) else None
    try:
        enterprise.change_plan(
            visit.actor,
            found.id,
            version=form.version,
            name=form.text("name"),
            plan=plan,
            quotas=changed,
        )
    except DomainError as error:
        return tenant_page(visit, enterprise, found, told(error), fields, status=status_of(error))
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


def tenant_page(
    visit: Visit,
    enterprise: Enterprise,
    view: TenantView,
    wrong: Notice | None = None,
    fields: Sequence[Field] = (),
    *,
    status: int = 422,
) -> Response:
    """``fields`` as they were sent; the platform itself has none to change."""
    at, may = f"{ADMIN}/{view.slug}", visit.may("tenants:write") and view.id != PLATFORM
    is_suspended = view.state is TenantState.SUSPENDED
    is_open = view.state is TenantState.ACTIVE and view.id != PLATFORM
    may_look = is_open and visit.may("impersonation:start")
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
        fields=tuple(fields or quota_fields(view)) if may else (),
        buttons=(button,) if may and view.state is not TenantState.CLOSED else (),
        look_href=f"{at}/look" if may_look else "",
        deletion=Field(name="confirm", label=f"Type {view.slug} to confirm", required=True) if may else None,
        action=at,
        version=view.version,
    )
    crumbs = (Link("Tenants", ADMIN), Link(view.slug, ""))
    return visit.page(
        "enterprise/tenant.html", page, title=view.name, crumbs=crumbs, status=status if wrong else 200
    )


def quota_fields(view: TenantView, form: Posted | None = None) -> tuple[Field, ...]:
    """As stored, or as sent and what was wrong with it."""
    plan = form.text("plan") if form else view.plan
    name = form.text("name") if form else view.name
    plans = tuple(Option(each, each, each == plan) for each in Plan)
    fields = [
        Field(name="name", label="Name", value=name, required=True, error=wrong_name(name)),
        Field(
            name="plan",
            label="Plan",
            kind="select",
            options=plans,
            hint="Another one brings its own limits, but for those that you change below.",
        ),
    ]
    for quota in Quota:
        stored = "" if view.quotas[quota] is None else str(view.quotas[quota])
        limit = form.text(quota) if form else stored
        fields.append(
            Field(
                name=quota,
                label=QUOTAS[quota],
                value=limit,
                hint="Empty: unlimited.",
                error=wrong_limit(limit),
            )
        )
    return tuple(fields)


def wrong_limit(text: str) -> str:
    """Empty: nothing."""
    try:
        limit_of(text)
    except ValueError as error:
        return str(error)
    return ""


def limit_of(text: str) -> int | None:
    """Raises ValueError, with what to say."""
    digits = text.replace(",", "").replace("_", "").replace(" ", "")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise ValueError(f"{text[:30]!r} is no limit: write a whole number, or nothing for unlimited.")
    return int(digits)
