"""Tenants, their plans and usage, their audit chains; export and deletion of all that is theirs."""

from collections.abc import Callable
from dataclasses import dataclass

from core.application.files import TenantFiles
from enterprise.application.change_tenant import ChangePlan, ChangeSettings, ResumeTenant, SuspendTenant
from enterprise.application.create_tenant import AdminInvitation as AdminInvitation
from enterprise.application.create_tenant import CreateTenant, EnsurePlatform
from enterprise.application.delete_tenant import CloseTenant, DeleteTenant
from enterprise.application.erase_person import ErasePersonFromAudit
from enterprise.application.export_tenant import ExportTenant, StartExport
from enterprise.application.ports import Archive, AuditQueries
from enterprise.application.ports import TenantCutOffs as TenantCutOffs
from enterprise.application.ports import TenantQueries as TenantQueries
from enterprise.application.ports import TenantStates as TenantStates
from enterprise.application.ports import TenantView as TenantView
from enterprise.application.ports import UsageView as UsageView
from enterprise.application.upkeep import AuditHeads, CountScoredRows, Retention, TenantFigures
from enterprise.application.upkeep import SecurityEvents as SecurityEvents
from enterprise.domain.plan import Plan as Plan
from enterprise.domain.tenant import PLATFORM_SLUG as PLATFORM_SLUG
from enterprise.domain.tenant import NoSuchTenant as NoSuchTenant
from enterprise.domain.tenant import TenantState as TenantState
from enterprise.domain.tenant import TenantSuspended as TenantSuspended


@dataclass(frozen=True, slots=True, kw_only=True)
class Enterprise:
    tenants: TenantQueries
    states: TenantStates
    cut_offs: TenantCutOffs
    audit: AuditQueries
    files: TenantFiles
    archive: Archive
    ensure_platform: EnsurePlatform
    create_tenant: CreateTenant
    change_plan: ChangePlan
    change_settings: ChangeSettings
    suspend: SuspendTenant
    resume: ResumeTenant
    close: CloseTenant
    delete: DeleteTenant
    start_export: StartExport
    export: ExportTenant
    erase_person: ErasePersonFromAudit
    record_security_event: SecurityEvents
    count_scored_rows: CountScoredRows
    enforce_retention: Retention
    audit_heads: AuditHeads
    figures: Callable[[], TenantFigures]


@dataclass(frozen=True, slots=True)
class TenantDesk:
    """What the commands of the machine's console work on; without ``invite_admin`` nobody can be invited."""

    enterprise: Enterprise
    invite_admin: AdminInvitation | None = None
