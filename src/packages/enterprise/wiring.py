from collections.abc import Callable
from datetime import datetime
from functools import partial
from time import monotonic, sleep

from core.application.files import TenantFiles
from core.application.quota import QuotaLedger
from core.infrastructure.sql import Storage
from enterprise.api import Enterprise
from enterprise.application.change_tenant import ChangePlan, ChangeSettings, ResumeTenant, SuspendTenant
from enterprise.application.create_tenant import CreateTenant, EnsurePlatform
from enterprise.application.delete_tenant import CloseTenant, DeleteTenant
from enterprise.application.erase_person import ErasePersonFromAudit
from enterprise.application.export_tenant import ExportTenant, StartExport
from enterprise.domain.audit_chain import Seal
from enterprise.infrastructure.archive import SqlArchive
from enterprise.infrastructure.audit_chains import SqlAuditChains
from enterprise.infrastructure.audit_log import EmailOf, NamesOf, SqlAuditLog, nobodys_email, nobodys_names
from enterprise.infrastructure.figures import tenant_figures
from enterprise.infrastructure.quotas import SqlQuotaLedger
from enterprise.infrastructure.retention import EnforceRetention
from enterprise.infrastructure.scored_rows import ScoredRows
from enterprise.infrastructure.security_events import RecordSecurityEvent
from enterprise.infrastructure.tenants import (
    RememberedCutOffs,
    RememberedStates,
    SqlTenants,
    SqlTenantUnitOfWork,
)

NOTICED_S = 1.1  # until no server remembers a token or a state from before


def audit_log(key: str, clock: Callable[[], datetime], *, email_of: EmailOf = nobodys_email) -> SqlAuditLog:
    """``key`` seals the chains: it must not be in the database."""
    return SqlAuditLog(Seal(key.encode()), clock, email_of)


def quota_ledger(clock: Callable[[], datetime]) -> QuotaLedger:
    return SqlQuotaLedger(clock)


def build_service(
    storage: Storage,
    files: TenantFiles,
    audit_key: str,
    *,
    email_of: EmailOf = nobodys_email,
    names_of: NamesOf = nobodys_names,
    pause_s: float = NOTICED_S,
    seconds: Callable[[], float] = monotonic,
) -> Enterprise:
    """``pause_s`` lets all servers notice that a tenant is closed before its rows go; ``seconds`` ages what is
    remembered."""
    database, clock = storage.database, storage.clock
    uow = partial(SqlTenantUnitOfWork, storage)
    seal, ledger = Seal(audit_key.encode()), SqlQuotaLedger(clock)
    chains, archive, tenants = (
        SqlAuditChains(database, seal, names_of),
        SqlArchive(database, files),
        SqlTenants(database, ledger),
    )
    return Enterprise(
        tenants=tenants,
        states=RememberedStates(database, seconds),
        cut_offs=RememberedCutOffs(database, seconds),
        audit=chains,
        files=files,
        archive=archive,
        ensure_platform=EnsurePlatform(uow, tenants, clock),
        create_tenant=CreateTenant(uow, tenants, clock),
        change_plan=ChangePlan(uow),
        change_settings=ChangeSettings(uow),
        suspend=SuspendTenant(uow),
        resume=ResumeTenant(uow),
        close=CloseTenant(uow, tenants),
        delete=DeleteTenant(uow, tenants, archive, files, storage.audit_log, partial(sleep, pause_s)),
        start_export=StartExport(uow),
        export=ExportTenant(uow, archive, files, clock),
        erase_person=ErasePersonFromAudit(uow),
        record_security_event=RecordSecurityEvent(
            database, audit_log(audit_key, clock, email_of=email_of), seconds
        ),
        count_scored_rows=ScoredRows(database, ledger, seconds),
        enforce_retention=EnforceRetention(database, chains, files),
        audit_heads=chains,
        figures=partial(tenant_figures, database),
    )
