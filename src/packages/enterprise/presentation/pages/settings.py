"""A tenant's own settings: what it uses, how long things are kept, its export."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse

from core.application.files import FileKind
from core.application.quota import Quota
from core.domain.errors import DomainError
from core.domain.names import can_be_shown, single_blanks
from core.domain.public_ids import parsed, shown
from core.presentation.forms import number_text, problem, status_of, told
from core.presentation.http import from_state, requires
from core.presentation.page_routes import Form, PageRoute, Posted
from core.presentation.parts import Column, Field, Notice, Number, Row, Share, Tab, Table, Text
from core.presentation.settings_tabs import settings_tabs
from core.presentation.visit import Here, Visit
from enterprise.api import Enterprise, TenantView, UsageView
from enterprise.application.export_tenant import NoSuchExport, file_name
from enterprise.domain.tenant import LONGEST_NAME, MOST_DAYS, InvalidCutOffs, Kept, least_days

router = APIRouter(
    prefix="/t/{tenant}/settings",
    route_class=PageRoute,
    dependencies=[requires("tenant:read")],
    include_in_schema=False,
)
Bundle = Annotated[Enterprise, Depends(from_state(Enterprise))]
WRITES = [requires("tenant:write")]
QUOTAS = {
    Quota.ROWS_STORED: "Rows stored",
    Quota.MODELS: "Models",
    Quota.USERS: "People",
    Quota.CONCURRENT_JOBS: "Jobs at once",
    Quota.ROWS_SCORED_PER_DAY: "Rows scored a day",
    Quota.REQUESTS_PER_MINUTE: "Requests a minute",
}
KEPT = {
    Kept.RESULTS: ("Results of runs", "Scores and anomalies; labels stay."),
    Kept.POINTS: ("Single points", "What POST /data has scored."),
    Kept.JOBS: ("Finished jobs", "Their progress and errors."),
    Kept.AUDIT: (
        "Audit entries",
        "30 at least: whoever does wrong must not let the log of it go. Older ones are closed with a signed checkpoint.",
    ),
    Kept.EXPORTS: ("Exports", "Archives of the whole tenant."),
}
CUTS = ("low", "high", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePage:
    tabs: tuple[Tab, ...]
    plan: str
    usage: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPage:
    tabs: tuple[Tab, ...]
    problem: Notice | None
    fields: tuple[Field, ...]
    action: str
    export_action: str
    version: int


@router.get("")
def usage(visit: Here, enterprise: Bundle) -> Response:
    tenant_id = visit.actor.tenant_id
    page = UsagePage(
        tabs=settings_tabs(visit),
        plan=enterprise.tenants.get(tenant_id).plan,
        usage=usage_table(visit, enterprise.tenants.usage(tenant_id)),
    )
    return visit.page("enterprise/usage.html", page, title="Settings")


@router.get("/retention", dependencies=WRITES)
def retention(visit: Here, enterprise: Bundle) -> Response:
    tenant = enterprise.tenants.get(visit.actor.tenant_id)
    return retention_page(visit, tenant, fields_of(tenant))


@router.post("/retention", dependencies=WRITES)
def change_retention(visit: Here, form: Form, enterprise: Bundle) -> Response:
    tenant = enterprise.tenants.get(visit.actor.tenant_id)
    fields = tuple(replace(each, error=_wrong(each)) for each in fields_of(tenant, form))
    if any(each.error for each in fields):
        return retention_page(visit, tenant, fields, problem(fields))
    low, high, critical = (int(form.text(name)) / 100 for name in CUTS)
    try:
        enterprise.change_settings(
            visit.actor,
            version=form.version,
            name=form.text("name"),
            retention_days={kept: int(form.text(f"days_{kept}")) for kept in Kept},
            cut_offs=(low, high, critical),
        )
    except InvalidCutOffs as error:
        words = "Low must be below 80, high above 80, and critical above high."
        fields = tuple(replace(each, error=words) if each.name == CUTS[0] else each for each in fields)
        return retention_page(visit, tenant, fields, problem(fields), status=status_of(error))
    except DomainError as error:
        return retention_page(visit, tenant, fields, told(error), status=status_of(error))
    return visit.go(visit.url("settings", "retention"), "The settings are stored.")


def wrong_name(name: str) -> str:
    """Of a tenant. Empty: nothing."""
    if len(name) > LONGEST_NAME or not can_be_shown(single_blanks(name)):
        return f"Type one line of {LONGEST_NAME} characters at most. Each can be seen."
    return "" if name else "A tenant has a name."


def _wrong(field: Field) -> str:
    """Empty: nothing."""
    if field.name == "name":
        return wrong_name(field.value)
    lowest, highest, text = int(field.lowest), int(field.highest), field.value
    if text.isascii() and text.isdigit() and len(text) < 10 and lowest <= int(text) <= highest:
        return ""
    return f"Type a whole number from {lowest} to {highest:,}."


@router.post("/exports", dependencies=WRITES)
def export(visit: Here, enterprise: Bundle) -> Response:
    job_id = enterprise.start_export(visit.actor)
    return visit.go(visit.url("jobs", shown("job", job_id)), "The export is being made; its job links to it.")


@router.get("/exports/{export}", dependencies=WRITES)
def download(export: str, visit: Here, enterprise: Bundle) -> Response:
    found, tenant_id = parsed("exp", export), visit.actor.tenant_id
    if found is None:
        raise NoSuchExport("There is no export with that id.", fix="Its job links to it.")
    view = enterprise.tenants.export(tenant_id, found)
    path = enterprise.files.path(tenant_id, FileKind.EXPORTS, file_name(view.id))
    if not path.exists():
        raise NoSuchExport("Its file has expired.", fix="Make a new export.")
    return FileResponse(path, media_type="application/zip", filename=f"{shown('exp', view.id)}.zip")


def usage_table(visit: Visit, usage: list[UsageView]) -> Table:
    return Table(
        id="usage",
        caption="Quotas of the plan and what is used of them",
        columns=(
            Column("Quota"),
            Column("Used", numeric=True),
            Column("Limit", numeric=True),
            Column("Share"),
            Column("Starts anew"),
        ),
        rows=tuple(usage_row(visit, each) for each in usage),
    )


def usage_row(visit: Visit, usage: UsageView) -> Row:
    limit, name = usage.limit, QUOTAS[usage.quota]
    share = min(usage.used / limit, 1.0) if limit else 0.0
    cells = (
        Text(name),
        Number(f"{usage.used:,}"),
        Number("unlimited" if limit is None else f"{limit:,}"),
        Text("-") if limit is None else Share(f"{100 * share:.0f} %", share, f"{name}: used of the limit"),
        visit.moment(usage.reset) if usage.reset else Text("when given back"),
    )
    return Row(usage.quota, cells)


def retention_page(
    visit: Visit,
    tenant: TenantView,
    fields: tuple[Field, ...],
    wrong: Notice | None = None,
    *,
    status: int = 422,
) -> Response:
    page = RetentionPage(
        tabs=settings_tabs(visit),
        problem=wrong,
        fields=fields,
        action=visit.url("settings", "retention"),
        export_action=visit.url("settings", "exports"),
        version=tenant.version,
    )
    return visit.page("enterprise/retention.html", page, title="Retention", status=status if wrong else 200)


def fields_of(tenant: TenantView, form: Posted | None = None) -> tuple[Field, ...]:
    def value(name: str, stored: str) -> str:
        return form.text(name) if form else stored

    fields = [Field(name="name", label="Name of the tenant", value=value("name", tenant.name), required=True)]
    for kept, (label, hint) in KEPT.items():
        fields.append(
            Field(
                name=f"days_{kept}",
                label=f"{label}: days",
                hint=hint,
                kind="number",
                value=value(f"days_{kept}", number_text(tenant.retention_days[kept])),
                lowest=str(least_days(kept)),
                highest=str(MOST_DAYS),
            )
        )
    low, _, high, critical = tenant.cut_offs
    for name, stored in zip(CUTS, (low, high, critical), strict=True):
        hint = "Scores of flagged rows begin at 80 always." if name == "low" else ""
        fields.append(
            Field(
                name=name,
                label=f"Severity {name} from score",
                hint=hint,
                kind="number",
                value=value(name, f"{stored * 100:g}"),
                lowest="1",
                highest="99",
            )
        )
    return tuple(fields)
