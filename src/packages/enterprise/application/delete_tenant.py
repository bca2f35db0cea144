from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from core.application.audit import AuditEntry, AuditLog
from core.application.files import TenantFiles
from core.application.jobs import JobControl
from core.domain.actor import Actor
from core.domain.errors import InvalidOption
from core.domain.ids import PLATFORM, JobId, TenantId
from enterprise.application.ports import Archive, TenantQueries, TenantUnitOfWork
from enterprise.domain.audit_chain import Head
from enterprise.domain.tenant import NoSuchTenant

DELETE = "tenant.delete"


class NotConfirmed(InvalidOption):
    title = "The deletion is not confirmed"


class Pause(Protocol):
    """Long enough for every server to have noticed that a tenant is closed."""

    def __call__(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CloseTenant:
    """The tenant's people and keys are refused from now on, and a job of the platform deletes what it owns."""

    uow: Callable[[Actor], TenantUnitOfWork]
    tenants: TenantQueries

    def __call__(self, actor: Actor, tenant_id: TenantId, *, confirm: str) -> JobId:
        """``confirm`` is the slug. Raises NoSuchTenant, NotConfirmed, NotForThePlatform."""
        slug = self.tenants.get(tenant_id).slug
        check_confirmed(slug, confirm)
        close(self.uow, actor, tenant_id)
        with self.uow(actor.within(PLATFORM)) as uow:
            job_id = uow.enqueue(DELETE, {"tenant_id": str(tenant_id)}, subject_id=tenant_id)
            uow.audit("tenant.closed", tenant_id, after={"slug": slug})
            uow.commit()
        return job_id


@dataclass(frozen=True, slots=True)
class DeleteTenant:
    """Rows, files and keys are gone afterwards; the platform's chain says so. Again: nothing is left to do."""

    uow: Callable[[Actor], TenantUnitOfWork]
    tenants: TenantQueries
    archive: Archive
    files: TenantFiles
    audit_log: AuditLog
    pause: Pause

    def __call__(self, actor: Actor, tenant_id: TenantId, *, confirm: str) -> Mapping[str, int]:
        """Rows deleted per table. ``confirm`` is the slug. Raises NoSuchTenant, NotConfirmed, NotForThePlatform."""
        tenant = self.tenants.get(tenant_id)
        check_confirmed(tenant.slug, confirm)
        close(self.uow, actor, tenant_id)
        self.pause()

        def record(session: Any, head: Head | None, rows: Mapping[str, int]) -> None:
            last = {"number": head.number, "hash": head.hash} if head else None
            facts = {"slug": tenant.slug, "last_audit_entry": last, "rows": sum(rows.values())}
            entry = AuditEntry("tenant.deleted", tenant_id, after=facts)
            self.audit_log.append(session, actor.within(PLATFORM), [entry])

        rows = self.archive.remove(tenant, record)
        self.files.delete_tenant(tenant_id)
        return rows

    def carry_out(self, actor: Actor, payload: Mapping[str, Any], control: JobControl) -> None:
        """The job of the platform that ``CloseTenant`` asked for."""
        tenant_id = TenantId(UUID(payload["tenant_id"]))
        control.progress(0.0, "Deleting")
        try:
            slug = self.tenants.get(tenant_id).slug
        except NoSuchTenant:  # an attempt before this one deleted the rows
            self.files.delete_tenant(tenant_id)
            return
        # The claim is on a job of the platform: within the tenant it would count as lost.
        self(replace(actor, claim=None), tenant_id, confirm=slug)


def check_confirmed(slug: str, confirm: str) -> None:
    """Raises NotConfirmed."""
    if confirm != slug:
        raise NotConfirmed("It names another tenant.", fix="Confirm with the tenant's slug.")


def close(uow_of: Callable[[Actor], TenantUnitOfWork], actor: Actor, tenant_id: TenantId) -> None:
    with uow_of(actor.within(tenant_id)) as uow:
        uow.tenant().close()
        uow.audit("tenant.closed", tenant_id)
        uow.commit()
