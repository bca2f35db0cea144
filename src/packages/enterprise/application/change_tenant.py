from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.application.quota import Quota
from core.domain.actor import Actor
from core.domain.ids import TenantId
from enterprise.application.ports import TenantUnitOfWork
from enterprise.domain.plan import Plan
from enterprise.domain.tenant import Kept, Tenant

Uow = Callable[[Actor], TenantUnitOfWork]


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What an operator decides about a tenant. Quotas that are not named stay; None makes one unlimited."""

    uow: Uow

    def __call__(
        self,
        actor: Actor,
        tenant_id: TenantId,
        *,
        version: int | None = None,
        name: str | None = None,
        plan: Plan | None = None,
        quotas: Mapping[Quota, int | None] | None = None,
    ) -> None:
        """Raises NoSuchTenant, Stale, TenantIsClosed, NotForThePlatform, InvalidName."""
        with self.uow(actor.within(tenant_id)) as uow:
            tenant = uow.tenant()
            tenant.check_version(version)
            before = _facts(tenant)
            tenant.override(quotas or {})
            tenant.plan = plan or tenant.plan
            if name:
                tenant.rename(name)
            uow.audit("tenant.changed", tenant_id, before=before, after=_facts(tenant))
            uow.commit()


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """What a tenant decides about itself."""

    uow: Uow

    def __call__(
        self,
        actor: Actor,
        *,
        version: int | None = None,
        name: str | None = None,
        retention_days: Mapping[Kept, int] | None = None,
        cut_offs: tuple[float, float, float] | None = None,
    ) -> None:
        """Raises Stale, InvalidName, InvalidRetention, InvalidCutOffs."""
        with self.uow(actor) as uow:
            tenant = uow.tenant()
            tenant.check_version(version)
            before = _facts(tenant)
            if name:
                tenant.rename(name)
            tenant.keep_for(retention_days or {})
            if cut_offs is not None:
                tenant.cut_severity_at(*cut_offs)
            uow.audit("tenant.changed", tenant.id, before=before, after=_facts(tenant))
            uow.commit()


@dataclass(frozen=True, slots=True)
class SuspendTenant:
    """Its people and keys are refused from the next request on, within a second."""

    uow: Uow

    def __call__(self, actor: Actor, tenant_id: TenantId) -> None:
        """Raises NoSuchTenant, TenantIsClosed, NotForThePlatform."""
        with self.uow(actor.within(tenant_id)) as uow:
            uow.tenant().suspend()
            uow.audit("tenant.suspended", tenant_id)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ResumeTenant:
    uow: Uow

    def __call__(self, actor: Actor, tenant_id: TenantId) -> None:
        """Raises NoSuchTenant, TenantIsClosed, NotForThePlatform."""
        with self.uow(actor.within(tenant_id)) as uow:
            uow.tenant().resume()
            uow.audit("tenant.resumed", tenant_id)
            uow.commit()


def _facts(tenant: Tenant) -> dict[str, object]:
    return {
        "name": tenant.name,
        "plan": tenant.plan,
        "quotas": dict(tenant.quotas),
        "retention_days": dict(tenant.retention_days),
        "cut_offs": list(tenant.cut_offs),
    }
