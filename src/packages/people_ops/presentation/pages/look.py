"""An operator's look into a tenant: it asks for a reason, reads for some minutes, and both audit logs say so."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from core.domain.ids import PLATFORM
from core.presentation import cookies
from core.presentation.forms import problem
from core.presentation.http import from_state, requires
from core.presentation.page_routes import Form, PageRoute
from core.presentation.parts import Field, Link, Notice
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise, NoSuchTenant, TenantView
from people_ops.domain.session import IMPERSONATION
from people_ops.presentation.members_http import ImpersonationIn
from people_ops.presentation.pages.session import Bundle
from people_ops.presentation.pages.shared import Misfit, fitting, marked

router = APIRouter(
    prefix="/admin/tenants/{name}/look",
    route_class=PageRoute,
    include_in_schema=False,
    dependencies=[requires("impersonation:start")],
)
REASON = Field(
    name="reason",
    label="Reason",
    hint="Stands in the audit logs of the tenant and of the platform, such as: ticket 4711, a run fails. No names.",
    required=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookPage:
    tenant: str
    minutes: int
    problem: Notice | None
    reason: Field
    action: str
    back_href: str


async def named(name: str, enterprise: Annotated[Enterprise, Depends(from_state(Enterprise))]) -> TenantView:
    """Raises NoSuchTenant."""
    found = enterprise.tenants.named(name) if name.isprintable() else None
    if found is None or found.id == PLATFORM:
        raise NoSuchTenant("There is none of that name.", fix="Open the list of tenants.")
    return found


OneTenant = Annotated[TenantView, Depends(named)]


@router.get("")
def ask(tenant: OneTenant, visit: Here) -> Response:
    return _page(visit, tenant, REASON)


@router.post("")
def look(tenant: OneTenant, visit: Here, form: Form, people: Bundle) -> Response:
    try:
        reason = fitting(ImpersonationIn, {"reason": form.text("reason")}).reason
        if not reason:
            raise Misfit({"reason": "Say why: the tenant's administrators will read it."})
    except Misfit as misfit:
        (field,) = marked((REASON,), misfit.wrong)
        return _page(visit, tenant, field)
    people.impersonate(visit.actor, tenant.id, reason=reason)
    return _on_to(visit, people, f"/t/{tenant.slug}/")


@router.post("/stop")
def stop(tenant: OneTenant, visit: Here, people: Bundle) -> Response:
    people.end_impersonation(visit.actor, tenant.id)
    return _on_to(visit, people, f"/admin/tenants/{tenant.slug}", "You have stopped looking.")


def _on_to(visit: Visit, people: Bundle, href: str, say: str = "") -> Response:
    people.browsers.forget(visit.cookies.get(cookies.SESSION))
    return visit.go(href, say)


def _page(visit: Visit, tenant: TenantView, reason: Field) -> Response:
    at = f"/admin/tenants/{tenant.slug}"
    page = LookPage(
        tenant=tenant.name,
        minutes=int(IMPERSONATION.total_seconds()) // 60,
        problem=problem((reason,)),
        reason=reason,
        action=f"{at}/look",
        back_href=at,
    )
    crumbs = (Link("Tenants", "/admin/tenants"), Link(tenant.slug, at), Link("Look into it", ""))
    return visit.page(
        "people_ops/look.html",
        page,
        title=f"Look into {tenant.name}",
        crumbs=crumbs,
        status=422 if reason.error else 200,
    )
